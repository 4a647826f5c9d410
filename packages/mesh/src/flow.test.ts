import { describe, expect, test } from "vitest";
import { Flow } from "./flow.js";

const options = { graceMs: 500, minBytesPerMs: 1_000 };

describe("who is waited for", () => {
  test("[MESH-072] a neighbour that drains in time holds the others until it has", () => {
    const flow = new Flow<string>(options);
    flow.block("a", 0, 0);
    flow.block("b", 0, 10);
    expect(flow.isHeld).toBe(true);
    flow.unblock("a");
    expect(flow.isHeld).toBe(true);
    flow.unblock("b");
    flow.unblock("b");
    expect(flow.isHeld).toBe(false);
  });

  test("[MESH-073] one that takes nothing is waited for 500 ms, and no more until it has caught up", () => {
    const flow = new Flow<string>(options);
    flow.block("stalled", 70, 0);
    flow.review(500, () => 70);
    expect(flow.isHeld).toBe(true);
    flow.review(501, () => 70);
    expect([flow.isHeld, flow.isBlocked("stalled"), flow.isLagging("stalled")]).toEqual([false, true, true]);
    flow.block("stalled", 70, 600);
    expect(flow.isHeld).toBe(false);
    flow.unblock("stalled");
    flow.block("stalled", 70, 700);
    expect(flow.isHeld).toBe(true);
  });

  test("[MESH-073] one that takes enough is waited for on, one that takes too little is not", () => {
    const flow = new Flow<string>(options);
    flow.block("fast", 0, 0);
    for (let ms = 0; ms <= 10_000; ms += 100) flow.review(ms, () => ms * 1_000);
    expect(flow.isHeld).toBe(true);
    flow.unblock("fast");
    flow.block("slow", 0, 0);
    for (let ms = 0; ms <= 990; ms += 10) flow.review(ms, () => ms * 500);
    expect(flow.isHeld).toBe(true);
    for (let ms = 1_000; ms <= 1_100; ms += 10) flow.review(ms, () => ms * 500);
    expect(flow.isHeld).toBe(false);
    flow.clear();
    expect(flow.isBlocked("slow")).toBe(false);
  });
});
