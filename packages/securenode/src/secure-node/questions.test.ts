import type { NodeId, WireValue } from "@p2p/wire";
import fc from "fast-check";
import { expect, test } from "vitest";
import { identityOf } from "../testing/worlds.js";
import { defaultSecureNodeLimits as limits } from "./limits.js";
import {
  type Answer,
  answerOf,
  decodeAnswer,
  decodeQuestion,
  encodeAnswer,
  encodeQuestion,
  isAnswerOf,
  neighboursIn,
  type Question,
} from "./questions.js";

const [ada, bob, cy] = [identityOf(1), identityOf(2), identityOf(3)];
const nonce = new Uint8Array(32).fill(1);
const question: Question = { subject: "neighbours", nonce, path: [bob.id, cy.id] };

test("[SEC-240] a question says what, over whom, and a number of its own", () => {
  expect(decodeQuestion(encodeQuestion(question), limits)).toEqual(question);
});

test("[SEC-243] an answer is that of one node to one question", () => {
  const answer = answerOf(ada, question, [bob.id, cy.id]);
  expect(neighboursIn(answer)).toEqual([bob.id, cy.id]);
  expect(decodeAnswer(encodeAnswer(answer), limits)).toEqual(answer);
  expect(isAnswerOf(ada.id, question, answer)).toBe(true);
  const forged: readonly (readonly [NodeId, Question, Answer])[] = [
    [bob.id, question, answer],
    [ada.id, { ...question, nonce: new Uint8Array(32) }, answer],
    [ada.id, { ...question, subject: "key" }, answer],
    [ada.id, question, { ...answer, ids: answer.ids.subarray(48) }],
    [ada.id, question, { ...answer, publicKey: bob.publicKey }],
    [bob.id, question, { ...answer, publicKey: bob.publicKey }],
  ];
  for (const [id, asked, told] of forged) expect(isAnswerOf(id, asked, told)).toBe(false);
});

test("[SEC-241] [SEC-244] questions over too many hops and answers of too many neighbours are none", () => {
  const far = Array.from({ length: limits.maxHops }, () => bob.id);
  expect(decodeQuestion(encodeQuestion({ ...question, path: far.slice(1) }), limits)).toBeDefined();
  expect(decodeQuestion(encodeQuestion({ ...question, path: far }), limits)).toBeUndefined();
  const ids = new Uint8Array(48 * (limits.maxNeighbours + 1));
  const answer = { ...answerOf(ada, question, []), ids };
  expect(decodeAnswer(encodeAnswer(answer), limits)).toBeUndefined();
  expect(decodeAnswer(encodeAnswer({ ...answer, ids: ids.subarray(48) }), limits)).toBeDefined();
});

test("[SEC-240] [SEC-242] whatever comes is a question, an answer, or neither", () => {
  const bytes = fc.uint8Array({ maxLength: 100 });
  const member = fc.oneof(bytes, fc.string(), fc.integer(), fc.constant(null), fc.array(bytes));
  const value = fc.oneof(
    member,
    fc.dictionary(fc.constantFrom("subject", "nonce", "path", "key", "sig", "ids"), member),
  );
  const property = fc.property(value, (data: WireValue) => {
    expect(decodeQuestion(data, limits)?.nonce.length ?? 32).toBe(32);
    expect(decodeAnswer(data, limits)?.signature.length ?? 64).toBe(64);
  });
  fc.assert(property, { numRuns: 300 });
});
