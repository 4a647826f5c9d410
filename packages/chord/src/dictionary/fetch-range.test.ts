// What a new member fetches of its range.
import { type NodeId, nodeIdToBytes } from "@p2p/wire";
import { expect, test } from "vitest";
import { plainWrite } from "../store/record.js";
import { type LoneHolder, loneHolder, loneIds } from "../testing/lone-holder.js";
import type { Question } from "./questions.js";
import { fetchRange } from "./range-sync.js";

const [self, ada] = loneIds;
const everything = { after: nodeIdToBytes(self), upTo: nodeIdToBytes(self) };
const utf8 = new TextEncoder();

function put({ store }: LoneHolder, number: number, timeUs: number, from: NodeId = ada): void {
  const write = plainWrite({ timeUs, origin: from }, Uint8Array.of(1));
  store.set({ key: utf8.encode(`key ${number}`), write, promised: undefined });
}

/** Two holders, one of which asks the other. @param meanwhile is called after each answer */
function pair(meanwhile: (giver: LoneHolder, question: Question) => void = () => undefined) {
  const [giver, taker] = [loneHolder(), loneHolder()];
  const asked: Question["kind"][] = [];
  const ask = async (_node: NodeId, question: Question) => {
    asked.push(question.kind);
    const answer = await giver.ask(question);
    meanwhile(giver, question);
    return answer;
  };
  const fetch = () => fetchRange({ store: taker.store, asker: { ask }, holder: taker.made }, ada, everything);
  return { giver, taker, asked, fetch };
}

test("[CHORD-263] a new member fetches all that there is, more than one answer has room for, too", async () => {
  const { giver, taker, fetch } = pair();
  for (let number = 0; number < 3_000; number += 1) put(giver, number, 1_000);
  expect(await fetch()).toBe(true);
  expect(taker.store.size).toBe(3_000);
});

test("[CHORD-263] it looks once, however much is written meanwhile, where all that there is was told", async () => {
  let written = 0;
  const { giver, taker, asked, fetch } = pair((each) => {
    for (let more = 0; more < 100; more += 1) put(each, 500 + written++, 2_000);
  });
  for (let number = 0; number < 500; number += 1) put(giver, number, 1_000);
  expect(await fetch()).toBe(true);
  for (let number = 0; number < 500; number += 1)
    expect(taker.store.get(utf8.encode(`key ${number}`))?.write?.version.timeUs).toBe(1_000);
  expect(asked.filter((kind) => kind === "compare")).toHaveLength(1);
});

test("[CHORD-262] it does not have all that the other has when there is no room for it", async () => {
  const [giver, taker] = [loneHolder(), loneHolder({ limits: { maxStoredBytes: 10_000 } })];
  for (let number = 0; number < 100; number += 1) put(giver, number, 1_000);
  const ask = (_node: NodeId, question: Question) => giver.ask(question);
  expect(await fetchRange({ store: taker.store, asker: { ask }, holder: taker.made }, ada, everything)).toBe(false);
});

test("nothing is known of one that does not answer", async () => {
  const { store, made } = loneHolder();
  const ask = () => Promise.reject(new Error("gone"));
  expect(await fetchRange({ store, asker: { ask }, holder: made }, ada, everything)).toBeUndefined();
});
