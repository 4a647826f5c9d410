// All keys of the ring, node by node, without flooding: the reader asks for the next page when it wants more. [CHORD-217]
import { orAborted } from "@p2p/base";
import { nodeIdToBytes } from "@p2p/wire";
import { ChordError } from "../errors.js";
import { comparePositions, isOnArc, positionBytes } from "../ring/arc.js";
import type { WalkedKey } from "./answers.js";
import type { Asker } from "./asker.js";

/** The last position: the walk begins after it, at 0, and ends with it. */
const lastPosition = new Uint8Array(positionBytes).fill(0xff);

/** Nodes that are asked about one range: its owner, then those that have copies. */
const maxCandidates = 4;

/**
 * Keys in the order of their first positions, each once. What is written or deleted meanwhile may be missed; so is a key whose
 * first position has lost all its holders, until it is looked after.
 *
 * @throws ChordError `no-majority` when nobody answers for a part of the ring, or the signal's reason
 */
export async function* walk(
  asker: Asker,
  hasValues: boolean,
  signal?: AbortSignal,
): AsyncGenerator<WalkedKey, void, undefined> {
  let after: Uint8Array = lastPosition;
  do {
    signal?.throwIfAborted();
    const page = await orAborted(nextPage(asker, after, hasValues), signal);
    for (const each of page.keys) {
      yield each;
      signal?.throwIfAborted();
    }
    after = page.upTo;
  } while (comparePositions(after, lastPosition) !== 0);
}

interface Page {
  readonly keys: readonly WalkedKey[];
  /** Everything up to here was told. */
  readonly upTo: Uint8Array;
}

async function nextPage(asker: Asker, after: Uint8Array, hasValues: boolean): Promise<Page> {
  const nodes = await asker.lookup(positionAfter(after), maxCandidates - 1);
  const [owner] = nodes;
  if (owner !== undefined) {
    const place = nodeIdToBytes(owner);
    // The owner of what is left up to the last position stands behind it.
    const isLast = comparePositions(after, lastPosition) !== 0 && comparePositions(place, after) <= 0;
    const upTo = isLast ? lastPosition : place;
    for (const node of nodes.slice(0, maxCandidates)) {
      try {
        const answer = await asker.ask(node, { kind: "walk", range: { after, upTo }, hasValues });
        if (answer.kind !== "keys") continue;
        const { keys, next: end = upTo } = answer;
        // Who does not go on, or goes elsewhere, would keep the walk for ever.
        if (isOnArc(after, end, upTo) && !(keys.length === 0 && end !== upTo)) return { keys, upTo: end };
      } catch {
        // The next one has copies.
      }
    }
  }
  throw new ChordError("no-majority", "nobody answers for a part of the ring: the walk cannot go on");
}

/** The position after this one. */
function positionAfter(position: Uint8Array): Uint8Array {
  const after = position.slice();
  for (let at = positionBytes - 1; at >= 0; at -= 1) {
    const byte = ((after[at] as number) + 1) & 0xff;
    after[at] = byte;
    if (byte !== 0) break;
  }
  return after;
}
