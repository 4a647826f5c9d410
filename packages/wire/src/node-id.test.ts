import fc from "fast-check";
import { expect, test } from "vitest";
import { base58 } from "./base58.js";
import { WireError } from "./errors.js";
import { networkId } from "./network-id.js";
import { deriveNodeId, nodeIdFromBytes, nodeIdToBytes, parseNodeId } from "./node-id.js";
import { NodeIdCache } from "./node-id-cache.js";

const idBytes = fc.uint8Array({ minLength: 48, maxLength: 48 });

test("[WIRE-052] ids round-trip, leading zeros included", () => {
  fc.assert(
    fc.property(idBytes, fc.nat(48), (bytes, zeros) => {
      bytes.fill(0, 0, zeros);
      const id = nodeIdFromBytes(bytes);
      expect(nodeIdToBytes(id)).toEqual(bytes);
      expect(parseNodeId(id)).toBe(id);
    }),
  );
});

test("[WIRE-053] what is not the one text of an id is refused", () => {
  const largest = base58.encode(new Uint8Array(48).fill(0xff));
  expect(parseNodeId(largest)).toBe(largest);
  const tooLarge = base58.encode(Uint8Array.from([1, ...new Uint8Array(48)]));
  for (const text of [
    "",
    "11",
    `1${largest}`,
    tooLarge,
    `${largest}1`,
    `${largest} `,
    "not-an-id",
    "l",
    "x".repeat(100_000),
  ]) {
    expect(() => parseNodeId(text)).toThrow(expect.objectContaining({ name: "WireError", code: "bad-node-id" }));
  }
  for (const length of [0, 47, 49]) expect(() => nodeIdFromBytes(new Uint8Array(length))).toThrow(WireError);
});

test("[WIRE-054] [WIRE-055] ids depend on each part of what they are derived from", () => {
  const source = { address: "tcp://127.0.0.1:1", networkId: networkId("chat"), salt: "salt" };
  const ids = [
    source,
    { ...source, address: "tcp://127.0.0.1:2" },
    { ...source, networkId: networkId("chat", "TLS") },
    { ...source, salt: "other" },
  ].map(deriveNodeId);
  expect(new Set(ids).size).toBe(4);
  expect(deriveNodeId(source)).toBe(ids[0]);
});

test("[WIRE-052] the cache gives the text of every id, whatever it has forgotten", () => {
  const cache = new NodeIdCache(8);
  fc.assert(
    fc.property(
      fc.array(idBytes, { minLength: 1, maxLength: 12 }),
      fc.array(fc.nat(), { maxLength: 60 }),
      (ids, order) => {
        for (const turn of order) {
          const bytes = ids[turn % ids.length] as Uint8Array;
          expect(cache.toText(bytes)).toBe(nodeIdFromBytes(bytes));
          // The same bytes elsewhere in memory, and changed afterwards.
          const copy = bytes.slice();
          expect(cache.toText(copy)).toBe(nodeIdFromBytes(bytes));
          copy[47] = (copy[47] as number) ^ 1;
          expect(cache.toText(copy)).toBe(nodeIdFromBytes(copy));
        }
      },
    ),
  );
  // A Buffer too: its slice is a view.
  const buffer = Buffer.alloc(48, 1);
  const first = cache.toText(buffer);
  buffer.fill(2, 6);
  expect(cache.toText(buffer)).toBe(nodeIdFromBytes(buffer));
  buffer.fill(1);
  expect(cache.toText(buffer)).toBe(first);
  for (const length of [0, 3, 47, 49]) {
    expect(() => cache.toText(new Uint8Array(length))).toThrow(expect.objectContaining({ code: "bad-node-id" }));
  }
});
