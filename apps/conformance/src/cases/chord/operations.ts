// How keys are read and written where nobody uses them atomically (spec/chord-dictionary.md, sections 3 to 5 and 8).

import { positionsOf } from "../../reference/positions.js";
import { toHex, type Value } from "../../reference/value.js";
import type { NodeCase } from "../../runner/case.js";
import { check, checkEqual } from "../../runner/expect.js";
import { numberOf, positionOf } from "../../stage/chord-circle.js";
import { ask, isAskFor, keyOf, plain, reply } from "../../stage/chord-dictionary.js";
import { Holder, holds, joinAsClient, type StagedKey, stageKey } from "../../stage/chord-holder.js";
import type { QuestionAnswer, RingPeer } from "../../stage/chord-peer.js";
import { nowhere, StagedRing } from "../../stage/chord-ring.js";
import { subtype } from "../../stage/messages.js";
import { first } from "../../stage/several.js";
import { nodeCase } from "../define.js";

const key = keyOf("k");
const silent = { answer: undefined } as const;

/** Answers the question of a kind that a peer holds back. */
function answerLate(
  { peer, answer }: { readonly peer: RingPeer; readonly answer: QuestionAnswer },
  kind: number,
): void {
  const question = peer.inbox.all.findLast(isAskFor(kind, key));
  check(question !== undefined && Array.isArray(answer), "there is no such question to answer");
  peer.say(subtype.answer, question.items[1] as number, 0, ...answer);
}

/** Whether a promise is settled by now. */
function watched<T>(work: Promise<T>): { readonly work: Promise<T>; isOver: boolean } {
  const state = { work, isOver: false };
  const end = (): void => {
    state.isOver = true;
  };
  work.then(end, end);
  return state;
}

const get = ({ ring }: StagedKey): Promise<unknown> => ring.node.call({ do: "get", key: "k" });
const set = ({ ring }: StagedKey, data: unknown): Promise<unknown> => ring.node.call({ do: "set", key: "k", data });
const count = (holder: Holder | undefined, kind: number): number =>
  holder?.peer.inbox.all.filter(isAskFor(kind, key)).length ?? 0;

