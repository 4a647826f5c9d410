// What members tell of themselves with each answer: where they are in charge, and where they are sure; and how much of that a
// reader or a writer needs (spec/chord-dictionary.md, sections 3.1, 4 and 5).
import { positionsOf } from "../../reference/positions.js";
import { toHex, type Value } from "../../reference/value.js";
import type { NodeCase } from "../../runner/case.js";
import { checkEqual } from "../../runner/expect.js";
import { isIn } from "../../stage/chord-circle.js";
import { ask, isAskFor, keyOf, plain, reply, writeItems } from "../../stage/chord-dictionary.js";
import { Holder, stageKey } from "../../stage/chord-holder.js";
import { StagedRing } from "../../stage/chord-ring.js";
import type { Message } from "../../stage/message.js";
import { subtype } from "../../stage/messages.js";
import { first } from "../../stage/several.js";
import type { Stage } from "../../stage/stage.js";
import { nodeCase } from "../define.js";
import { joiningRing, openAsking } from "./asking.js";
import { between, findKey } from "./keys.js";

const silent = { answer: undefined } as const;

/** What the node tells a peer that it is to a key: the positions of its charge, and those that it is sure of. */
async function standing(ring: StagedRing, key: string): Promise<readonly Value[]> {
  return (await ring.answer(ring.peer(0), ask.get, keyOf(key))).slice(4, 6);
}

/** The charge that the node tells when it takes a write. */
async function charge(ring: StagedRing, key: string): Promise<Value | undefined> {
  const write = writeItems(plain(Date.now() * 1_000, "v"));
  const [, kind, told] = await ring.answer(ring.peer(0), ask.put, keyOf(key), write);
  checkEqual(kind, reply.taken, "the answer to a write");
  return told;
}

interface Joiner {
  readonly ring: StagedRing;
  /** A key with positions in the range of the node, and others. */
  readonly key: string;
  /** A bit for each of its positions in that range. */
  readonly own: number;
  /** What the node asked of the member after it. */
  readonly claim: Message;
}

/** A new member that claimed its range, and was told nothing yet. */
async function joiner(stage: Stage): Promise<Joiner> {
  const ring = await joiningRing(stage);
  const isOwn = (position: Uint8Array): boolean => isIn(ring.last.id, position, ring.id);
  const key = findKey((positions) => positions.filter(isOwn).length === 2);
  const own = positionsOf(keyOf(key)).reduce((bits, position, at) => bits | (isOwn(position) ? 1 << at : 0), 0);
  return { ring, key, own, claim: await ring.next(ring.peer(0), isAskFor(ask.claim), "a claim", 1_000) };
}

/** Gives up to the node what it claimed. @param sureAfter where that begins of which the giver was sure */
function give({ ring, claim }: Joiner, sureAfter: Value | undefined): void {
  const [, requestId, , after] = claim.items;
  ring.peer(0).say(subtype.answer, requestId as number, 0, reply.given, after as Uint8Array, sureAfter as Uint8Array);
}

/** Lets the comparison of a new member end. */
async function compare({ ring }: Joiner): Promise<void> {
  const { items } = await ring.next(ring.peer(0), isAskFor(ask.compare), "a comparison", 1_000);
  const none = new Uint8Array(0);
  ring.peer(0).say(subtype.answer, items[1] as number, 0, reply.differs, none, none);
  await ring.settle();
}

/** The member before the node dies, and leaves it a position of a key, the first; all others are far. */
async function heir(stage: Stage): Promise<{ readonly ring: StagedRing; readonly key: string }> {
  const ring = await StagedRing.of(stage, [0.2, 0.6, 0.9]);
  const [, before, last] = first(ring.peers, 3);
  for (const peer of ring.peers) new Holder(peer);
  await ring.pass(2_000);
  const isFar = between(ring, 0.01, 0.59);
  const key = findKey(([one, ...others]) => between(ring, 0.61, 0.89)(one) && others.every(isFar));
  last.die();
  ring.peers.pop();
  ring.arrange();
  await ring.until(async () => ((await ring.facts()).predecessor === null ? true : undefined), "no predecessor");
  before.notify();
  await ring.settle();
  return { ring, key };
}

