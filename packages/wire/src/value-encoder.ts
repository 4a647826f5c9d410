// Writes values in their shortest msgpack form into slabs that are never overwritten. [WIRE-020 to WIRE-029]
import { tooDeep, tooManyEntries } from "./container-errors.js";
import { WireError } from "./errors.js";
import { defaultLimits, highestDepth, type WireLimits } from "./limits.js";
import { loneSurrogate, shortTextUnits, writeShortText } from "./short-text.js";
import { Slab } from "./slab.js";

const utf8 = new TextEncoder();
const scratch = new DataView(new ArrayBuffer(8));
const shortBytes = 24;

/**
 * Writes a value that is outside the permitted subset, for a profile that has some. Returns false to refuse it.
 * Only the 0.7 profile has one.
 */
export type ExtraWriter = (value: object, encoder: ValueEncoder, depth: number) => boolean;

/** Appends values to a slab. */
export class ValueEncoder extends Slab {
  readonly #extra: ExtraWriter | undefined;
  readonly #maxDepth: number;
  readonly #maxEntries: number;

  constructor(limits: WireLimits = defaultLimits, slabBytes = 65_536, extra?: ExtraWriter) {
    super(limits, slabBytes);
    this.#extra = extra;
    this.#maxDepth = Math.min(limits.maxDepth, highestDepth);
    this.#maxEntries = limits.maxEntries;
  }

  /** Writes any permitted value; `depth` is the number of containers around it. */
  value(value: unknown, depth: number): void {
    switch (typeof value) {
      case "string":
        this.text(value);
        break;
      case "number":
        this.number(value);
        break;
      case "boolean":
        this.byte(value ? 0xc3 : 0xc2);
        break;
      case "bigint":
        this.bigint(value);
        break;
      case "object":
        if (value === null) this.byte(0xc0);
        else if (value instanceof Uint8Array) this.binary(value);
        else if (Array.isArray(value)) this.array(value, depth);
        else this.#object(value, depth);
        break;
      default:
        throw new WireError(
          "bad-value",
          `a value of type ${typeof value} has no form on the wire; leave it out, or take null`,
        );
    }
  }

  byte(byte: number): void {
    this.ensure(1);
    this.bytes[this.position++] = byte;
  }

  /** An integer if the number is a safe one, else a 64-bit float. */
  number(value: number): void {
    this.ensure(9);
    const bytes = this.bytes;
    if (value >= 0 && value < 0x80 && value === (value | 0) && (value !== 0 || 1 / value > 0)) {
      bytes[this.position++] = value;
    } else if (!Number.isSafeInteger(value) || (value === 0 && 1 / value < 0)) {
      this.float64(value);
    } else if (value >= 0) {
      if (value < 0x100) {
        bytes[this.position++] = 0xcc;
        bytes[this.position++] = value;
      } else if (value < 0x10000) {
        this.#put16(0xcd, value);
      } else if (value < 0x100000000) {
        this.#put32(0xce, value);
      } else {
        this.#put64(0xcf, value);
      }
    } else if (value >= -0x20) {
      bytes[this.position++] = value;
    } else if (value >= -0x80) {
      bytes[this.position++] = 0xd0;
      bytes[this.position++] = value;
    } else if (value >= -0x8000) {
      this.#put16(0xd1, value);
    } else if (value >= -0x80000000) {
      this.#put32(0xd2, value);
    } else {
      this.#put64(0xd3, value);
    }
  }

  /** A 64-bit float, whatever the number. */
  float64(value: number): void {
    this.ensure(9);
    this.bytes[this.position++] = 0xcb;
    if (Number.isNaN(value)) {
      // One bit pattern, whatever the engine keeps in it.
      scratch.setUint32(0, 0x7ff80000);
      scratch.setUint32(4, 0);
    } else {
      scratch.setFloat64(0, value);
    }
    this.#putScratch();
  }

  bigint(value: bigint): void {
    if (value >= -9007199254740991n && value <= 9007199254740991n) {
      this.number(Number(value));
      return;
    }
    if (value > 0xffffffffffffffffn || value < -0x8000000000000000n) {
      throw new WireError("bad-value", "an integer outside -2^63 to 2^64 - 1 has no form on the wire");
    }
    this.ensure(9);
    this.bytes[this.position++] = value >= 0n ? 0xcf : 0xd3;
    scratch.setBigUint64(0, BigInt.asUintN(64, value));
    this.#putScratch();
  }

  text(value: string): void {
    if (value.length > shortTextUnits) {
      this.#longText(value);
      return;
    }
    this.ensure(2 + 3 * value.length);
    this.position = writeShortText(value, this.bytes, this.position);
  }

