// Writes and versions as items of messages and of stored entries: one encode and decode pair each. [CHORD-240] [CHORD-241]
import { maxProofBytes } from "@p2p/base";
import { type NodeIdCache, nodeIdToBytes, type WireValue } from "@p2p/wire";
import { ChordError } from "../errors.js";
import { type HolderGroup, type Holders, maxHolders } from "./holders.js";
import { isLineage } from "./lineage.js";
import { noLineage, ownedWrite, type Write } from "./record.js";
import type { Version } from "./version.js";

/** Sizes of what is stored, in bytes. */
export interface ValueLimits {
  readonly maxKeyBytes: number;
  /** Of the encoded value. */
  readonly maxValueBytes: number;
}

/** The version as two items. */
export function encodeVersion({ timeUs, origin }: Version): WireValue[] {
  return [timeUs, nodeIdToBytes(origin)];
}

/** @param at index of the first of the two items */
export function decodeVersion(items: readonly WireValue[], at: number, names: NodeIdCache): Version {
  return { timeUs: decodeTime(items[at]), origin: decodeId(items[at + 1], names) };
}

/** A time, or the sequence of an owned write. */
export function decodeTime(value: WireValue | undefined): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 1) return value;
  throw bad("a time", "µs since 1970");
}

export function encodeWrite(write: Write): WireValue[] {
  const items = [...encodeVersion(write.version), write.value ?? null];
  if (write.proof !== undefined) return [...items, null, write.proof];
  if (write.holders === undefined) return items;
  items.push(
    write.holders.map(({ members, needed }) => [needed, ...members.map(nodeIdToBytes)]),
    write.lineage,
  );
  return items;
}

export function decodeWrite(items: WireValue | undefined, limits: ValueLimits, names: NodeIdCache): Write {
  if (!isList(items)) throw bad("a write", "a list");
  const version = decodeVersion(items, 0, names);
  const [, , value = null, groups, last] = items;
  if (value !== null && !(value instanceof Uint8Array)) throw bad("a value", "bytes or nil");
  if (value !== null && value.length > limits.maxValueBytes) {
    throw bad("a value", `of at most ${limits.maxValueBytes} bytes`);
  }
  const stored = value === null ? undefined : value;
  if (groups === undefined) return { version, value: stored, holders: undefined, lineage: noLineage };
  if (groups === null) return ownedWrite(version, stored, decodeProof(last));
  if (!(last instanceof Uint8Array) || !isLineage(last)) throw bad("a lineage", "a row of up to 64 links");
  return { version, value: stored, holders: decodeHolders(groups, names), lineage: last };
}

export function decodeProof(proof: WireValue | undefined): Uint8Array {
  if (!(proof instanceof Uint8Array) || proof.length === 0 || proof.length > maxProofBytes) {
    throw bad("a proof", `1 to ${maxProofBytes} bytes`);
  }
  return proof;
}

export function decodeKey(key: WireValue | undefined, limits: ValueLimits): Uint8Array {
  if (!(key instanceof Uint8Array) || key.length === 0 || key.length > limits.maxKeyBytes) {
    throw bad("a key", `1 to ${limits.maxKeyBytes} bytes`);
  }
  return key;
}

function decodeHolders(groups: WireValue, names: NodeIdCache): Holders {
  if (!isList(groups)) throw bad("the holders", "a list of groups");
  const [first, second, ...more] = groups.map((group) => decodeGroup(group, names));
  if (first === undefined || more.length > 0) throw bad("the holders", "one group or two");
  return second === undefined ? [first] : [first, second];
}

function decodeGroup(group: WireValue, names: NodeIdCache): HolderGroup {
  if (!isList(group)) throw bad("a group of holders", "a list");
  const [needed, ...ids] = group;
  if (ids.length === 0 || ids.length > maxHolders) throw bad("a group of holders", `of 1 to ${maxHolders} nodes`);
  const members = ids.map((id) => decodeId(id, names));
  if (new Set(members).size !== members.length) throw bad("a group of holders", "of distinct nodes");
  // Less than a majority is no quorum: two of them need not meet.
  const isEnough = typeof needed === "number" && Number.isInteger(needed) && needed * 2 > members.length;
  if (!isEnough || needed > members.length) throw bad("the number of holders needed", "a majority");
  return { members, needed };
}

function decodeId(value: WireValue | undefined, names: NodeIdCache): Version["origin"] {
  if (!(value instanceof Uint8Array) || value.length !== 48) throw bad("a node id", "48 bytes");
  return names.toText(value);
}

export function isList(value: WireValue | undefined): value is readonly WireValue[] {
  return Array.isArray(value);
}

/** What a peer sent is wrong: which item, and what it is to be. */
export function bad(what: string, wanted: string): ChordError {
  return new ChordError("bad-message", `${what} in a message of the dictionary is not ${wanted}`);
}
