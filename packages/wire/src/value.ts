// The values that the wire can carry. [WIRE-020]

/**
 * A value of the permitted msgpack subset.
 *
 * Integers within +-(2^53 - 1) are numbers, larger ones (up to 64 bits) are bigints; every other number is a 64-bit float.
 * Byte strings are `Uint8Array`, maps are objects with string keys; what stands under a symbol is no part of the value. Section 4 of spec/wire.md.
 */
export type WireValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly WireValue[]
  | { readonly [key: string]: WireValue };
