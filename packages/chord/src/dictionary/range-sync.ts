// Two nodes make the same of a range: only what differs travels. The one who begins does the work. [CHORD-233]
import type { NodeId } from "@p2p/wire";
import type { PositionRange } from "../ring-access.js";
import {
  compareItems,
  fingerprintBytes,
  itemBytes,
  mixInto,
  partCount,
  partOf,
  shortIdBytes,
  shortIdOf,
  shortIdOfKey,
} from "../store/fingerprints.js";
import type { DictionaryRecord } from "../store/record.js";
import type { Entry, RecordStore } from "../store/record-store.js";
import { maxItems } from "./answers.js";
import type { Asker } from "./asker.js";
import type { Holder } from "./holder.js";
import { type Copy, maxCopies } from "./questions.js";
import { itemsIn, maxBatchBytes } from "./range-answers.js";

/** What to do about the parts that differ. */
export interface RangePlan {
  /** Short ids of what the other has, and this node lacks or has older. */
  readonly wanted: readonly Uint8Array[];
  /** What this node has, and the other lacks or has older. */
  readonly offered: readonly Entry[];
}

/** Rounds of one comparison, at most: each moves what one answer tells. */
const maxRounds = 64;

function fingerprintsOf(store: RecordStore, range: PositionRange): Uint8Array {
  const fingerprints = new Uint8Array(partCount * fingerprintBytes);
  for (const { part, item } of itemsIn(store, range)) mixInto(fingerprints, part, item);
  return fingerprints;
}

/** @param parts those that the other told of @param theirs its items there */
function planRange(store: RecordStore, range: PositionRange, parts: readonly number[], theirs: Uint8Array): RangePlan {
  const mine = new Map<string, { readonly item: Uint8Array; readonly entry: Entry }>();
  for (const { part, item, entry } of itemsIn(store, range))
    if (parts.includes(part)) mine.set(shortIdOf(item), { item, entry });
  const wanted: Uint8Array[] = [];
  const offered: Entry[] = [];
  for (let at = 0; at < theirs.length; at += itemBytes) {
    const item = theirs.subarray(at, at + itemBytes);
    const own = mine.get(shortIdOf(item));
    mine.delete(shortIdOf(item));
    const order = own === undefined ? -1 : compareItems(own.item, item);
    if (order === 0) continue;
    if (order === undefined || order < 0) wanted.push(item.subarray(0, shortIdBytes));
    if (own !== undefined && (order === undefined || order > 0)) offered.push(own.entry);
  }
  offered.push(...[...mine.values()].map(({ entry }) => entry));
  return { wanted, offered };
}

export interface RangeSyncParts {
  readonly store: RecordStore;
  readonly asker: Pick<Asker, "ask">;
  readonly holder: Pick<Holder, "takeCopies">;
}

/**
 * Compares a range with another node until both have the same, or each has told the other all that differs.
 *
 * @returns false when the other did not answer, or not sensibly
 */
export async function syncRange(parts: RangeSyncParts, node: NodeId, range: PositionRange): Promise<boolean> {
  const { store, asker } = parts;
  // Each record travels once each way, whether or not it was taken.
  const [fetched, sent] = [new Set<string>(), new Set<Entry["record"]>()];
  try {
    for (let round = 0; round < maxRounds; round += 1) {
      const answer = await asker.ask(node, { kind: "compare", range, fingerprints: fingerprintsOf(store, range) });
      if (answer.kind !== "differs") return false;
      const plan = planRange(store, range, answer.parts, answer.items);
      const wanted = plan.wanted.filter((id) => !fetched.has(shortIdOf(id)));
      const offered = plan.offered.filter(({ record }) => !sent.has(record));
      if (wanted.length === 0 && offered.length === 0) return true;
      for (const id of wanted) fetched.add(shortIdOf(id));
      for (const { record } of offered) sent.add(record);
      await fetchRecords(parts, node, range, wanted);
      await sendCopies(
        asker,
        node,
        offered.map(({ record }) => record),
      );
      if (!answer.isCut) return true;
    }
    return true;
  } catch {
    return false;
  }
}

