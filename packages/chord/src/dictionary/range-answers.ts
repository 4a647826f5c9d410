// What a node tells of the records that stand in a range: where they differ from another's, what they are, and their keys.
// [CHORD-233]
import { isOnArc } from "../ring/arc.js";
import type { PositionRange } from "../ring-access.js";
import {
  fingerprintBytes,
  isSamePart,
  itemBytes,
  itemOf,
  mixInto,
  partCount,
  partOf,
  rangeOfShortId,
  shortIdBytes,
  shortIdTable,
} from "../store/fingerprints.js";
import type { Write } from "../store/record.js";
import type { Entry } from "../store/record-store.js";
import { type Answer, maxItems, type WalkedKey } from "./answers.js";
import type { Looks } from "./charges.js";
import { type Copy, maxCopies } from "./questions.js";

/** Bytes of records in one answer or message, at most; one record always fits. */
export const maxBatchBytes = 262_144;

/** What differs from the fingerprints of another node. */
export function differsIn(looks: Looks, range: PositionRange, theirs: Uint8Array): Answer {
  const items: Uint8Array[][] = Array.from({ length: partCount }, () => []);
  const mine = new Uint8Array(partCount * fingerprintBytes);
  for (const { part, item } of itemsIn(looks, range)) {
    mixInto(mine, part, item);
    items[part]?.push(item);
  }
  const parts: number[] = [];
  let [count, isCut] = [0, false];
  for (let part = 0; part < partCount; part += 1) {
    if (isSamePart(mine, theirs, part)) continue;
    const inPart = items[part]?.length ?? 0;
    // A part is told whole; if a single one is too long, as much of it as there is room for.
    isCut = count + inPart > maxItems;
    if (parts.length > 0 && isCut) break;
    parts.push(part);
    count += inPart;
  }
  const told = parts.flatMap((part) => items[part] ?? []).slice(0, maxItems);
  const bytes = new Uint8Array(told.length * itemBytes);
  for (const [at, item] of told.entries()) bytes.set(item, at * itemBytes);
  return { kind: "differs", parts, items: bytes, isCut };
}

/** The records with one of these short ids, as many as a message takes. */
export function recordsIn(looks: Looks, range: PositionRange, ids: Uint8Array): Copy[] {
  const copies = new Map<Entry, Copy>();
  let bytes = 0;
  for (let at = 0; at < ids.length; at += shortIdBytes) {
    for (const { table, item } of looks.inRange(rangeOfShortId(ids.subarray(at, at + shortIdBytes)))) {
      const { write, key } = item.record;
      if (table !== shortIdTable || write === undefined || copies.has(item) || !isAnyOnArc(range, item.positions))
        continue;
      bytes += key.length + (write.value?.length ?? 0) + 400;
      if (copies.size > 0 && bytes > maxBatchBytes) return [...copies.values()];
      copies.set(item, { key, write });
      if (copies.size === maxCopies) return [...copies.values()];
    }
  }
  return [...copies.values()];
}

/** The keys whose first position is in the range, as many as a message takes. */
export function keysIn(looks: Looks, range: PositionRange, hasValues: boolean): Answer {
  const keys: WalkedKey[] = [];
  let bytes = 0;
  let last: Uint8Array | undefined;
  for (const { table, position, item } of looks.inRange(range)) {
    const { key, write } = item.record;
    if (table !== 0 || write?.value === undefined) continue;
    bytes += key.length + (hasValues ? write.value.length : 0);
    if (keys.length === maxCopies || (keys.length > 0 && bytes > maxBatchBytes))
      return { kind: "keys", keys, next: last };
    keys.push(hasValues ? walked(key, write) : { key, value: undefined });
    last = position;
  }
  return { kind: "keys", keys, next: undefined };
}

/** Items of all records with a position in the range, with the part that it falls into. */
export function* itemsIn(
  store: Looks,
  range: PositionRange,
): Generator<{ readonly part: number; readonly item: Uint8Array; readonly entry: Entry }> {
  for (const { position, item } of store.inRange(range)) {
    if (item.record.write !== undefined) yield { part: partOf(range, position), item: itemOf(item), entry: item };
  }
}

/** Whether a position of these is in the range. */
export function isAnyOnArc({ after, upTo }: PositionRange, positions: readonly Uint8Array[]): boolean {
  return positions.some((position) => isOnArc(after, position, upTo));
}

function walked(key: Uint8Array, { version, value, proof }: Write): WalkedKey {
  return proof === undefined ? { key, value } : { key, value, owned: { sequence: version.timeUs, proof } };
}
