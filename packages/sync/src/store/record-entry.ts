// A record of the table as it is stored: the origins that it names, and then the form that it has on the wire.
import { type NodeId, NodeIdCache, type WireValue } from "@p2p/wire";
import { decodeFullRecord, encodeFullRecord, OriginList } from "../messages/full-record.js";
import type { TableRecord } from "../record/record.js";

const idBytes = 48;

export function encodeRecordEntry(key: string, record: TableRecord): WireValue {
  const origins = new OriginList();
  const [, ...items] = encodeFullRecord(key, record, origins);
  return [origins.toBytes(), ...items];
}

/** Reads many records: most are of few origins. */
export class RecordEntryDecoder {
  readonly #names = new NodeIdCache();
  readonly #hasLeases: boolean;

  constructor(hasLeases: boolean) {
    this.#hasLeases = hasLeases;
  }

  /** @throws SyncError `bad-message`, RangeError, WireError for a damaged one */
  decode(key: string, value: WireValue): TableRecord {
    if (!Array.isArray(value)) throw new RangeError("the entry is no list");
    const [ids, ...items] = value;
    if (!(ids instanceof Uint8Array) || ids.length % idBytes !== 0) throw new RangeError("the origins are no ids");
    const origins: NodeId[] = [];
    for (let at = 0; at < ids.length; at += idBytes) origins.push(this.#names.toText(ids.subarray(at, at + idBytes)));
    return decodeFullRecord([key, ...items], origins, this.#hasLeases)[1];
  }
}
