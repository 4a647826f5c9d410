import { describe, expect, test } from "vitest";
import { Flow } from "./flow.js";

const options = { graceMs: 500, minBytesPerMs: 1_000 };

describe("who is waited for", () => {
  test("[MESH-072] a neighbour that drains in time is waited for until it has", () => {
    const flow = new Flow<string>(options);
    flow.block("a", false, 0, 0);
    flow.block("b", false, 0, 10);
    expect(flow.isBlocked).toBe(true);
    flow.unblock("a");
    expect(flow.isBlocked).toBe(true);
    flow.unblock("b");
    flow.unblock("b");
    expect(flow.isBlocked).toBe(false);
  });

  test("[MESH-072] nothing is read from others while one is full; from that one alone reading goes on", () => {
    const flow = new Flow<string>(options);
    flow.block("a", false, 0, 0);
    expect([flow.holds("a"), flow.holds("b")]).toEqual([false, false]);
    flow.block("a", true, 0, 0);
    flow.block("a", true, 0, 0);
    expect([flow.holds("a"), flow.holds("b")]).toEqual([false, true]);
    flow.block("b", true, 0, 0);
    expect([flow.holds("a"), flow.holds("b"), flow.holds("c")]).toEqual([true, true, true]);
    flow.unblock("a");
    expect([flow.holds("a"), flow.holds("b")]).toEqual([true, false]);
    flow.unblock("b");
    expect([flow.holds("a"), flow.holds("b")]).toEqual([false, false]);
  });

  test("[MESH-073] one that takes nothing is waited for 500 ms, and no more until it has caught up", () => {
    const flow = new Flow<string>(options);
    flow.block("stalled", true, 70, 0);
    flow.review(500, () => 70);
    expect([flow.isBlocked, flow.holds("other")]).toEqual([true, true]);
    flow.review(501, () => 70);
    expect([flow.isBlocked, flow.holds("other"), flow.isLagging("stalled")]).toEqual([false, false, true]);
    flow.block("stalled", true, 70, 600);
    expect([flow.isBlocked, flow.holds("other")]).toEqual([false, false]);
    flow.unblock("stalled");
    flow.block("stalled", true, 70, 700);
    expect([flow.isBlocked, flow.holds("other")]).toEqual([true, true]);
  });

  test("[MESH-073] one that takes enough is waited for on, one that takes too little is not", () => {
    const flow = new Flow<string>(options);
    flow.block("fast", true, 0, 0);
    for (let ms = 0; ms <= 10_000; ms += 100) flow.review(ms, () => ms * 1_000);
    expect(flow.holds("other")).toBe(true);
    flow.unblock("fast");
    flow.block("slow", true, 0, 0);
    for (let ms = 0; ms <= 990; ms += 10) flow.review(ms, () => ms * 500);
    expect(flow.holds("other")).toBe(true);
    for (let ms = 1_000; ms <= 1_100; ms += 10) flow.review(ms, () => ms * 500);
    expect([flow.holds("other"), flow.isBlocked, flow.isLagging("slow")]).toEqual([false, false, true]);
    flow.block("slow", true, 0, 1_200);
    expect(flow.holds("other")).toBe(false);
  });
});
