// How keys that are used atomically go to other holders (spec/chord-dictionary.md, section 6.2).
import { positionsOf } from "../../reference/positions.js";
import { isSameBytes } from "../../reference/value.js";
import type { NodeCase } from "../../runner/case.js";
import { check, checkEqual } from "../../runner/expect.js";
import { numberOf, positionOf } from "../../stage/chord-circle.js";
import { ask, atomic, isAskFor, keyOf, readWrite } from "../../stage/chord-dictionary.js";
import { Holder } from "../../stage/chord-holder.js";
import { isLeave } from "../../stage/chord-messages.js";
import type { RingPeer } from "../../stage/chord-peer.js";
import { StagedRing } from "../../stage/chord-ring.js";
import type { Message } from "../../stage/message.js";
import { first } from "../../stage/several.js";
import { nodeCase } from "../define.js";
import { askingOf } from "./asking.js";
import { between, findKey, firstPosition } from "./keys.js";

/** Whether a message brings a write of a key, and whether that names a member. */
const names =
  (key: Uint8Array, member: Uint8Array, isNamed = true) =>
  (message: Message): boolean => {
    if (!isAskFor(ask.put, key)(message)) return false;
    const members = readWrite(message.items[4])?.groups?.flatMap((group) => group.members);
    return members?.some((one) => isSameBytes(one, member)) === isNamed;
  };

export const moveCases: readonly NodeCase[] = [
  nodeCase(
    "dictionary/move/changed",
    "CHORD-228",
    "a key goes to the candidates of the moment soon after the neighbours changed",
    async (stage) => {
      const ring = await StagedRing.of(stage, [0.25, 0.5, 0.75]);
      const holders = ring.peers.map((peer) => new Holder(peer));
      const { put, nowUs } = await askingOf(ring);
      const text = findKey((positions) => between(ring, 0.8, 0.95)(firstPosition(positions)));
      const key = keyOf(text);
      const write = atomic(nowUs, "v", [
        { needed: 2, members: [ring.id, ...ring.peers.slice(0, 2).map(({ id }) => id)] },
      ]);
      await put(write, text);
      for (const holder of holders) holder.keep(key, write);
      await ring.pass(60_000, 500);
      const nearer = await ring.add(positionOf(numberOf(firstPosition(positionsOf(key)) as Uint8Array) + 1n));
      new Holder(nearer);
      ring.arrange();
      await nearer.dial(ring.node);
      nearer.notify();
      await ring.next(nearer, names(key, nearer.id), "a write that names the new owner", 5_000, 100);
    },
  ),
  nodeCase(
    "dictionary/move/left",
    "CHORD-216",
    "who leaves compares its range with its successor and gives up what it holds by name, before it says so",
    async (stage) => {
      const ring = await StagedRing.of(stage, [0.3, 0.6]);
      const holders = ring.peers.map((peer) => new Holder(peer));
      const [head, last] = first(ring.peers, 2);
      const { put, nowUs } = await askingOf(ring);
      await ring.pass(5_000, 500);
      const write = atomic(nowUs, "v", [{ needed: 1, members: [ring.id] }]);
      await put(write, "k");
      for (const holder of holders) holder.keep(keyOf("k"), write);
      const before = new Map(ring.peers.map((peer) => [peer, peer.inbox.all.length]));
      await ring.during(ring.node.call({ do: "serve", serves: false }));
      const placeOf = (peer: RingPeer, matches: (message: Message) => boolean, what: string): number => {
        const place = peer.inbox.all.slice(before.get(peer)).findIndex(matches);
        check(place >= 0, `there was no ${what}`);
        return place;
      };
      for (const peer of [head, last]) {
        const leave = placeOf(peer, isLeave, "word of leave");
        const move = placeOf(peer, names(keyOf("k"), ring.id, false), "write that names others alone");
        checkEqual(move < leave, true, "the key was moved before the word of leave");
      }
      const comparison = placeOf(head, isAskFor(ask.compare), "comparison with the successor");
      checkEqual(comparison < placeOf(head, isLeave, "leave"), true, "the comparison came before the word of leave");
    },
  ),
];