  #longText(value: string): void {
    // ES2024, in every engine that the package supports; newer than the compiler's library setting.
    if (!(value as string & { isWellFormed(): boolean }).isWellFormed()) throw loneSurrogate();
    const units = value.length;
    if (units > this.limits.maxFrameBytes) this.tooLarge(units);
    this.ensure(5 + units);
    let header = units < 0x100 ? 2 : units < 0x10000 ? 3 : 5;
    let result = this.#encodeInto(value, header);
    if (result.read < units) {
      this.ensure(5 + 3 * units);
      result = this.#encodeInto(value, header);
    }
    const { written } = result;
    const needed = written < 0x100 ? 2 : written < 0x10000 ? 3 : 5;
    if (needed !== header) {
      this.bytes.copyWithin(this.position + needed, this.position + header, this.position + header + written);
      header = needed;
    }
    if (header === 2) {
      this.bytes[this.position++] = 0xd9;
      this.bytes[this.position++] = written;
    } else if (header === 3) {
      this.#put16(0xda, written);
    } else {
      this.#put32(0xdb, written);
    }
    this.position += written;
  }

  /** Writes UTF-8 behind a header, and leaves room for the longest header: a slab that grows keeps only what is complete. */
  #encodeInto(value: string, header: number): { read: number; written: number } {
    return utf8.encodeInto(value, this.bytes.subarray(this.position + header, this.bytes.length - (5 - header)));
  }

  binary(value: Uint8Array): void {
    const length = value.length;
    if (length > this.limits.maxFrameBytes) this.tooLarge(length);
    this.ensure(5 + length);
    if (length < 0x100) {
      this.bytes[this.position++] = 0xc4;
      this.bytes[this.position++] = length;
    } else if (length < 0x10000) {
      this.#put16(0xc5, length);
    } else {
      this.#put32(0xc6, length);
    }
    this.raw(value);
  }

  /** Copies bytes as they are. */
  raw(value: Uint8Array): void {
    const length = value.length;
    this.ensure(length);
    const bytes = this.bytes;
    if (length > shortBytes) {
      bytes.set(value, this.position);
      this.position += length;
      return;
    }
    let at = this.position;
    // In range by the loop bound.
    for (let index = 0; index < length; index++) bytes[at++] = value[index] as number;
    this.position = at;
  }

  array(value: readonly unknown[], depth: number): void {
    // Read once: a getter within may change it.
    const count = value.length;
    this.arrayHeader(count, depth);
    for (let index = 0; index < count; index++) this.value(value[index], depth + 1);
  }

  arrayHeader(count: number, depth: number): void {
    this.#checkContainer(count, depth);
    this.ensure(5);
    if (count < 16) this.bytes[this.position++] = 0x90 | count;
    else if (count < 0x10000) this.#put16(0xdc, count);
    else this.#put32(0xdd, count);
  }

  mapHeader(count: number, depth: number): void {
    this.#checkContainer(count, depth);
    this.ensure(5);
    if (count < 16) this.bytes[this.position++] = 0x80 | count;
    else if (count < 0x10000) this.#put16(0xde, count);
    else this.#put32(0xdf, count);
  }

  #object(value: object, depth: number): void {
    if (this.#extra?.(value, this, depth)) return;
    // A Uint8Array of another realm (a frame, a test environment) is no instance of this one's.
    if (ArrayBuffer.isView(value) && (value as Uint8Array)[Symbol.toStringTag] === "Uint8Array") {
      this.binary(value as Uint8Array);
      return;
    }
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype !== null && prototype !== Object.prototype && Object.getPrototypeOf(prototype) !== null) {
      throw new WireError(
        "bad-value",
        `an instance of ${String(value.constructor?.name)} has no form on the wire; take a plain object, a list, a number or a text`,
      );
    }
    const keys = Object.keys(value);
    this.mapHeader(keys.length, depth);
    for (const key of keys) {
      this.text(key);
      // The key was listed by the object itself.
      this.value((value as Record<string, unknown>)[key], depth + 1);
    }
  }

  #checkContainer(count: number, depth: number): void {
    // Written so that a limit which is missing or NaN refuses.
    if (!(depth < this.#maxDepth)) throw tooDeep(this.#maxDepth);
    if (!(count <= this.#maxEntries)) throw tooManyEntries(count, this.#maxEntries);
  }

  #put16(head: number, value: number): void {
    const { bytes, position } = this;
    bytes[position] = head;
    bytes[position + 1] = value >> 8;
    bytes[position + 2] = value;
    this.position = position + 3;
  }

  #put32(head: number, value: number): void {
    const { bytes, position } = this;
    bytes[position] = head;
    bytes[position + 1] = value >>> 24;
    bytes[position + 2] = value >>> 16;
    bytes[position + 3] = value >>> 8;
    bytes[position + 4] = value;
    this.position = position + 5;
  }

  /** A safe integer as 64-bit two's complement. */
  #put64(head: number, value: number): void {
    const high = Math.floor(value / 0x100000000);
    this.#put32(head, high);
    const { bytes, position } = this;
    bytes[position] = value >>> 24;
    bytes[position + 1] = value >>> 16;
    bytes[position + 2] = value >>> 8;
    bytes[position + 3] = value;
    this.position = position + 4;
  }

  #putScratch(): void {
    for (let index = 0; index < 8; index++) this.bytes[this.position++] = scratch.getUint8(index);
  }
}
