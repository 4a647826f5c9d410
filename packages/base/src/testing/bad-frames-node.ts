// Bytes that no honest peer sends, by the way they are wrong: for the bad-input suites.
import { constants, deflateSync } from "node:zlib";
import { type closeCodes, encodeValue } from "@p2p/wire";
import { bytesOf, frameOf } from "./raw-peer.js";

export interface BadFrame {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** What the node may close the connection with. */
  readonly closes: readonly (keyof typeof closeCodes)[];
}

const sender = new Uint8Array(48).fill(0xee);

/** `[2, sender, time, 2, "message", <data>]` with `data` as written by hand. */
export function messageWith(data: Uint8Array | readonly number[]): Uint8Array {
  const head = encodeValue([2, sender, 1, 2, "message", 0]);
  return bytesOf(head.subarray(0, -1), data);
}

/** A 1 MiB zlib stream that inflates to 1 GiB: one flushed block of zeros, many times. */
export function zlibBomb(): Uint8Array {
  const options = { level: 9, finishFlush: constants.Z_FULL_FLUSH };
  const flushed = deflateSync(new Uint8Array(1_048_576), options);
  const block = flushed.subarray(2);
  const count = Math.floor((1_048_576 - 64) / block.length);
  return bytesOf(flushed.subarray(0, 2), ...Array<Uint8Array>(count).fill(block), [0x03, 0x00, 0, 0, 0, 1]);
}

const badFrame = ["badFrame", "protocol"] as const;

/** Each is one frame (or its beginning) that a node must not get over, sent after the handshake. */
export function badFrames(): readonly BadFrame[] {
  const zeros = (count: number): readonly number[] => Array<number>(count).fill(0);
  return [
    { name: "length 0", bytes: frameOf(new Uint8Array(0)), closes: badFrame },
    {
      name: "a length over the limit",
      bytes: frameOf(bytesOf(zeros(16)), { length: 1_048_577 }),
      closes: ["tooLarge"],
    },
    { name: "the largest length", bytes: frameOf(bytesOf(zeros(16)), { length: 0x0fff_ffff }), closes: ["tooLarge"] },
    { name: "an unknown codec", bytes: frameOf(messageWith([0]), { codec: 3 }), closes: badFrame },
    { name: "the highest codec", bytes: frameOf(messageWith([0]), { codec: 15 }), closes: badFrame },
    { name: "zlib that is none", bytes: frameOf(messageWith([0]), { codec: 1 }), closes: badFrame },
    { name: "gzip that is none", bytes: frameOf(messageWith([0]), { codec: 2 }), closes: badFrame },
    { name: "a bomb of 1 GiB in 1 MiB", bytes: frameOf(zlibBomb(), { codec: 1 }), closes: ["badFrame", "tooLarge"] },
    {
      name: "zlib with bytes behind it",
      bytes: frameOf(bytesOf(deflateSync(messageWith([0])), [0]), { codec: 1 }),
      closes: badFrame,
    },
    {
      name: "a cut zlib stream",
      bytes: frameOf(deflateSync(messageWith([0])).subarray(0, -5), { codec: 1 }),
      closes: badFrame,
    },
    {
      name: "depth 1,000,000",
      bytes: frameOf(messageWith(bytesOf(Array<number>(1_000_000).fill(0x91), [0xc0]))),
      closes: badFrame,
    },
    {
      name: "maps to depth 1,000",
      bytes: frameOf(messageWith(bytesOf(...Array<number[]>(1_000).fill([0x81, 0xa1, 0x61]), [0xc0]))),
      closes: badFrame,
    },
    {
      name: "an array of 2^32 - 1 entries",
      bytes: frameOf(messageWith([0xdd, 0xff, 0xff, 0xff, 0xff])),
      closes: badFrame,
    },
    {
      name: "a map of 2^32 - 1 entries",
      bytes: frameOf(messageWith([0xdf, 0xff, 0xff, 0xff, 0xff])),
      closes: badFrame,
    },
    { name: "text of 2^32 - 1 bytes", bytes: frameOf(messageWith([0xdb, 0xff, 0xff, 0xff, 0xff])), closes: badFrame },
    {
      name: "a byte string of 2^32 - 1",
      bytes: frameOf(messageWith([0xc6, 0xff, 0xff, 0xff, 0xff])),
      closes: badFrame,
    },
    {
      name: "a body of 2^32 - 1 elements",
      bytes: frameOf(bytesOf([0xdd, 0xff, 0xff, 0xff, 0xff, 2])),
      closes: badFrame,
    },
    {
      name: "an array of 65,537 entries",
      bytes: frameOf(messageWith(bytesOf([0xdd, 0, 1, 0, 1], zeros(65_537)))),
      closes: badFrame,
    },
    { name: "invalid UTF-8", bytes: frameOf(messageWith([0xa2, 0xc3, 0x28])), closes: badFrame },
    { name: "a surrogate in UTF-8", bytes: frameOf(messageWith([0xa3, 0xed, 0xa0, 0x80])), closes: badFrame },
    { name: "an overlong letter", bytes: frameOf(messageWith([0xa2, 0xc0, 0xaf])), closes: badFrame },
    { name: "invalid UTF-8 in a key", bytes: frameOf(messageWith([0x81, 0xa1, 0xff, 0])), closes: badFrame },
    { name: "a key that is a number", bytes: frameOf(messageWith([0x81, 0x01, 0])), closes: badFrame },
    { name: "a key twice", bytes: frameOf(messageWith([0x82, 0xa1, 0x61, 0, 0xa1, 0x61, 0])), closes: badFrame },
    ...[0xd4, 0xd5, 0xd6, 0xd7, 0xd8].map((code, index) => ({
      name: `a fixed ext of ${2 ** index}`,
      bytes: frameOf(messageWith(bytesOf([code, 1], zeros(2 ** index)))),
      closes: badFrame,
    })),
    { name: "ext 8", bytes: frameOf(messageWith([0xc7, 1, 1, 0])), closes: badFrame },
    { name: "ext 16", bytes: frameOf(messageWith([0xc8, 0, 1, 1, 0])), closes: badFrame },
    { name: "ext 32", bytes: frameOf(messageWith([0xc9, 0, 0, 0, 1, 1, 0])), closes: badFrame },
    { name: "the byte that msgpack never uses", bytes: frameOf(messageWith([0xc1])), closes: badFrame },
    { name: "a value behind the body", bytes: frameOf(messageWith([0, 0])), closes: badFrame },
    { name: "a body that is no array", bytes: frameOf(encodeValue({ type: 2 })), closes: badFrame },
    { name: "an empty array", bytes: frameOf(encodeValue([])), closes: badFrame },
    { name: "a body of three elements", bytes: frameOf(encodeValue([2, sender, 1])), closes: badFrame },
  ];
}
