// The values that a message can carry, as the suite handles them; written from the spec, not from the packages.

/** Maps are objects without a prototype, as in the wire package's `WireValue`. */
export type Value =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly Value[]
  | { readonly [key: string]: Value };

/** Encoded bytes to be put into a message as they are: how the suite sends forms that no encoder writes. */
export class Raw {
  readonly bytes: Uint8Array;
  constructor(hex: string | Uint8Array) {
    this.bytes = typeof hex === "string" ? fromHex(hex) : hex;
  }
}

/** A float that is written as a float even when it is integral. */
export class Float {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

/** A map with keys of any type, which only profile 0.7 has. */
export class AnyMap {
  readonly entries: readonly (readonly [unknown, unknown])[];
  constructor(entries: readonly (readonly [unknown, unknown])[]) {
    this.entries = entries;
  }
}

export function fromHex(hex: string): Uint8Array {
  if (!/^([0-9a-f]{2})*$/i.test(hex)) throw new TypeError(`not hexadecimal: ${hex.slice(0, 40)}`);
  return new Uint8Array(Buffer.from(hex, "hex"));
}

export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex");
}

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

export function isSameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
