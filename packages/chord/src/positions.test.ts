import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { positionCount, positionsOf } from "./positions.js";

interface Vector {
  readonly id: string;
  readonly key: string;
  readonly positions_hex: readonly string[];
}

const file = new URL("../../../spec/vectors/chord/1.0/positions.json", import.meta.url);
// The file's form is checked by its schema.
const { vectors } = JSON.parse(readFileSync(file, "utf8")) as { readonly vectors: readonly Vector[] };
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

test("[CHORD-201] there are vectors", () => {
  expect(vectors.length).toBeGreaterThan(5);
});

test.each(vectors)("[CHORD-201] $id", ({ key, positions_hex }) => {
  expect(positionsOf(Buffer.from(key, "hex")).map(hex)).toEqual(positions_hex);
});

test("[CHORD-201] a text is the key of its UTF-8", () => {
  expect(positionsOf("äpfel")).toEqual(positionsOf(new TextEncoder().encode("äpfel")));
});

test("[CHORD-201] every key has five positions of 48 bytes, none equal to another", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (key) => {
      const positions = positionsOf(key);
      expect(positions.map((position) => position.length)).toEqual(new Array(positionCount).fill(48));
      expect(new Set(positions.map(hex)).size).toBe(positionCount);
    }),
  );
});