/**
 * Gets all that another node has of a range, as it is when this begins. What goes on there meanwhile is left to a comparison, as is
 * what the other lacks: under load the two are never the same.
 *
 * @returns whether this node has all of it; undefined when the other did not answer, or not sensibly
 */
export async function fetchRange(
  parts: RangeSyncParts,
  node: NodeId,
  range: PositionRange,
): Promise<boolean | undefined> {
  const { store, asker } = parts;
  let isHeld = true;
  let rest = range;
  try {
    for (let round = 0; round < maxRounds; round += 1) {
      const fingerprints = fingerprintsOf(store, rest);
      const answer = await asker.ask(node, { kind: "compare", range: rest, fingerprints });
      if (answer.kind !== "differs") return undefined;
      const { wanted } = planRange(store, rest, answer.parts, answer.items);
      isHeld = (await fetchRecords(parts, node, rest, wanted)) && isHeld;
      if (!answer.isCut) return isHeld;
      // Of a part that is too long for one answer nobody knows the rest.
      if (answer.parts.length === 1 && answer.items.length === maxItems * itemBytes) return false;
      // What follows those that were told had no room.
      const after = lastUpTo(store, rest, Math.max(...answer.parts));
      if (after === undefined) return false;
      rest = { after, upTo: range.upTo };
    }
    return false;
  } catch {
    return undefined;
  }
}

/** The last position here that is in the part or before it. */
function lastUpTo(store: RecordStore, range: PositionRange, part: number): Uint8Array | undefined {
  let last: Uint8Array | undefined;
  for (const { position } of store.inRange(range)) if (partOf(range, position) <= part) last = position;
  return last;
}

/** @returns whether this node has all of it, but for what the other has no more */
async function fetchRecords(
  parts: RangeSyncParts,
  node: NodeId,
  range: PositionRange,
  ids: readonly Uint8Array[],
): Promise<boolean> {
  let left = ids;
  let isComplete = true;
  while (left.length > 0) {
    const asked = left.slice(0, maxCopies);
    const bytes = new Uint8Array(asked.length * shortIdBytes);
    for (const [at, id] of asked.entries()) bytes.set(id, at * shortIdBytes);
    const answer = await parts.asker.ask(node, { kind: "fetch", range, ids: bytes });
    if (answer.kind !== "records") return false;
    const isHeld = await parts.holder.takeCopies(node, answer.copies);
    isComplete &&= isHeld.every((each) => each);
    const got = new Set(answer.copies.map(({ key }) => shortIdOf(shortIdOfKey(key))));
    const missed = asked.filter((id) => !got.has(shortIdOf(id)));
    // What does not come is gone there.
    left = [...(got.size > 0 ? missed : []), ...left.slice(maxCopies)];
  }
  return isComplete;
}

/** Sends records as copies, in messages of bounded size. @returns for each whether the other has it, or something newer */
export async function sendCopies(
  asker: RangeSyncParts["asker"],
  node: NodeId,
  records: readonly DictionaryRecord[],
): Promise<boolean[]> {
  const isHeld: boolean[] = [];
  let batch: Copy[] = [];
  let bytes = 0;
  const flush = async (): Promise<void> => {
    if (batch.length === 0) return;
    const answer = await asker.ask(node, { kind: "copies", copies: batch });
    for (const at of batch.keys()) isHeld.push(answer.kind === "copied" && answer.isHeld[at] === true);
    [batch, bytes] = [[], 0];
  };
  for (const { key, write } of records) {
    if (write === undefined) {
      await flush();
      isHeld.push(true);
      continue;
    }
    const size = key.length + (write.value?.length ?? 0) + 400;
    if (batch.length === maxCopies || bytes + size > maxBatchBytes) await flush();
    batch.push({ key, write });
    bytes += size;
  }
  await flush();
  return isHeld;
}
