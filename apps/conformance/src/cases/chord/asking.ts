// A node of a ring, and a client that asks it about the key "k".
import { toHex } from "../../reference/value.js";
import { clientWith, type RingClient } from "../../stage/chord-client.js";
import type { Write } from "../../stage/chord-dictionary.js";
import { StagedRing } from "../../stage/chord-ring.js";
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

/** Time and origin of a write. */
export const versionOf = (write: Write | undefined): unknown => write && [write.timeUs, toHex(write.origin)];
