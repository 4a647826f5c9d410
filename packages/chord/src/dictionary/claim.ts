// How a new member gets its range: from who was in charge of it, once that one has given it up and takes nothing there any more.
// [CHORD-211] [CHORD-263]
import type { Clock } from "@p2p/base";
import type { NodeId } from "@p2p/wire";
import { isSamePosition } from "../ring/arc.js";
import type { PositionRange, Ring } from "../ring-access.js";
import { fetchRange, type RangeSyncParts } from "./range-sync.js";
import type { Handover } from "./tenure.js";

export interface ClaimParts extends RangeSyncParts {
  readonly ring: Ring;
  readonly clock: Clock;
}

/** Members after this one that are asked: where several join at one place, who was in charge is behind the others. */
const maxGivers = 32;
/** Between two turns, in ms: doubled up to the most. */
const pauseMs = { first: 10, most: 80 } as const;
/** For how long the member after this one may not have heard yet of this one, or of others between, in ms. */
const patienceMs = 200;
/** After so long it does without, in ms. */
const giveUpMs = 4_000;

/** Who had the range of this node, and what it gave up. */
interface Giver {
  readonly node: NodeId;
  readonly given: Handover;
}

/**
 * Gets the range of this node.
 *
 * @param pause resolves after so many ms, or never when this node closes
 * @param isDue whether it is still wanted
 * @returns what was given up to this node, all of which that is known it has now; undefined: nobody could tell
 */
export async function claimRange(
  parts: ClaimParts,
  pause: (ms: number) => Promise<void>,
  isDue: () => boolean,
): Promise<Handover | undefined> {
  const { ring, clock } = parts;
  const beganMs = clock.monotonic();
  for (let ms: number = pauseMs.first; isDue(); ms = Math.min(pauseMs.most, 2 * ms)) {
    const { range } = ring;
    const passedMs = clock.monotonic() - beganMs;
    const giver = range === undefined ? undefined : await findGiver(parts, range, passedMs >= patienceMs);
    if (giver !== undefined && range !== undefined && isDue()) {
      const given = await takeOver(parts, range, giver);
      // Meanwhile others may have come between: then it is another range.
      if (given !== undefined && isSamePosition(ring.range?.after ?? range.upTo, range.after)) return given;
    }
    if (passedMs > giveUpMs) break;
    await pause(ms);
  }
  return undefined;
}

/** @param believesHead whether it counts that the next member had nothing there: nobody was in charge, as after a death */
async function findGiver(
  { ring, asker }: ClaimParts,
  range: PositionRange,
  believesHead: boolean,
): Promise<Giver | undefined> {
  const [first, ...others] = ring.successors.slice(0, maxGivers);
  if (first === undefined) return undefined;
  const head = await askGiven(asker, first, range);
  if (head === undefined || isSomething(head, range)) return head;
  // Those before the one that had it are to say that they did not.
  const asks = others.map((node) => askGiven(asker, node, range));
  for (const ask of asks) {
    const giver = await ask;
    if (giver === undefined || isSomething(giver, range)) return giver;
  }
  return believesHead && head !== "none" ? head : undefined;
}

function isSomething(giver: Giver | "none", { upTo }: PositionRange): giver is Giver {
  return giver !== "none" && !isSamePosition(giver.given.after, upTo);
}

/** @returns undefined: it cannot tell, or not yet */
async function askGiven(
  asker: ClaimParts["asker"],
  node: NodeId,
  range: PositionRange,
): Promise<Giver | "none" | undefined> {
  try {
    const answer = await asker.ask(node, { kind: "claim", range });
    if (answer.kind === "refused" && answer.reason === "no-member") return "none";
    return answer.kind === "given" ? { node, given: answer.given } : undefined;
  } catch {
    return undefined;
  }
}

async function takeOver(
  parts: ClaimParts,
  range: PositionRange,
  { node, given }: Giver,
): Promise<Handover | undefined> {
  const isHeld = await fetchRange(parts, node, range);
  if (isHeld === undefined) return undefined;
  // Who has no room for all of it knows nothing for sure.
  return isHeld ? given : { after: given.after, sureAfter: range.upTo };
}
