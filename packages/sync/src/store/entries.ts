// The entries of a store: their keys, and what describes it.
import { decodeEntry, encodeEntry } from "@p2p/base";
import { type NodeId, nodeIdFromBytes, nodeIdToBytes } from "@p2p/wire";

/** The version of the form of entries: a store with a higher one is not touched. */
export const schema = 1;

/** What a store knows besides records: the one entry of its kind. */
export interface Meta {
  readonly schema: number;
  /** Whose store it is. */
  readonly id: NodeId;
  /** The network's id, 32 bytes. */
  readonly network: Uint8Array;
  /** Whether its records have leases. */
  readonly hasLeases: boolean;
  /** No stamp above it was given before the last crash, in µs. */
  readonly reservedUs: number;
}

/** The first byte of a key tells the kind. */
const kinds = { meta: 0x6d, origin: 0x6f, record: 0x72 } as const;

const utf8 = new TextEncoder();
const fromUtf8 = new TextDecoder("utf-8", { fatal: true });

export const metaKey: Uint8Array = Uint8Array.of(kinds.meta);

export function recordKey(key: string): Uint8Array {
  return withKind(kinds.record, utf8.encode(key));
}

/** @throws TypeError for what is no UTF-8 */
export function keyOfRecord(stored: Uint8Array): string {
  return fromUtf8.decode(stored.subarray(1));
}

export function originKey(origin: NodeId): Uint8Array {
  return withKind(kinds.origin, nodeIdToBytes(origin));
}

/** @throws WireError for what is no id */
export function originOfKey(stored: Uint8Array): NodeId {
  return nodeIdFromBytes(stored.subarray(1));
}

/** The keys of one kind, from `gte` to before `lt`. */
export function rangeOf(kind: "origin" | "record"): { readonly gte: Uint8Array; readonly lt: Uint8Array } {
  return { gte: Uint8Array.of(kinds[kind]), lt: Uint8Array.of(kinds[kind] + 1) };
}

export function encodeMeta({ id, network, hasLeases, reservedUs }: Omit<Meta, "schema">): Uint8Array {
  return encodeEntry(metaKey, [schema, nodeIdToBytes(id), network, hasLeases, reservedUs]);
}

/** Of a later schema, the number alone counts. @throws WireError, RangeError for a damaged entry */
export function decodeMeta(entry: Uint8Array): Meta | { readonly schema: number } {
  const items = decodeEntry(metaKey, entry);
  if (!Array.isArray(items)) throw new RangeError("the entry is no list");
  const [version, id, network, hasLeases, reservedUs] = items;
  if (typeof version !== "number") throw new RangeError("the entry has no version");
  if (version > schema) return { schema: version };
  const hasIds = id instanceof Uint8Array && network instanceof Uint8Array;
  if (!hasIds || typeof hasLeases !== "boolean" || typeof reservedUs !== "number") {
    throw new RangeError("an item of the entry has a wrong type");
  }
  return { schema: version, id: nodeIdFromBytes(id), network: new Uint8Array(network), hasLeases, reservedUs };
}

function withKind(kind: number, rest: Uint8Array): Uint8Array {
  const key = new Uint8Array(1 + rest.length);
  key[0] = kind;
  key.set(rest, 1);
  return key;
}
