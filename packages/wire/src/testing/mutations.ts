// Byte strings that are almost right: members of a corpus after a few of the changes that fuzzers make.
import fc from "fast-check";

type Change = (bytes: Uint8Array) => Uint8Array;

/** Bytes that mean something at the start of a value, a length or a number. */
const telling = [
  0x00, 0x01, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc4, 0xc6, 0xc7, 0xcb, 0xcf, 0xd3, 0xd4, 0xd9,
  0xdb, 0xdc, 0xdd, 0xde, 0xdf, 0xe0, 0xff,
];

const place = fc.nat();
const piece = fc.uint8Array({ minLength: 1, maxLength: 8 });

const change: fc.Arbitrary<Change> = fc.oneof(
  fc.tuple(place, fc.nat(7)).map(
    ([at, bit]): Change =>
      (bytes) =>
        withByte(bytes, at, (old) => old ^ (1 << bit)),
  ),
  fc.tuple(place, fc.nat(255)).map(
    ([at, byte]): Change =>
      (bytes) =>
        withByte(bytes, at, () => byte),
  ),
  fc.tuple(place, fc.constantFrom(...telling)).map(
    ([at, byte]): Change =>
      (bytes) =>
        withByte(bytes, at, () => byte),
  ),
  fc.tuple(place, fc.integer({ min: -3, max: 3 })).map(
    ([at, by]): Change =>
      (bytes) =>
        withByte(bytes, at, (old) => old + by),
  ),
  fc.tuple(place, piece).map(
    ([at, extra]): Change =>
      (bytes) =>
        splice(bytes, at, 0, extra),
  ),
  fc.tuple(place, fc.nat(16)).map(
    ([at, count]): Change =>
      (bytes) =>
        splice(bytes, at, count, new Uint8Array(0)),
  ),
  place.map(
    (at): Change =>
      (bytes) =>
        bytes.slice(0, at % (bytes.length + 1)),
  ),
  fc.tuple(place, fc.nat(64), place).map(
    ([from, count, to]): Change =>
      (bytes) => {
        const start = from % (bytes.length + 1);
        return splice(bytes, to, 0, bytes.slice(start, start + count));
      },
  ),
);

/** A member of the corpus with up to 6 changes. */
export function mutated(corpus: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  if (corpus.length === 0) throw new Error("an empty corpus");
  const changes = fc.array(change, { maxLength: 6 });
  return fc.tuple(fc.constantFrom(...corpus), changes).map(([bytes, list]) => {
    let result: Uint8Array = bytes.slice();
    for (const one of list) result = one(result);
    return result;
  });
}

function withByte(bytes: Uint8Array, at: number, next: (old: number) => number): Uint8Array {
  if (bytes.length === 0) return bytes;
  const index = at % bytes.length;
  bytes[index] = next(bytes[index] as number);
  return bytes;
}

function splice(bytes: Uint8Array, at: number, drop: number, extra: Uint8Array): Uint8Array {
  const index = at % (bytes.length + 1);
  const after = bytes.subarray(Math.min(bytes.length, index + drop));
  const result = new Uint8Array(index + extra.length + after.length);
  result.set(bytes.subarray(0, index));
  result.set(extra, index);
  result.set(after, index + extra.length);
  return result;
}
