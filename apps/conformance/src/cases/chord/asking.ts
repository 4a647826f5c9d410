// A node of a ring, and a client that asks it about the key "k".
import { toHex } from "../../reference/value.js";
import { clientWith, type RingClient } from "../../stage/chord-client.js";
import type { Write } from "../../stage/chord-dictionary.js";
import { nowhere, StagedRing } from "../../stage/chord-ring.js";
import type { OpenOptions, Stage } from "../../stage/stage.js";

export interface Asking extends RingClient {
  readonly ring: StagedRing;
  /** The node's time, in µs. */
  readonly nowUs: number;
}

export async function openAsking(stage: Stage, options: OpenOptions = {}): Promise<Asking> {
  return askingOf(await StagedRing.open(stage, options));
}

export async function askingOf(
  ring: StagedRing,
  nowMs: number = Math.floor(Date.now() / 1_000) * 1_000,
): Promise<Asking> {
  await ring.node.call({ do: "set-wall", ms: nowMs });
  const client = await clientWith(ring, await ring.stranger(0.123), "k");
  return { ...client, ring, nowUs: nowMs * 1_000 };
}

/** A node that has just become a member of a ring of three others, the first of which comes after it: none of them answers yet. */
export async function joiningRing(stage: Stage): Promise<StagedRing> {
  const ring = await StagedRing.open(stage, { bootstrap: [nowhere] });
  for (const fraction of [0.2, 0.4, 0.6]) await ring.add(fraction);
  ring.arrange({ withNode: false });
  for (const peer of ring.peers) peer.onQuestion = () => undefined;
  await ring.peer(0).dial(ring.node);
  await ring.until(async () => ((await ring.facts()).role === "member" ? true : undefined), "a member");
  return ring;
}

/** Time and origin of a write. */
export const versionOf = (write: Write | undefined): unknown => write && [write.timeUs, toHex(write.origin)];
