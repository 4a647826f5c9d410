// Unsigned integers of messages, as far as a number holds them exactly. [WIRE-090]

/** Whether a value is an integer from 0 to 2^53 - 1. Negative zero is none: it is a float on the wire. */
export function isUnsigned(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 && !Object.is(value, -0);
}
