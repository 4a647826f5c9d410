// The asker's table: every state with every event (spec/base-requests.md, section 4).
import type { NodeId } from "@p2p/wire";
import { describe, expect, test } from "vitest";
import { type AskerEvent, PendingRequests } from "./pending-requests.js";

const id = (text: string): NodeId => text as NodeId;
const self = id("self");
const b = id("b");
const c = id("c");
const d = id("d");
const e = id("e");
const f = id("f");
const g = id("g");

const limits = { perPeer: 3, total: 5, maxForwards: 2, earlyBytes: 100 };

function tableWith(options: { isDirect?: boolean; deadline?: number } = {}): PendingRequests<string> {
  const table = new PendingRequests<string>(self, limits);
  table.add({
    requestId: 1,
    peer: b,
    isDirect: options.isDirect ?? true,
    deadline: options.deadline ?? 50,
    waiter: "w",
  });
  return table;
}

const answer = (from: NodeId, bytes = 10): AskerEvent => ({ kind: "answered", from, data: "yes", bytes });
const refusal = (from: NodeId): AskerEvent => ({ kind: "refused", from, code: "no", message: "", bytes: 10 });
const redirect = (from: NodeId, to: NodeId): AskerEvent => ({ kind: "redirected", from, to, bytes: 10 });

describe("asked", () => {
  test("[BASE-213] the node asked answers: ends, the slot is free, what follows is counted", () => {
    const table = tableWith();
    expect(table.apply(1, answer(b))).toEqual({
      requestId: 1,
      waiter: "w",
      outcome: { kind: "answered", peer: b, data: "yes" },
    });
    expect([table.size, table.countOf(b), table.unmatched]).toEqual([0, 0, 0]);
    expect(table.apply(1, answer(b))).toBeUndefined();
    expect(table.apply(1, refusal(b))).toBeUndefined();
    expect(table.apply(1, redirect(b, c))).toBeUndefined();
    expect(table.unmatched).toBe(3);
  });

  test("[BASE-213] the node asked refuses: ends with its code", () => {
    expect(tableWith().apply(1, refusal(b))?.outcome).toEqual({ kind: "refused", peer: b, code: "no", message: "" });
  });

  test("[BASE-217] another node cannot answer, refuse or redirect", () => {
    const table = tableWith();
    expect(table.apply(1, answer(c))).toBeUndefined();
    expect(table.apply(1, refusal(d))).toBeUndefined();
    expect(table.apply(1, redirect(e, f))).toBeUndefined();
    expect(table.apply(1, answer(b))?.outcome.kind).toBe("answered");
    expect([table.unmatched, table.earlyBytes]).toEqual([3, 0]);
  });

  test("[BASE-218] a number nobody waits for is counted", () => {
    const table = tableWith();
    expect(table.apply(2, answer(b))).toBeUndefined();
    expect(table.unmatched).toBe(1);
  });

  test("[BASE-214] the deadline ends it", () => {
    const table = tableWith({ deadline: 50 });
    expect(table.nextDeadline()).toBe(50);
    expect(table.expire(49)).toEqual([]);
    expect(table.expire(50).map((ending) => ending.outcome)).toEqual([{ kind: "timeout", peer: b }]);
    expect(table.nextDeadline()).toBe(Number.POSITIVE_INFINITY);
  });

  test("[BASE-215] losing the connection to the node asked ends it, losing another does not", () => {
    const table = tableWith();
    expect(table.peerLost(c)).toEqual([]);
    expect(table.peerLost(b).map((ending) => ending.outcome)).toEqual([{ kind: "lost", peer: b }]);
    expect(table.size).toBe(0);
  });

  test("[BASE-215] a request that went through the router does not depend on a connection", () => {
    const table = tableWith({ isDirect: false });
    expect(table.peerLost(b)).toEqual([]);
    expect(table.apply(1, answer(b))?.outcome.kind).toBe("answered");
  });

  test("[BASE-216] giving up frees the slot once", () => {
    const table = tableWith();
    expect([table.remove(1), table.countOf(b), table.remove(1)]).toEqual([true, 0, false]);
  });
});

