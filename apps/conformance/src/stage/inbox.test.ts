import { expect, test } from "vitest";
import { CaseFailure } from "../runner/expect.js";
import { Inbox } from "./inbox.js";

test("items are taken by description, in order, and others stay", async () => {
  const inbox = new Inbox<number>(1000);
  for (const item of [1, 2, 3, 4]) inbox.push(item);
  expect(await inbox.next((item) => item % 2 === 0, "an even number")).toBe(2);
  expect(await inbox.next((item) => item % 2 === 0, "an even number")).toBe(4);
  expect(inbox.waiting(() => true)).toEqual([1, 3]);
  expect(inbox.all).toEqual([1, 2, 3, 4]);
});

test("a glance leaves the item for another", async () => {
  const inbox = new Inbox<number>(1000);
  const glance = inbox.glance((item) => item > 0, "a number");
  const next = inbox.next((item) => item > 0, "a number");
  inbox.push(5);
  expect(await Promise.all([glance, next])).toEqual([5, 5]);
});

test("what does not come is named", async () => {
  const inbox = new Inbox<number>(5);
  await expect(inbox.next(() => true, "a pong")).rejects.toThrow(/a pong: did not come within 5 ms/);
  const waiting = inbox.next(() => true, "a close");
  inbox.end("the connection was reset");
  await expect(waiting).rejects.toThrow(CaseFailure);
  await expect(inbox.next(() => true, "a close")).rejects.toThrow(/reset/);
});
