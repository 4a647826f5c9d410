// Short notices about leases and clocks, to the node concerned. [SYNC-049] [SYNC-014]
import { flags, type NodeId, nodeIdToBytes, type WireValue } from "@p2p/wire";
import { decodeFullRecord, encodeFullRecord, type FullRecord, OriginList } from "./full-record.js";
import { bad, type Items, readId, readTime } from "./read.js";

const { subtypes } = flags;

/** Shows the receiver a record of a key whose lease it has, or which it claimed in vain. */
export function encodeContender([key, record]: FullRecord): WireValue[] {
  const origins = new OriginList();
  const encoded = encodeFullRecord(key, record, origins);
  return [subtypes.contender, origins.toBytes(), encoded];
}

/** @throws SyncError `bad-message` */
export function decodeContender(items: Items): FullRecord {
  const decoded = decodeFullRecord(items[2], OriginList.read(items[1]), true);
  if (decoded[1].proof !== undefined) throw bad("a contender", "of a key that can be leased");
  return decoded;
}

/** A stamp that is too far in the future for the sender. */
export interface ClockAhead {
  readonly origin: NodeId;
  readonly stampUs: number;
  /** The sender's physical time. */
  readonly nowUs: number;
}

export function encodeClockAhead({ origin, stampUs, nowUs }: ClockAhead): WireValue[] {
  return [subtypes.clockAhead, nodeIdToBytes(origin), stampUs, nowUs];
}

export function decodeClockAhead(items: Items): ClockAhead {
  return {
    origin: readId(items[1], "an origin"),
    stampUs: readTime(items[2], "a stamp"),
    nowUs: readTime(items[3], "the time of the sender"),
  };
}
