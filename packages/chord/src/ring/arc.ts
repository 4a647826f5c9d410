// Arithmetic on the circle of 2^384 positions, by bytes: no big integers on the way of a message. [CHORD-002]

/** Length of a position in bytes. */
export const positionBytes = 48;

/** Below 0, 0 or above 0, as the number `a` is below, equal to or above `b`. */
export function comparePositions(a: Uint8Array, b: Uint8Array): number {
  for (let index = 0; index < positionBytes; index++) {
    const difference = (a[index] as number) - (b[index] as number);
    if (difference !== 0) return difference;
  }
  return 0;
}

export function isSamePosition(a: Uint8Array, b: Uint8Array): boolean {
  return comparePositions(a, b) === 0;
}

/** Whether `x` is met on the way clockwise from `from` to `to`, both excluded. From a point to itself is all the way round. */
export function isBetween(from: Uint8Array, x: Uint8Array, to: Uint8Array): boolean {
  const isAfter = comparePositions(x, from) > 0;
  const isBefore = comparePositions(x, to) < 0;
  return comparePositions(from, to) < 0 ? isAfter && isBefore : isAfter || isBefore;
}

/** As {@link isBetween}, `to` included: what a node at `to` with the predecessor `from` is responsible for. */
export function isOnArc(from: Uint8Array, x: Uint8Array, to: Uint8Array): boolean {
  return isSamePosition(x, to) || isBetween(from, x, to);
}

/** Bytes that decide distances: more than a double can hold. */
const leadingBytes = 7;

/** The way clockwise from `from` to `to` as a part of the circle, 0 to 1; exact to 2^-53. */
export function arcFraction(from: Uint8Array, to: Uint8Array): number {
  let difference = 0;
  let weight = 1 / 256;
  for (let index = 0; index < leadingBytes; index++) {
    difference += ((to[index] as number) - (from[index] as number)) * weight;
    weight /= 256;
  }
  return difference < 0 || (difference === 0 && comparePositions(to, from) < 0) ? difference + 1 : difference;
}

/** The position 2^`exponent` further clockwise. */
export function plusPowerOfTwo(position: Uint8Array, exponent: number): Uint8Array {
  const sum = position.slice();
  let index = positionBytes - 1 - (exponent >> 3);
  let carry = 1 << (exponent & 7);
  while (carry > 0 && index >= 0) {
    const value = (sum[index] as number) + carry;
    sum[index] = value & 0xff;
    carry = value >> 8;
    index--;
  }
  return sum;
}
