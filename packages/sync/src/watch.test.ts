import { nodeIdFromBytes, type WireValue } from "@p2p/wire";
import { expect, test } from "vitest";
import type { Change } from "./change.js";
import { wholeRecord } from "./record/write.js";
import { TableChange } from "./table-change.js";
import { Watchers } from "./watch.js";

const origin = nodeIdFromBytes(new Uint8Array(48).fill(1));

function change(key: string, oldValue: WireValue | undefined, newValue: WireValue | undefined): TableChange {
  const record = wholeRecord({ timeUs: 1, origin }, newValue, undefined);
  return new TableChange(key, oldValue, newValue, record, false, 1);
}

test("a watcher gets the changes of its key, or of all keys with its prefix", async () => {
  const watchers = new Watchers();
  expect(watchers.isEmpty).toBe(true);
  const one = watchers.open("a/1");
  const many = watchers.open({ prefix: "a/" });
  const first = one.next();
  watchers.push(change("a/1", undefined, 1));
  watchers.push(change("a/2", undefined, 2));
  watchers.push(change("b", undefined, 3));
  expect((await first).value).toMatchObject({ key: "a/1", newValue: 1 });
  watchers.close();
  const got: Change[] = [];
  for await (const each of many) got.push(each);
  expect(got.map(({ key }) => key)).toEqual(["a/1", "a/2"]);
  expect(await one.next()).toEqual({ done: true, value: undefined });
  expect(await watchers.open("late").next()).toEqual({ done: true, value: undefined });
});

test("changes of a key that wait for their reader become one", async () => {
  const watchers = new Watchers();
  const watcher = watchers.open("key");
  for (let number = 0; number < 1_000; number += 1) watchers.push(change("key", number, number + 1));
  expect((await watcher.next()).value).toMatchObject({ oldValue: 0, newValue: 1_000 });
  watchers.push(change("key", 1_000, undefined));
  expect((await watcher.next()).value).toMatchObject({ kind: "delete", oldValue: 1_000 });
});

test("readers that wait each get another change, and none after the watcher was left", async () => {
  const watchers = new Watchers();
  const watcher = watchers.open({ prefix: "" });
  const waiting = [watcher.next(), watcher.next(), watcher.next()];
  watchers.push(change("a", undefined, 1));
  watchers.push(change("a", 1, 2));
  watchers.push(change("b", undefined, 3));
  expect((await waiting[0])?.value).toMatchObject({ key: "a", oldValue: undefined, newValue: 2 });
  expect((await waiting[1])?.value).toMatchObject({ key: "b", newValue: 3 });
  watchers.push(change("a", 2, 4));
  await watcher.return?.();
  expect(await waiting[2]).toEqual({ done: true, value: undefined });
  expect(await watcher.next()).toEqual({ done: true, value: undefined });
});

test("leaving, and aborting, end a watcher", async () => {
  const watchers = new Watchers();
  for await (const _ of endAfterOne(watchers)) break;
  expect(watchers.isEmpty).toBe(true);
  const abort = new AbortController();
  const waiting = watchers.open("key", abort.signal);
  const next = waiting.next();
  const idle = watchers.open("key", abort.signal);
  abort.abort(new Error("enough"));
  await expect(next).rejects.toThrow("enough");
  await expect(idle.next()).rejects.toThrow("enough");
  expect(await idle.next()).toEqual({ done: true, value: undefined });
  expect(watchers.isEmpty).toBe(true);
  expect(() => watchers.open("key", abort.signal)).toThrow("enough");
});

function endAfterOne(watchers: Watchers): AsyncIterableIterator<Change, undefined> {
  const watcher = watchers.open({ prefix: "" });
  watchers.push(change("key", undefined, 1));
  return watcher;
}
