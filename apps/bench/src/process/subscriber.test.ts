import { describe, expect, it } from "vitest";
import { quantile, Subscriber } from "./subscriber.js";

function numbered(number: number): Uint8Array {
  const payload = Buffer.alloc(16);
  payload.writeUInt32BE(number);
  return payload;
}

describe("Subscriber", () => {
  it("counts within the window, and what did not come", async () => {
    const subscriber = new Subscriber();
    const counting = subscriber.count({ warmUpMs: 0, durationMs: 0 });
    for (let number = 0; number < 100; number++) if (number !== 3) subscriber.onMessage(numbered(number));
    const count = await counting;
    expect(count.received).toBeGreaterThan(0);
    expect(count.received).toBeLessThan(100);
    // The window may have closed before number 3 was left out.
    expect(count.missing).toBeLessThanOrEqual(1);
    expect(count.elapsedMs).toBeGreaterThanOrEqual(0);
  });

  it("reads numbers beyond 2^31 as they were written", async () => {
    const subscriber = new Subscriber();
    const counting = subscriber.count({ warmUpMs: 0, durationMs: 0 });
    subscriber.onMessage(numbered(2 ** 32 - 1));
    for (let i = 0; i < 10; i++) subscriber.onMessage(numbered(0));
    expect((await counting).missing).toBeGreaterThan(2 ** 31);
  });
});

describe("quantile", () => {
  it("takes the sample at the part of the way", () => {
    const sorted = Float64Array.from({ length: 100 }, (_, i) => i + 1);
    expect(quantile(sorted, 0.5)).toBe(51);
    expect(quantile(sorted, 0.99)).toBe(100);
    expect(quantile(new Float64Array(), 0.5)).toBeNaN();
  });
});
