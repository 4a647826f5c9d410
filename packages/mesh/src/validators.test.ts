import { expect, test } from "vitest";
import { Blame, Validators } from "./validators.js";

test("[MESH-052] more than 5 rejected broadcasts within 60 s are too many", () => {
  const quick = new Blame(5, 60_000);
  expect([0, 1, 2, 3, 4, 59_000].map((ms) => quick.add(ms))).toEqual([false, false, false, false, false, true]);
  const slow = new Blame(5, 60_000);
  for (let ms = 0; ms < 3_600_000; ms += 12_001) expect(slow.add(ms)).toBe(false);
  expect(new Blame(0, 60_000).add(0)).toBe(true);
});

test("[MESH-050] validators are found by type, `*` takes the rest", () => {
  const accept = () => "accept" as const;
  const reject = () => "reject" as const;
  const validators = new Validators({ chat: accept });
  expect(validators.get("other")).toBeUndefined();
  const unbind = validators.set("*", reject);
  expect([validators.get("chat"), validators.get("other")]).toEqual([accept, reject]);
  expect(() => validators.set("chat", reject)).toThrow(RangeError);
  expect(() => validators.set("x", "accept" as never)).toThrow(TypeError);
  unbind();
  expect(validators.get("other")).toBeUndefined();
  expect(validators.isEmpty).toBe(false);
});
