// Items and fingerprints by which two members compare a range, written from spec/chord-dictionary.md, section 7.
import { positionsOf } from "./positions.js";

export interface Kept {
  readonly key: Uint8Array;
  readonly timeUs: number;
  readonly origin: Uint8Array;
}

export interface Range {
  readonly after: Uint8Array;
  readonly upTo: Uint8Array;
}

export const partCount = 64;

/** The first 8 bytes of the third position, 7 of the time, the last one of the origin. */
export function itemOf({ key, timeUs, origin }: Kept): Uint8Array {
  const item = new Uint8Array(16);
  item.set((positionsOf(key)[2] as Uint8Array).subarray(0, 8));
  let rest = BigInt(timeUs);
  for (let at = 14; at >= 8; at--) {
    item[at] = Number(rest & 255n);
    rest >>= 8n;
  }
  item[15] = origin[47] as number;
  return item;
}

/** The way clockwise as a part of the circle, by the first 7 bytes. */
function fraction(from: Uint8Array, to: Uint8Array): number {
  const lead = (position: Uint8Array): bigint => BigInt(`0x${Buffer.from(position.subarray(0, 7)).toString("hex")}`);
  const difference = Number(BigInt.asUintN(56, lead(to) - lead(from)));
  return difference / 2 ** 56;
}

export function partOf({ after, upTo }: Range, position: Uint8Array): number {
  return Math.min(partCount - 1, Math.floor((fraction(after, position) / (fraction(after, upTo) || 1)) * partCount));
}

/** The 8 bytes of an item. */
function printOf(item: Uint8Array): Uint8Array {
  const view = new DataView(item.buffer, item.byteOffset, 16);
  let [a, b] = [0x811c9dc5, 0x9e3779b9];
  for (let at = 0; at < 16; at += 4) {
    a = Math.imul(a ^ view.getUint32(at) ^ (b >>> 13), 0x85ebca6b);
    b = Math.imul(b ^ a ^ (a >>> 16), 0xc2b2ae35);
  }
  a ^= b >>> 15;
  const print = new Uint8Array(8);
  new DataView(print.buffer).setUint32(0, a >>> 0);
  new DataView(print.buffer).setUint32(4, b >>> 0);
  return print;
}

/** Each position of a record that lies in the range, with the part that it is in. */
export function placesIn(
  range: Range,
  records: readonly Kept[],
  isIn: (after: Uint8Array, position: Uint8Array, upTo: Uint8Array) => boolean,
): readonly { readonly part: number; readonly item: Uint8Array }[] {
  return records.flatMap((record) =>
    positionsOf(record.key)
      .filter((position) => isIn(range.after, position, range.upTo))
      .map((position) => ({ part: partOf(range, position), item: itemOf(record) })),
  );
}

/** The fingerprints of all parts, one after the other. */
export function printsOf(places: readonly { readonly part: number; readonly item: Uint8Array }[]): Uint8Array {
  const prints = new Uint8Array(partCount * 8);
  for (const { part, item } of places) {
    for (const [at, byte] of printOf(item).entries()) prints[part * 8 + at] = (prints[part * 8 + at] as number) ^ byte;
  }
  return prints;
}