describe("redirected", () => {
  function redirected(): PendingRequests<string> {
    const table = tableWith();
    expect(table.apply(1, redirect(b, c))).toBeUndefined();
    return table;
  }

  test("[BASE-220] the new node answers, the one that forwarded cannot any more", () => {
    const table = redirected();
    expect([table.countOf(b), table.countOf(c)]).toEqual([0, 1]);
    expect(table.apply(1, answer(b))).toBeUndefined();
    expect(table.apply(1, refusal(b))).toBeUndefined();
    expect(table.apply(1, redirect(b, d))).toBeUndefined();
    expect(table.unmatched).toBe(3);
    expect(table.apply(1, answer(c))?.outcome).toEqual({ kind: "answered", peer: c, data: "yes" });
  });

  test("[BASE-220] the new node refuses", () => {
    expect(redirected().apply(1, refusal(c))?.outcome).toMatchObject({ kind: "refused", peer: c });
  });

  test("[BASE-223] connections lost after a redirection do not matter, the deadline does", () => {
    const table = redirected();
    expect(table.peerLost(b)).toEqual([]);
    expect(table.peerLost(c)).toEqual([]);
    expect(table.expire(50).map((ending) => ending.outcome)).toEqual([{ kind: "timeout", peer: c }]);
  });

  test("[BASE-223] a request that got no receipt is over when it waits for the node asked, not when that passed it on", () => {
    const table = tableWith({ isDirect: false });
    expect([table.sendFailed(1), table.size, table.sendFailed(1)]).toEqual([true, 0, false]);
    const passedOn = tableWith({ isDirect: false });
    passedOn.apply(1, redirect(b, c));
    expect([passedOn.sendFailed(1), passedOn.size]).toEqual([false, 1]);
    expect(passedOn.apply(1, answer(c))?.outcome.kind).toBe("answered");
  });

  test("[BASE-222] a third forwarding ends it when two are allowed", () => {
    const table = redirected();
    expect(table.apply(1, redirect(c, d))).toBeUndefined();
    expect(table.apply(1, redirect(d, e))?.outcome).toEqual({ kind: "bad-redirect", peer: d, to: e });
  });

  test.each([
    ["itself", c],
    ["the asker", self],
    ["a node that had it", b],
  ])("[BASE-222] a redirection to %s ends it", (_, to) => {
    expect(redirected().apply(1, redirect(c, to))?.outcome).toEqual({ kind: "bad-redirect", peer: c, to });
  });

  test("[BASE-216] giving up frees the slot of the new node", () => {
    const table = redirected();
    expect([table.remove(1), table.countOf(c), table.size]).toEqual([true, 0, 0]);
  });
});

describe("events before their redirection", () => {
  test("[BASE-221] an answer that overtakes its redirection counts when that comes", () => {
    const table = tableWith();
    expect(table.apply(1, answer(c, 30))).toBeUndefined();
    expect(table.earlyBytes).toBe(30);
    expect(table.apply(1, redirect(b, c))?.outcome).toEqual({ kind: "answered", peer: c, data: "yes" });
    expect([table.earlyBytes, table.unmatched, table.size]).toEqual([0, 0, 0]);
  });

  test("[BASE-221] a whole chain in reverse order", () => {
    const table = tableWith();
    expect(table.apply(1, answer(d))).toBeUndefined();
    expect(table.apply(1, redirect(c, d))).toBeUndefined();
    expect(table.apply(1, redirect(b, c))?.outcome).toEqual({ kind: "answered", peer: d, data: "yes" });
  });

  test("[BASE-224] held answers are bounded in bytes and in number, and only the first of a node is held", () => {
    const table = tableWith();
    table.apply(1, answer(c, 101));
    expect([table.earlyBytes, table.unmatched]).toEqual([0, 1]);
    table.apply(1, answer(c, 60));
    table.apply(1, answer(c, 20));
    expect([table.earlyBytes, table.unmatched]).toEqual([60, 2]);
    table.apply(1, answer(d, 41));
    expect([table.earlyBytes, table.unmatched]).toEqual([60, 3]);
    for (let i = 0; i < 20; i++) table.apply(1, answer(id(`x${i}`), 1));
    expect([table.earlyBytes, table.unmatched]).toEqual([67, 16]);
    table.remove(1);
    expect([table.earlyBytes, table.unmatched]).toEqual([0, 24]);
  });
});

describe("slots", () => {
  test("[BASE-212] a node owes at most so many answers, all nodes together at most so many", () => {
    const table = new PendingRequests<number>(self, limits);
    const add = (requestId: number, peer: NodeId): boolean =>
      table.add({ requestId, peer, isDirect: true, deadline: 1, waiter: requestId });
    expect([1, 2, 3, 4].map((n) => add(n, b))).toEqual([true, true, true, false]);
    expect([5, 6, 7].map((n) => add(n, c))).toEqual([true, true, false]);
    table.apply(1, answer(b));
    expect([add(8, g), table.size]).toEqual([true, 5]);
    expect(table.clear()).toEqual([2, 3, 5, 6, 8]);
    expect([table.size, table.countOf(b), table.countOf(c)]).toEqual([0, 0, 0]);
  });
});
