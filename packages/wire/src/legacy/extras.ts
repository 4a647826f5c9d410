// Values that 0.7 nodes put on the wire and JavaScript has no plain value for. [WIRE-110 to WIRE-112]
import { WireError } from "../errors.js";
import type { WireLimits } from "../limits.js";
import type { WireValue } from "../value.js";
import { ValueDecoder } from "../value-decoder.js";
import { type ExtraWriter, ValueEncoder } from "../value-encoder.js";

/** A number that is written as a 64-bit float even if it is integral, as Python writes `1.0`. */
export class Float64 {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}

/** Keys of an {@link AnyMap}: all but containers. */
export type AnyKey = null | boolean | number | bigint | string | Uint8Array;

/** A map that has keys other than text, in wire order. Maps whose keys are all text are plain objects. */
export class AnyMap {
  readonly entries: readonly (readonly [AnyKey, Value07])[];

  constructor(entries: readonly (readonly [AnyKey, Value07])[]) {
    this.entries = entries;
  }
}

/** A value of the 0.7 profile. Decoders return {@link AnyMap} where they must, and never {@link Float64}. */
export type Value07 = WireValue | Float64 | AnyMap | readonly Value07[] | { readonly [key: string]: Value07 };

const writeExtra: ExtraWriter = (value, encoder, depth) => {
  if (value instanceof Float64) {
    encoder.float64(value.value);
    return true;
  }
  if (value instanceof AnyMap) {
    // A copy: a getter within may change them.
    const entries = [...value.entries];
    checkKeys(entries);
    encoder.mapHeader(entries.length, depth);
    for (const [key, item] of entries) {
      encoder.value(key, depth + 1);
      encoder.value(item, depth + 1);
    }
    return true;
  }
  return false;
};

/** The 1.0 encoder, taking the extras too. */
export function valueEncoder07(limits: WireLimits): ValueEncoder {
  return new ValueEncoder(limits, 4096, writeExtra);
}

/** The 1.0 decoder, taking maps with any keys too. */
export function valueDecoder07(): ValueDecoder {
  return new ValueDecoder({
    map(entries) {
      checkKeys(entries);
      // No key is a container.
      return new AnyMap(entries as readonly (readonly [AnyKey, WireValue])[]);
    },
  });
}

function checkKeys(entries: readonly (readonly [WireValue, unknown])[]): void {
  const seen = new Set<string>();
  for (const [key] of entries) seen.add(keyText(key));
  if (seen.size !== entries.length) throw new WireError("duplicate-key", "a map has the same key twice");
}

function keyText(key: WireValue): string {
  if (key instanceof Uint8Array) return `bin ${Array.from(key, (byte) => String.fromCharCode(byte)).join("")}`;
  if (typeof key === "object" && key !== null) throw new WireError("bad-key", "a map key may not be a container");
  return `${typeof key} ${key}`;
}
