// A client of a ring that asks the node under test about keys.
import type { Packable } from "../reference/msgpack.js";
import type { Value } from "../reference/value.js";
import { checkEqual } from "../runner/expect.js";
import { ask, keyOf, readWrite, reply, type Write, withoutStanding, writeItems, writer } from "./chord-dictionary.js";
import type { RingPeer } from "./chord-peer.js";
import type { StagedRing } from "./chord-ring.js";

export interface RingClient<Peer extends RingPeer = RingPeer> {
  readonly peer: Peer;
  /** The items of an answer; the status has to be 0. */
  ask(...question: readonly Packable[]): Promise<readonly Value[]>;
  put(write: Write, key?: string): Promise<readonly Value[]>;
  promise(timeUs: number, origin?: Uint8Array, key?: string): Promise<readonly Value[]>;
  /** What the node has. */
  get(key?: string): Promise<Write | undefined>;
}

/** Dials the node. @param usualKey what is asked about where no key is named */
export async function clientWith<Peer extends RingPeer>(
  ring: StagedRing,
  peer: Peer,
  usualKey: string,
): Promise<RingClient<Peer>> {
  peer.standing = 0;
  ring.watch(peer);
  await peer.dial(ring.node);
  const asked = async (...question: readonly Packable[]): Promise<readonly Value[]> => {
    const [status, ...items] = await ring.answer(peer, ...question);
    checkEqual(status, 0, "the status of an answer");
    return withoutStanding(items);
  };
  return {
    peer,
    ask: asked,
    put: (write, key = usualKey) => asked(ask.put, keyOf(key), writeItems(write)),
    promise: (timeUs, origin = writer, key = usualKey) => asked(ask.promise, keyOf(key), timeUs, origin),
    async get(key = usualKey) {
      const [kind, write] = await asked(ask.get, keyOf(key));
      checkEqual(kind, reply.has, "the kind of an answer");
      return readWrite(write);
    },
  };
}
