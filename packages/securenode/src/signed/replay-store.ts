// What of the replay windows outlives a restart, in any database of `abstract-level` [SEC-078] [SEC-079].
import { asBytes, decodeEntry, encodeEntry, type Level, type LevelOperation, readAll, writeAll } from "@p2p/base";
import { isUnsigned, type NodeId, nodeIdFromBytes, nodeIdToBytes, type WireValue } from "@p2p/wire";
import { SecureError } from "../errors.js";
import type { ReplayWindows } from "./replay-windows.js";

/** Keys: one for the run, and 1 and an id for each sender. */
const runKey = Uint8Array.of(0);
const firstSender = Uint8Array.of(1);
const afterSenders = Uint8Array.of(2);

/** Of the node itself. */
export interface OwnRun {
  /** No sequence number from here on was used. */
  readonly nextSequence: number;
  /** See {@link ReplayWindows.floorUs}. */
  readonly floorUs: number;
}

/** Fills the windows with what was stored. @returns undefined for an empty store @throws SecureError `bad-snapshot` */
export async function readReplayStore(level: Level, windows: ReplayWindows): Promise<OwnRun | undefined> {
  await level.open();
  for await (const [key, entry] of readAll(level, { gte: firstSender, lt: afterSenders })) {
    const [highest, timeUs] = readPair(key, entry);
    if (key.length !== 49) throw damaged();
    windows.restore({ sender: nodeIdFromBytes(key.subarray(1)), highest, timeUs });
  }
  const run = await level.get(runKey, asBytes);
  if (run === undefined) return undefined;
  const [nextSequence, floorUs] = readPair(runKey, run);
  windows.restoreFloor(floorUs);
  return { nextSequence, floorUs };
}

/** Writes what changed since the last time, and the node's own record. Rejects when the database does. */
export async function writeReplayStore(level: Level, windows: ReplayWindows, nextSequence: number): Promise<void> {
  const changes = windows.takeChanges();
  const operations = changes.map(([sender, heard]): LevelOperation => {
    const key = senderKey(sender);
    if (heard === undefined) return { type: "del", key };
    return { type: "put", key, value: encodeEntry(key, [heard.highest, heard.timeUs]) };
  });
  operations.push({ type: "put", key: runKey, value: encodeEntry(runKey, [nextSequence, windows.floorUs]) });
  try {
    await writeAll(level, operations, false);
  } catch (error) {
    windows.returnChanges(changes.map(([sender]) => sender));
    throw error;
  }
}

function senderKey(sender: NodeId): Uint8Array {
  const key = new Uint8Array(49);
  key.set(firstSender);
  key.set(nodeIdToBytes(sender), 1);
  return key;
}

function readPair(key: Uint8Array, entry: Uint8Array): readonly [number, number] {
  let value: WireValue;
  try {
    value = decodeEntry(key, entry);
  } catch (cause) {
    throw damaged(cause);
  }
  const [first, second]: readonly (WireValue | undefined)[] = Array.isArray(value) ? value : [];
  if (!isUnsigned(first) || !isUnsigned(second)) throw damaged();
  return [first, second];
}

function damaged(cause?: unknown): SecureError {
  const text =
    "the store of replay windows is damaged; with an empty one, messages of the last half hour may come again";
  return new SecureError("bad-snapshot", text, cause === undefined ? {} : { cause });
}
