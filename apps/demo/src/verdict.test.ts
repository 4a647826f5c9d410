import { describe, expect, it } from "vitest";
import { Claims } from "./claims.js";
import { Deliveries } from "./deliveries.js";
import { Narrator } from "./narrator.js";
import { judge } from "./verdict.js";

/** Three processes, one message, heard so often by B and by C; and one claim. */
function judged(timesB: number, timesC: number, isTrue = true): { readonly code: number; readonly text: string } {
  const deliveries = new Deliveries();
  deliveries.said("hello", "A", ["A", "B", "C"]);
  deliveries.began("hello", 0n);
  for (let i = 0; i < timesB; i++) deliveries.heard("hello", "B", { via: "A", atNs: 1n });
  for (let i = 0; i < timesC; i++) deliveries.heard("hello", "C", { via: "B", atNs: 2n });
  const claims = new Claims();
  claims.note("Bob refuses it", isTrue);
  let text = "";
  const write = (part: string): void => {
    text += part;
  };
  return { code: judge({ deliveries, claims }, new Narrator({ write, hasColours: false }), 1234), text };
}

describe("judge", () => {
  it("ends well when every delivery was made exactly once", () => {
    expect(judged(1, 1)).toEqual({
      code: 0,
      text: "\n1 broadcasts, 2 of 2 deliveries, each exactly once; 1 claims, all true; in 1.2 s.\n",
    });
  });

  it("fails, and says why, when a node lost a message", () => {
    const { code, text } = judged(1, 0);
    expect(code).toBe(1);
    expect(text).toContain("Failed: 1 of 2 deliveries");
    expect(text).toContain('"hello" of A never came to C');
  });

  it("fails, and says why, when a node got a message twice", () => {
    const { code, text } = judged(2, 1);
    expect(code).toBe(1);
    expect(text).toContain('"hello" of A came to B 2 times');
  });

  it("fails, and says which, when a claim is not true", () => {
    const { code, text } = judged(1, 1, false);
    expect(code).toBe(1);
    expect(text).toBe("\nFailed: 1 of 1 claims are not true.\n  it is not so: Bob refuses it\n");
  });
});
