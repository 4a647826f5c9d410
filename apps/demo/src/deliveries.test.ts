import { describe, expect, it } from "vitest";
import { Deliveries } from "./deliveries.js";

const everyone = ["A", "B", "C", "D"];

/** "hello" of A, over B to C and D. */
function helloOfA(): Deliveries {
  const deliveries = new Deliveries();
  deliveries.said("hello", "A", everyone);
  deliveries.began("hello", 1_000_000n);
  deliveries.heard("hello", "B", { via: "A", atNs: 2_000_000n });
  deliveries.heard("hello", "C", { via: "B", atNs: 3_500_000n });
  return deliveries;
}

describe("Deliveries", () => {
  it("is content when everyone but the origin heard it once", () => {
    const deliveries = helloOfA();
    expect(deliveries.isComplete("hello")).toBe(false);
    deliveries.heard("hello", "D", { via: "C", atNs: 3_000_000n });
    expect(deliveries.isComplete("hello")).toBe(true);
    expect(deliveries.problems()).toEqual([]);
    expect([deliveries.messages, deliveries.expected, deliveries.arrived]).toEqual([1, 3, 3]);
  });

  it("names the message and the process when one was lost", () => {
    expect(helloOfA().problems()).toEqual(['"hello" of A never came to D']);
  });

  it("names the message and the process when one came twice", () => {
    const deliveries = helloOfA();
    deliveries.heard("hello", "D", { via: "B", atNs: 3_000_000n });
    deliveries.heard("hello", "D", { via: "C", atNs: 4_000_000n });
    expect(deliveries.isComplete("hello")).toBe(true);
    expect(deliveries.problems()).toEqual(['"hello" of A came to D 2 times']);
  });

  it("notices what nobody had said, and an origin that hears itself", () => {
    const deliveries = new Deliveries();
    deliveries.heard("boo", "B", { via: "A", atNs: 1n });
    deliveries.said("hello", "A", ["A"]);
    deliveries.heard("hello", "A", { via: "B", atNs: 2n });
    expect(deliveries.problems()).toHaveLength(2);
  });

  it("tells hops from the neighbours that passed it on, and times from the clock that all share", () => {
    const deliveries = helloOfA();
    deliveries.heard("hello", "D", { via: "C", atNs: 3_000_000n });
    expect(deliveries.arrivals("hello")).toEqual([
      { at: "B", via: "A", hops: 1, afterMs: 1 },
      { at: "D", via: "C", hops: 3, afterMs: 2 },
      { at: "C", via: "B", hops: 2, afterMs: 2.5 },
    ]);
  });

  it("tells no hops where reports contradict one another", () => {
    const deliveries = new Deliveries();
    deliveries.said("hello", "A", everyone);
    deliveries.began("hello", 0n);
    deliveries.heard("hello", "B", { via: "C", atNs: 1n });
    deliveries.heard("hello", "C", { via: "B", atNs: 1n });
    expect(deliveries.arrivals("hello").map(({ hops }) => hops)).toEqual([undefined, undefined]);
  });

  it("refuses the same text twice: deliveries could not be told apart", () => {
    expect(() => helloOfA().said("hello", "B", everyone)).toThrow(RangeError);
  });
});
