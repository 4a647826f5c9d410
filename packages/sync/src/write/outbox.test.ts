import { MemoryBudget } from "@p2p/base";
import { expect, test } from "vitest";
import { Outbox, type OutgoingUpdate } from "./outbox.js";

/** An outbox with what it sent, to neighbours that take it or not. */
function world(maxPendingBytes = 10_000) {
  const sent: OutgoingUpdate<number>[] = [];
  const state = { takes: true, reservedUs: Number.POSITIVE_INFINITY, nowUs: 0 };
  let drain = (): void => undefined;
  const jobs: (() => void)[] = [];
  const account = new MemoryBudget(1_000_000).account();
  const outbox = new Outbox<number>({
    send: (update) => {
      sent.push(update);
      return state.takes;
    },
    drained: () =>
      new Promise((resolve) => {
        drain = resolve;
      }),
    later: (run) => jobs.push(run),
    nextUs: () => ++state.nowUs,
    isReserved: (timeUs) => timeUs <= state.reservedUs,
    account,
    maxPendingBytes,
  });
  const write = (key: string, bytes = 10): boolean => {
    if (!outbox.reserve(bytes, 1)) return false;
    outbox.timeFor([{ key }]);
    outbox.add(key, bytes, bytes);
    outbox.added();
    return true;
  };
  const keys = (): string[][] => sent.map(({ items }) => [...items.keys()]);
  const endTurn = (): void => {
    for (const job of jobs.splice(0)) job();
  };
  return { outbox, state, account, write, keys, sent, endTurn, drain: () => drain() };
}

test("writes of one turn share an update and its time; a second write of a key begins another", () => {
  const { write, keys, sent, account, endTurn } = world();
  for (const key of ["a", "b", "a", "c"]) write(key);
  expect(keys()).toEqual([["a", "b"]]);
  endTurn();
  expect(keys()).toEqual([
    ["a", "b"],
    ["a", "c"],
  ]);
  expect(sent.map(({ timeUs }) => timeUs)).toEqual([1, 2]);
  expect(account.heldBytes).toBe(0);
});

test("an update does not wait for the end of the turn when it is long", () => {
  const { write, keys } = world(1_000_000);
  for (let number = 0; number < 2_000; number += 1) write(`key ${number}`);
  expect(keys().map(({ length }) => length)).toEqual([1_024]);
  write("long", 70_000);
  expect(keys().map(({ length }) => length)).toEqual([1_024, 977]);
});

test("while neighbours are behind, updates wait in order, within bounds; writers are told", async () => {
  const { write, keys, outbox, state, drain, account, endTurn } = world(500);
  state.takes = false;
  write("a");
  endTurn();
  expect([keys(), outbox.isBlocked]).toEqual([[["a"]], true]);
  let isThere = false;
  const room = outbox.room().then(() => {
    isThere = true;
  });
  for (const key of ["b", "c", "d"]) {
    expect(write(key, 50)).toBe(true);
    endTurn();
  }
  expect(write("e", 200)).toBe(false);
  const abort = new AbortController();
  const given = outbox.room(abort.signal);
  abort.abort(new Error("enough"));
  await expect(given).rejects.toThrow("enough");
  expect([keys(), isThere]).toEqual([[["a"]], false]);
  state.takes = true;
  drain();
  await room;
  expect(keys()).toEqual([["a"], ["b"], ["c"], ["d"]]);
  expect(account.heldBytes).toBe(0);
});

test("an update waits until its time is reserved", () => {
  const { write, keys, outbox, state, endTurn } = world();
  state.reservedUs = 1;
  write("a");
  endTurn();
  write("b");
  endTurn();
  expect(keys()).toEqual([["a"]]);
  state.reservedUs = 2;
  outbox.flush();
  expect(keys()).toEqual([["a"], ["b"]]);
});

test("closing ends all waits and gives all memory back", async () => {
  const { write, keys, outbox, state, account, endTurn } = world();
  state.takes = false;
  write("a");
  endTurn();
  write("b");
  const room = outbox.room();
  outbox.close(() => new Error("closed"));
  await expect(room).rejects.toThrow("closed");
  endTurn();
  expect([keys(), account.heldBytes]).toEqual([[["a"]], 0]);
});
