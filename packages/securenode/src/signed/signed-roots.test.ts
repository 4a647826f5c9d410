import { describe, expect, test } from "vitest";
import { SignedRoots } from "./signed-roots.js";

const root = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);
const signature = (byte: number): Uint8Array => new Uint8Array(64).fill(byte);

describe("[SEC-087] roots that were verified", () => {
  test("are known with the very signature that was verified", () => {
    const roots = new SignedRoots();
    expect(roots.has(root(1), signature(1))).toBe(false);
    roots.add(root(1), signature(1));
    roots.add(root(1), signature(2));
    roots.add(root(2), signature(3));
    const pairs = [1, 2].flatMap((r) => [1, 2, 3, 4].map((s) => [r, s] as const));
    const known = pairs.filter(([r, s]) => roots.has(root(r), signature(s)));
    expect(known).toEqual([
      [1, 1],
      [1, 2],
      [2, 3],
    ]);
  });

  test("are eight, the last", () => {
    const roots = new SignedRoots();
    for (let byte = 1; byte <= 20; byte++) roots.add(root(byte), signature(byte));
    const known = Array.from({ length: 20 }, (_, index) => index + 1).filter((byte) =>
      roots.has(root(byte), signature(byte)),
    );
    expect(known).toEqual([13, 14, 15, 16, 17, 18, 19, 20]);
  });

  test("do not change with the memory that they came in", () => {
    const roots = new SignedRoots();
    const [ofRoot, ofSignature] = [root(1), signature(1)];
    roots.add(ofRoot, ofSignature);
    ofRoot.fill(9);
    ofSignature.fill(9);
    expect([roots.has(root(1), signature(1)), roots.has(root(9), signature(9))]).toEqual([true, false]);
  });
});
