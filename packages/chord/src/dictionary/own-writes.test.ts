// What an owner remembers of its own writes. [CHORD-280]
import { encodeValue, type NodeId, nodeIdFromBytes } from "@p2p/wire";
import { expect, test } from "vitest";
import { ownedWrite, type Write } from "../store/record.js";
import { OwnWrites } from "./own-writes.js";

const owner: NodeId = nodeIdFromBytes(new Uint8Array(48).fill(5));
const key = Uint8Array.of(1);

function write(sequence: number, value: unknown = sequence): Write {
  return ownedWrite({ timeUs: sequence, origin: owner }, encodeValue(value as string), Uint8Array.of(1));
}

test("[CHORD-280] what was written last stays, until something later is shown or told of", () => {
  const own = new OwnWrites();
  expect([own.last(key), own.sequenceOf(key)]).toEqual([undefined, 0]);
  own.wrote(key, write(5));
  for (const sequence of [3, 5]) {
    own.told(key, sequence);
    own.saw(key, write(sequence));
  }
  expect([own.last(key), own.sequenceOf(key)]).toEqual([write(5), 5]);
  own.saw(key, write(7));
  expect([own.last(key), own.sequenceOf(key)]).toEqual([undefined, 7]);
  own.told(key, 6);
  expect(own.sequenceOf(key)).toBe(7);
  own.wrote(key, write(8));
  own.told(key, 9);
  expect([own.last(key), own.sequenceOf(key)]).toEqual([undefined, 9]);
});

test("[CHORD-280] what it remembers is bounded, in keys and in bytes", () => {
  const many = new OwnWrites();
  const at = (n: number): Uint8Array => Uint8Array.of(n >> 8, n & 255);
  for (let n = 0; n < 3_000; n += 1) many.wrote(at(n), write(n + 1));
  const isKnown = (own: OwnWrites) => Array.from({ length: 3_000 }, (_, n) => own.last(at(n)) !== undefined);
  expect(isKnown(many).indexOf(true)).toBe(3_000 - 1_024);
  const large = new OwnWrites();
  for (let n = 0; n < 300; n += 1) large.wrote(at(n), write(n + 1, "x".repeat(65_000)));
  const known = isKnown(large).filter((each) => each).length;
  expect(known * 65_000).toBeLessThanOrEqual(8_388_608);
  expect(large.last(at(299))).toBeDefined();
});