export const operationCases: readonly NodeCase[] = [
  nodeCase(
    "dictionary/ask/next",
    "CHORD-205",
    "the owner is asked first, and when it fails, refuses or is not ready, who comes after it",
    async (stage) => {
      const staged = await stageKey(stage, key, { withNext: true });
      const { ring, owners, next, nowUs } = staged;
      const write = plain(nowUs - 1, "v");
      for (const holder of [...owners, ...next]) holder.keep(key, write);
      await ring.during(get(staged));
      checkEqual(
        next.map((holder) => count(holder, ask.get)),
        [0, 0, 0, 0, 0],
        "asks to those after owners that answer",
      );
      owners[0].says = () => ({ answer: 1 });
      owners[1].isReady = false;
      await ring.during(get(staged));
      await ring.settle();
      checkEqual(
        next.map((holder) => count(holder, ask.get)),
        [1, 1, 0, 0, 0],
        "asks to those after owners",
      );
      owners[2].says = ([kind]) => (kind === ask.put ? { answer: [reply.refused, 0] } : undefined);
      await ring.during(set(staged, "w"));
      await ring.settle();
      checkEqual(
        next.map((holder) => count(holder, ask.put)),
        [1, 0, 1, 0, 0],
        "writes to those after owners",
      );
    },
  ),
  nodeCase("dictionary/answer/malformed", "CHORD-241", "an answer that is none counts as none", async (stage) => {
    const staged = await stageKey(stage, key, { withNext: true });
    const { ring, owners, next, nowUs } = staged;
    const write = plain(nowUs - 1, "v");
    for (const holder of [...owners, ...next]) holder.keep(key, write);
    const short = new Uint8Array(47);
    const bad: readonly QuestionAnswer[] = [
      [],
      [99],
      [reply.has],
      [reply.has, null],
      [reply.has, null, 1],
      [reply.has, [nowUs, short, null], true],
      [reply.has, [0, new Uint8Array(48), null], true],
      [reply.has, [nowUs, new Uint8Array(48), "text"], true],
      [reply.has, [nowUs, new Uint8Array(48), null, [[1]], new Uint8Array(0)], true],
      [reply.taken],
      [reply.promised, null, 32],
    ];
    for (const [index, answer] of bad.entries()) {
      owners[0].says = () => ({ answer });
      checkEqual(await ring.during(get(staged)), { data: "v" }, `the value, with bad answer ${index}`);
      await ring.settle();
      checkEqual(count(next[0], ask.get), index + 1, `asks to the next member, with bad answer ${index}`);
    }
    await owners[0].peer.link.checkAlive();
  }),
  nodeCase(
    "dictionary/get/majority",
    "CHORD-206",
    "get is done as soon as three positions have a write and nobody a newer one",
    async (stage) => {
      const staged = await stageKey(stage, key);
      const { ring, owners, nowUs } = staged;
      const write = plain(nowUs - 9, "v");
      for (const holder of owners) holder.keep(key, write);
      for (const holder of owners.slice(2)) holder.says = () => silent;
      const reading = watched(get(staged));
      await ring.settle();
      checkEqual(reading.isOver, false, "get is done with two positions");
      const last = owners[2];
      answerLate({ peer: last.peer, answer: last.answer([ask.get, key]) }, ask.get);
      await ring.settle();
      checkEqual(reading.isOver, true, "get is done with three positions");
      checkEqual(await reading.work, { data: "v" }, "the value");
    },
  ),
  nodeCase(
    "dictionary/get/newer",
    "CHORD-206 CHORD-207",
    "a newer write of one position is given, once those that answered with less have it",
    async (stage) => {
      const staged = await stageKey(stage, key);
      const { ring, owners, nowUs } = staged;
      for (const holder of owners.slice(1)) holder.keep(key, plain(nowUs - 9, "old"));
      owners[0].keep(key, plain(nowUs - 5, "new"));
      for (const holder of owners.slice(2)) holder.says = () => silent;
      const reading = watched(get(staged));
      await ring.settle();
      for (const holder of owners.slice(2))
        answerLate({ peer: holder.peer, answer: holder.answer([ask.get, key]) }, ask.get);
      await ring.settle();
      checkEqual(reading.isOver, false, "get is done while those that it told do not answer");
      checkEqual(
        owners.slice(1).map((holder) => count(holder, ask.put)),
        [1, 1, 1, 1],
        "writes to those that have less",
      );
      for (const holder of owners.slice(2)) answerLate({ peer: holder.peer, answer: [reply.taken, 31] }, ask.put);
      checkEqual(await ring.during(reading.work), { data: "new" }, "the value");
    },
  ),
  nodeCase(
    "dictionary/get/late",
    "CHORD-209",
    "who answers with less after get is done is given what it found, too",
    async (stage) => {
      const staged = await stageKey(stage, key);
      const { ring, owners, nowUs } = staged;
      const write = plain(nowUs - 9, "v");
      for (const holder of owners.slice(0, 3)) holder.keep(key, write);
      const late = owners.slice(3);
      for (const holder of late) holder.says = ([kind]) => (kind === ask.get ? silent : undefined);
      checkEqual(await ring.during(get(staged)), { data: "v" }, "the value");
      for (const holder of late) answerLate({ peer: holder.peer, answer: holder.answer([ask.get, key]) }, ask.get);
      await ring.settle();
      const given = late.map((holder) => holds(holder, key, write));
      checkEqual(given, [true, true], "whether those that were late have it");
    },
  ),
  nodeCase(
    "dictionary/get/nothing",
    "CHORD-208",
    "get finds nothing only when all that can answer did, and three at least",
    async (stage) => {
      const staged = await stageKey(stage, key, { limits: { operationTimeoutMs: 2_000 } });
      const { ring, owners, nowUs } = staged;
      checkEqual(await ring.during(get(staged)), {}, "the value that nobody has");
      const late = owners[4];
      late.keep(key, plain(nowUs - 5, "kept"));
      late.says = ([kind]) => (kind === ask.get ? silent : undefined);
      const reading = watched(get(staged));
      await ring.settle();
      checkEqual(reading.isOver, false, "get is done before the last one has answered");
      answerLate({ peer: late.peer, answer: late.answer([ask.get, key]) }, ask.get);
      checkEqual(await ring.during(reading.work), { data: "kept" }, "the value that one has");
      for (const holder of owners) holder.says = () => ({ answer: 1 });
      const error = await ring.during(ring.node.refused({ do: "get", key: "k" }));
      checkEqual(error.code, "no-majority", "the error where nobody answers");
    },
  ),
  nodeCase("dictionary/set/majority", "CHORD-210", "set is done when three positions took the write", async (stage) => {
    const staged = await stageKey(stage, key);
    const { ring, owners } = staged;
    for (const holder of owners.slice(2)) holder.says = () => silent;
    const writing = watched(set(staged, "v"));
    await ring.settle();
    checkEqual(writing.isOver, false, "set is done with two positions");
    answerLate({ peer: owners[3].peer, answer: [reply.taken, 31] }, ask.put);
    await ring.settle();
    checkEqual(writing.isOver, true, "set is done with three positions");
    checkEqual(await writing.work, { positions: 3 }, "what set tells");
  }),
  nodeCase(
    "dictionary/set/nodes",
    "CHORD-210",
    "set is done when three nodes took the write, whoever owns the positions",
    async (stage) => {
      const ring = await StagedRing.open(stage, { serve: false, bootstrap: [nowhere] });
      // Between the last and the first position, so that one owns all.
      const places = positionsOf(key)
        .map(numberOf)
        .sort((a, b) => (a < b ? -1 : 1));
      const end = places.at(-1) ?? 0n;
      const holders: Holder[] = [];
      for (const steps of [1n, 2n, 3n]) holders.push(new Holder(await ring.add(positionOf(end + steps))));
      await joinAsClient(ring);
      const [owner, ...others] = first(holders, 3);
      for (const holder of others) holder.says = () => silent;
      const writing = watched(ring.node.call({ do: "set", key: "k", data: "v" }));
      await ring.settle();
      checkEqual([count(owner, ask.put), writing.isOver], [1, false], "a write to the owner alone, and the end of set");
      for (const { peer } of others) answerLate({ peer, answer: [reply.taken, 31] }, ask.put);
      checkEqual(await ring.during(writing.work), { positions: 5 }, "what set tells");
    },
  ),
  nodeCase(
    "dictionary/walk",
    "CHORD-217",
    "a walk asks the owners one after the other, page by page, and those after an owner that fails",
    async (stage) => {
      const ring = await StagedRing.open(stage, { serve: false, bootstrap: [nowhere] });
      const holders: Holder[] = [];
      for (const byte of [0x40, 0x80, 0xc0]) {
        const id = new Uint8Array(48);
        id[0] = byte;
        holders.push(new Holder(await ring.add(id)));
      }
      await joinAsClient(ring);
      const asked: string[] = [];
      const page = (text: string, from: readonly Value[]): QuestionAnswer => {
        const [, after, upTo] = from as readonly [number, Uint8Array, Uint8Array];
        asked.push(`${text} ${toHex(after).slice(0, 2)} ${toHex(upTo).slice(0, 2)}`);
        return undefined;
      };
      const middle = new Uint8Array(48).fill(0x60);
      const [a, b, c] = first(holders, 3);
      a.says = (question) => {
        if (question[0] !== ask.walk) return undefined;
        page("a", question);
        return {
          answer: [
            reply.keys,
            toHex(question[1] as Uint8Array).startsWith("ff") ? [[keyOf("1")]] : [[keyOf("5")]],
            null,
          ],
        };
      };
      b.says = (question) => {
        if (question[0] !== ask.walk) return undefined;
        page("b", question);
        const isFirst = toHex(question[1] as Uint8Array).startsWith("40");
        return { answer: isFirst ? [reply.keys, [[keyOf("2")]], middle] : 1 };
      };
      c.says = (question) => {
        if (question[0] !== ask.walk) return undefined;
        page("c", question);
        return { answer: [reply.keys, [[keyOf(toHex(question[1] as Uint8Array).startsWith("60") ? "3" : "4")]], null] };
      };
      const bytes = (text: string): unknown => text;
      checkEqual(await ring.during(ring.node.call({ do: "keys" })), ["1", "2", "3", "4", "5"].map(bytes), "the keys");
      checkEqual(
        asked,
        ["a ff 40", "b 40 80", "b 60 80", "c 60 80", "c 80 c0", "a c0 ff"],
        "who was asked, and for what",
      );
    },
  ),
];
