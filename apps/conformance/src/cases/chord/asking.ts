// A node of a ring, and a client that asks it about keys.

import type { Packable } from "../../reference/msgpack.js";
import { toHex, type Value } from "../../reference/value.js";
import { checkEqual } from "../../runner/expect.js";
import { ask, keyOf, readWrite, reply, type Write, writeItems, writer } from "../../stage/chord-dictionary.js";
import type { RingPeer } from "../../stage/chord-peer.js";
import { StagedRing } from "../../stage/chord-ring.js";
import type { OpenOptions, Stage } from "../../stage/stage.js";

/** A node, and a client that asks it about the key "k". */
export interface Asking {
  readonly ring: StagedRing;
  readonly peer: RingPeer;
  /** The node's time, in µs. */
  readonly nowUs: number;
  /** The items of an answer; the status has to be 0. */
  ask(...question: readonly Packable[]): Promise<readonly Value[]>;
  put(write: Write, key?: string): Promise<readonly Value[]>;
  promise(timeUs: number, origin?: Uint8Array, key?: string): Promise<readonly Value[]>;
  /** What the node has. */
  get(key?: string): Promise<Write | undefined>;
}

export async function openAsking(stage: Stage, options: OpenOptions = {}): Promise<Asking> {
  const ring = await StagedRing.open(stage, options);
  return askingOf(ring);
}

export async function askingOf(
  ring: StagedRing,
  nowMs: number = Math.floor(Date.now() / 1_000) * 1_000,
): Promise<Asking> {
  await ring.node.call({ do: "set-wall", ms: nowMs });
  const peer = await ring.stranger(0.123);
  peer.standing = 0;
  ring.watch(peer);
  await peer.dial(ring.node);
  const asked = async (...question: readonly Packable[]): Promise<readonly Value[]> => {
    const [status, ...items] = await ring.answer(peer, ...question);
    checkEqual(status, 0, "the status of an answer");
    return items;
  };
  return {
    ring,
    peer,
    nowUs: nowMs * 1_000,
    ask: asked,
    put: (write, key = "k") => asked(ask.put, keyOf(key), writeItems(write)),
    promise: (timeUs, origin = writer, key = "k") => asked(ask.promise, keyOf(key), timeUs, origin),
    async get(key = "k") {
      const [kind, write] = await asked(ask.get, keyOf(key));
      checkEqual(kind, reply.has, "the kind of an answer");
      return readWrite(write);
    },
  };
}

/** Time and origin of a write. */
export const versionOf = (write: Write | undefined): unknown => write && [write.timeUs, toHex(write.origin)];
