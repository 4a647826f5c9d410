// A member of a ring that it takes for large, and what goes through it when somebody looks something up.
import { isFindOf, isFound, type ReadFind, type ReadFound, readFind, readFound } from "../../stage/chord-messages.js";
import type { RingPeer } from "../../stage/chord-peer.js";
import { StagedRing } from "../../stage/chord-ring.js";
import { first } from "../../stage/several.js";
import type { OpenOptions, Stage } from "../../stage/stage.js";

/** Three near successors, and others far away. */
export interface WideRing {
  readonly ring: StagedRing;
  /** Successors at a few millionths of the circle. */
  readonly near: readonly [RingPeer, RingPeer, RingPeer];
  readonly quarter: RingPeer;
  readonly half: RingPeer;
  readonly threeQuarters: RingPeer;
  readonly last: RingPeer;
}

/** The others are silent to lookups. */
export async function wideRing(stage: Stage, options: OpenOptions = {}): Promise<WideRing> {
  const wide = await answeringRing(stage, options);
  for (const peer of wide.ring.peers) peer.onFind = () => undefined;
  return wide;
}

export async function answeringRing(stage: Stage, options: OpenOptions = {}): Promise<WideRing> {
  const ring = await StagedRing.open(stage, options);
  for (const fraction of [1e-6, 2e-6, 3e-6, 0.25, 0.5, 0.75, 0.99]) await ring.add(fraction);
  ring.arrange();
  const [a, b, c, quarter, half, threeQuarters, last] = first(ring.peers, 7);
  a.place(ring.contact, [b, c], false);
  await ring.link();
  await ring.pass(2_000);
  return { ring, near: [a, b, c], quarter, half, threeQuarters, last };
}

/** The find for a position that a peer gets from the node. */
export async function passedOn(ring: StagedRing, to: RingPeer, position: Uint8Array): Promise<ReadFind> {
  return readFind(await ring.next(to, isFindOf(position), "a lookup that is passed on", 0));
}

/** What the node answers to a lookup. */
export async function answerTo(ring: StagedRing, peer: RingPeer, requestId: number, withinMs = 0): Promise<ReadFound> {
  const isIt = (found: ReadFound): boolean => found.requestId === requestId;
  return readFound(await ring.next(peer, (one) => isFound(one) && isIt(readFound(one)), "an answer", withinMs));
}
