import { expect, test } from "vitest";
import { isEqual } from "./is-equal.js";

test("[SEC-005] equal is what has the same bytes, all of which are looked at", () => {
  const secret = Uint8Array.from({ length: 32 }, (_, index) => index);
  expect(isEqual(secret, secret.slice())).toBe(true);
  for (const index of secret.keys()) {
    let reads = 0;
    const other = secret.slice();
    other[index] = 255;
    const counting = new Proxy(other, {
      get(target, property) {
        if (typeof property === "string" && /^\d+$/.test(property)) reads++;
        return Reflect.get(target, property, target);
      },
    });
    expect(isEqual(secret, counting)).toBe(false);
    expect(reads).toBe(secret.length);
  }
  expect(isEqual(secret, secret.subarray(1))).toBe(false);
  expect(isEqual(new Uint8Array(0), new Uint8Array(0))).toBe(true);
});
