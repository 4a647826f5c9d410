// Which keys are owned. [SEC-090]
import { type NodeId, nodeIdFromBytes } from "@p2p/wire";
import fc from "fast-check";
import { expect, test } from "vitest";
import { ownedKey, ownerOf } from "./owned-key.js";

const owner = nodeIdFromBytes(new Uint8Array(48).fill(7));

test("[SEC-090] the owner of an owned key is the one that it was made for, whatever the name", () => {
  const ids = fc
    .uint8Array({ minLength: 48, maxLength: 48 })
    .map((bytes) => nodeIdFromBytes(bytes.fill((bytes[0] ?? 0) | 1, 0, 1)));
  fc.assert(
    fc.property(ids, fc.string({ minLength: 1 }), (id, name) => {
      expect(ownerOf(ownedKey(id, name))).toBe(id);
    }),
  );
});

test("[SEC-090] ids of 56 to 66 characters own keys, and shorter ones none", () => {
  const withZeroes = (zeroes: number): NodeId => nodeIdFromBytes(new Uint8Array(48).fill(255, zeroes));
  for (const zeroes of [0, 7]) expect(ownerOf(ownedKey(withZeroes(zeroes), "n"))).toBe(withZeroes(zeroes));
  expect([withZeroes(0).length, withZeroes(7).length, withZeroes(8).length]).toEqual([66, 56, 55]);
  expect(() => ownedKey(withZeroes(8), "n")).toThrow(RangeError);
  expect(ownerOf(`@${withZeroes(8)}/n`)).toBeUndefined();
});

test("[SEC-090] every other key is nobody's", () => {
  const others = [
    "",
    "@",
    "@/",
    "@bob/x",
    `${owner}/x`,
    `@${owner}`,
    `@${owner}/`,
    `@1${owner}/x`,
    `@/${owner}`,
    `@${owner.slice(0, -1)}0/x`,
    ` @${owner}/x`,
    `@${owner} /x`,
    `@${"z".repeat(66)}/x`,
    `@${"1".repeat(100_000)}/x`,
  ];
  for (const key of others) expect([key, ownerOf(key)]).toEqual([key, undefined]);
});

test("an owned key has a name", () => {
  expect(() => ownedKey(owner, "")).toThrow(RangeError);
});
