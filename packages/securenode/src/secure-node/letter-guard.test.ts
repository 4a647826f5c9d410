import type { NodeId } from "@p2p/wire";
import { expect, test } from "vitest";
import { identityOf } from "../testing/worlds.js";
import { LetterGuard, maxForgedLetters, muteMs } from "./letter-guard.js";

const [ada, bob] = [identityOf(1).id, identityOf(2).id];

test("[SEC-238] who forges too often within a minute is muted for one, and nobody else is", () => {
  const guard = new LetterGuard();
  for (let count = 0; count < maxForgedLetters; count++) expect(guard.count(ada, 0)).toBe(false);
  expect(guard.isMuted(ada, 0)).toBe(false);
  expect(guard.count(ada, 1)).toBe(true);
  expect([guard.isMuted(ada, 1), guard.isMuted(bob, 1)]).toEqual([true, false]);
  expect(guard.isMuted(ada, muteMs)).toBe(true);
  expect(guard.isMuted(ada, muteMs + 1)).toBe(false);
});

test("[SEC-238] a forged letter now and then mutes nobody", () => {
  const guard = new LetterGuard();
  for (let minute = 0; minute < 100; minute++) expect(guard.count(ada, minute * muteMs)).toBe(false);
});

test("[SEC-238] those who are muted are bounded", () => {
  const guard = new LetterGuard();
  const sender = (number: number): NodeId => `sender ${number}` as NodeId; // No part of it looks at the text.
  for (let number = 0; number < 4_200; number++) {
    for (let count = 0; count <= maxForgedLetters; count++) guard.count(sender(number), 0);
  }
  expect([guard.isMuted(sender(0), 1), guard.isMuted(sender(4_199), 1)]).toEqual([false, true]);
});
