// Positions on the circle of 2^384, as numbers of any size (spec/chord.md, section 1).
import { fromHex, toHex } from "../reference/value.js";

const bits = 384n;
const circle = 1n << bits;

export function numberOf(position: Uint8Array): bigint {
  return BigInt(`0x${toHex(position)}`);
}

export function positionOf(number: bigint): Uint8Array {
  const wrapped = ((number % circle) + circle) % circle;
  return fromHex(wrapped.toString(16).padStart(96, "0"));
}

/** The position so far clockwise from another one: a fraction of the circle. */
export function at(from: Uint8Array, fraction: number): Uint8Array {
  return positionOf(numberOf(from) + (BigInt(Math.round(fraction * 2 ** 52)) << (bits - 52n)));
}

/** The way clockwise. */
export function way(from: Uint8Array, to: Uint8Array): bigint {
  return (((numberOf(to) - numberOf(from)) % circle) + circle) % circle;
}

/** Whether a position is after `after`, and not beyond `upTo`; the whole circle where the two are one. */
export function isIn(after: Uint8Array, position: Uint8Array, upTo: Uint8Array): boolean {
  const length = way(after, upTo) || circle;
  const place = way(after, position) || circle;
  return place <= length;
}

/** The first of `members` at or after the position, and those that follow it, once round. */
export function ownersOf<T extends { readonly id: Uint8Array }>(members: readonly T[], position: Uint8Array): T[] {
  return [...members].sort((a, b) => (way(position, a.id) < way(position, b.id) ? -1 : 1));
}