const memberCases: readonly NodeCase[] = [
  nodeCase(
    "dictionary/charge/claimed",
    "CHORD-261 CHORD-262 CHORD-263",
    "a new member claims its range, and is in charge of it, and of nothing else, when it has compared what was given up",
    async (stage) => {
      const joined = await joiner(stage);
      const { ring, key, own, claim } = joined;
      const range = claim.items.slice(3, 5).map((position) => toHex(position as Uint8Array));
      checkEqual(range, [ring.last.hex, ring.hex], "the range that it claims");
      checkEqual([await standing(ring, key), await charge(ring, key)], [[0, 0], 0], "its standing at first");
      give(joined, claim.items[3]);
      await ring.settle();
      checkEqual([await standing(ring, key), await charge(ring, key)], [[0, 0], 0], "before it has compared");
      await compare(joined);
      checkEqual([await standing(ring, key), await charge(ring, key)], [[own, own], own], "in the end");
    },
  ),
  nodeCase(
    "dictionary/charge/unsure-giver",
    "CHORD-262",
    "who was given a range by a member that was not sure of it is in charge, and not sure either",
    async (stage) => {
      const joined = await joiner(stage);
      const { ring, key, own, claim } = joined;
      give(joined, claim.items[4]);
      await compare(joined);
      checkEqual(await standing(ring, key), [own, 0], "what it is to a key");
    },
  ),
  nodeCase("dictionary/charge/founder", "CHORD-262", "who founded the ring is sure of every key", async (stage) => {
    const { ring, peer } = await openAsking(stage);
    const answer = await ring.answer(peer, ask.get, keyOf("k"));
    checkEqual(answer.slice(4, 6), [31, 31], "what it is to a key");
  }),
  nodeCase(
    "dictionary/charge/grown",
    "CHORD-262 CHORD-264",
    "who takes over from a member that died is in charge, and not sure",
    async (stage) => {
      const { ring, key } = await heir(stage);
      checkEqual(await standing(ring, key), [1, 0], "what it is to a key");
      checkEqual(await charge(ring, key), 1, "its charge when it takes a write");
      checkEqual(await standing(ring, key), [1, 0], "what it is to a key that it has a write of");
    },
  ),
  nodeCase(
    "dictionary/charge/read-again",
    "CHORD-265",
    "who is not sure of a key that it is asked for reads it again 12 s after its range grew, and is sure then",
    async (stage) => {
      const { ring, key } = await heir(stage);
      const reads = (): number =>
        ring.peers.flatMap(({ inbox }) => inbox.all.filter(isAskFor(ask.get, keyOf(key)))).length;
      await charge(ring, key);
      await standing(ring, key);
      await ring.pass(8_000, 500);
      checkEqual([reads(), await standing(ring, key)], [0, [1, 0]], "reads by then, and what it is to the key");
      await ring.until(() => (reads() > 0 ? true : undefined), "a read", 8_000, 500);
      await ring.settle();
      checkEqual(await standing(ring, key), [1, 1], "what it is to the key in the end");
    },
  ),
  nodeCase("dictionary/charge/left", "CHORD-261", "who is about to leave is in charge of nothing", async (stage) => {
    const ring = await StagedRing.of(stage, [0.3, 0.6]);
    const [head] = first(
      ring.peers.map((peer) => new Holder(peer)),
      1,
    );
    await ring.pass(5_000, 500);
    const key = findKey((positions) => positions.every(between(ring, 0.61, 0.99)));
    checkEqual(await charge(ring, key), 31, "its charge before");
    let comparisons = 0;
    head.says = ([kind]) => (kind === ask.compare && ++comparisons === 2 ? silent : undefined);
    const leaving = ring.node.call({ do: "serve", serves: false });
    await ring.until(() => (comparisons === 2 ? true : undefined), "a second comparison", 10_000, 500);
    checkEqual(await standing(ring, key), [0, 0], "what it is to a key while it compares for the last time");
    const late = head.peer.inbox.all.findLast(isAskFor(ask.compare));
    const none = new Uint8Array(0);
    head.peer.say(subtype.answer, late?.items[1] as number, 0, reply.differs, none, none);
    await ring.during(leaving);
  }),
];

const operationCases: readonly NodeCase[] = [
  nodeCase(
    "dictionary/get/unsure",
    "CHORD-206 CHORD-266",
    "where nobody is sure, get waits for the owners of all positions",
    async (stage) => {
      const key = keyOf("k");
      const { ring, owners, nowUs } = await stageKey(stage, key);
      for (const holder of owners) {
        holder.keep(key, plain(nowUs - 9, "old"));
        holder.isSure = false;
      }
      const last = owners[4];
      last.keep(key, plain(nowUs - 5, "new"));
      last.says = ([kind]) => (kind === ask.get ? silent : undefined);
      let isOver = false;
      const reading = ring.node.call({ do: "get", key: "k" }).finally(() => {
        isOver = true;
      });
      await ring.settle();
      checkEqual(isOver, false, "get is done when four of five answered");
      const question = last.peer.inbox.all.findLast(isAskFor(ask.get, key));
      const items = writeItems(plain(nowUs - 5, "new"));
      last.peer.say(subtype.answer, question?.items[1] as number, 0, reply.has, items, true, 31, 0);
      checkEqual(await ring.during(reading), { data: "new" }, "the value that the last one has");
    },
  ),
  nodeCase(
    "dictionary/get/nobody-in-charge",
    "CHORD-266",
    "where those that answer are in charge of nothing, get does not resolve",
    async (stage) => {
      const key = keyOf("k");
      const { ring, owners, nowUs } = await stageKey(stage, key, { limits: { operationTimeoutMs: 2_000 } });
      for (const holder of owners) {
        holder.keep(key, plain(nowUs - 9, "v"));
        [holder.isInCharge, holder.isSure] = [false, false];
      }
      const error = await ring.during(ring.node.refused({ do: "get", key: "k" }));
      checkEqual(error.code, "no-majority", "the error of get");
      for (const holder of owners.slice(2)) [holder.isInCharge, holder.isSure] = [true, true];
      checkEqual(await ring.during(ring.node.call({ do: "get", key: "k" })), { data: "v" }, "with three that are sure");
    },
  ),
  nodeCase(
    "dictionary/set/nobody-in-charge",
    "CHORD-210",
    "set does not resolve while those that took the write are in charge of two positions",
    async (stage) => {
      const key = keyOf("k");
      const { ring, owners } = await stageKey(stage, key, { limits: { operationTimeoutMs: 2_000 } });
      for (const holder of owners.slice(2)) holder.isInCharge = false;
      const error = await ring.during(ring.node.refused({ do: "set", key: "k", data: "v" }));
      checkEqual(error.code, "no-majority", "the error of set");
      owners[2].isInCharge = true;
      checkEqual(await ring.during(ring.node.call({ do: "set", key: "k", data: "w" })), { positions: 3 }, "with three");
    },
  ),
];

export const chargeCases: readonly NodeCase[] = [...memberCases, ...operationCases];
