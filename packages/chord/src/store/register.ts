// How one node's record of a key takes writes: the acceptor of CASPaxos (Rystsov 2018), which also takes plain writes, as
// long as nobody has used the key atomically. Pure: a record in, a verdict and perhaps another record out.
// [CHORD-203] [CHORD-221] [CHORD-222] [CHORD-223]
import { compareOwnedWrites } from "./owned-write.js";
import type { DictionaryRecord, Write } from "./record.js";
import { compareVersions, newerOf, type Version } from "./version.js";

/** What became of a write or a ballot. */
export type Verdict =
  /** It is stored, or was before: then the record is the very one that was given. */
  | { readonly kind: "taken"; readonly record: DictionaryRecord }
  /** Something newer was stored, or promised: the version tells what. Of an owned key, the write as well. */
  | { readonly kind: "stale"; readonly newest: Version; readonly write?: Write }
  /** The key is used atomically: its holders decide, not who writes last. */
  | { readonly kind: "atomic" };

/** The newest of what the record has stored or promised. */
export function newestOf(record: DictionaryRecord | undefined): Version | undefined {
  return newerOf(record?.write?.version, record?.promised);
}

/** The first half of an atomic operation: from now on nothing older than `ballot` is taken. */
export function promise(record: DictionaryRecord | undefined, key: Uint8Array, ballot: Version): Verdict {
  const newest = newestOf(record);
  if (newest !== undefined && compareVersions(ballot, newest) < 0) return { kind: "stale", newest };
  if (compareVersions(ballot, record?.write?.version) === 0) return { kind: "stale", newest: ballot };
  return { kind: "taken", record: { key, write: record?.write, promised: ballot } };
}

/**
 * A write: a plain one, the second half of an atomic operation, or a copy of either from another node. What is newer wins,
 * but a plain write does not win over an atomic one: whoever holds the key is to agree first.
 */
export function takeWrite(record: DictionaryRecord | undefined, key: Uint8Array, write: Write): Verdict {
  const order = compareVersions(write.version, record?.write?.version);
  if (order === 0 && record !== undefined) return { kind: "taken", record };
  if (write.holders === undefined && record?.write?.holders !== undefined) return { kind: "atomic" };
  const newest = newestOf(record);
  if (newest !== undefined && compareVersions(write.version, newest) < 0) return { kind: "stale", newest };
  return { kind: "taken", record: { key, write, promised: record?.promised } };
}

/** Below 0, 0 or above 0, as of what two nodes have of a key `a` is the older, the same or the newer. */
export function compareWrites(a: Write | undefined, b: Write | undefined): number {
  if (a?.proof !== undefined && b?.proof !== undefined) return compareOwnedWrites(a, b);
  return compareVersions(a?.version, b?.version);
}

/** The newest of the writes that several nodes have. */
export function newestWrite(writes: Iterable<Write | undefined>): Write | undefined {
  let newest: Write | undefined;
  for (const write of writes) if (compareWrites(write, newest) > 0) newest = write;
  return newest;
}
