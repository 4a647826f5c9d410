// Reads the permitted msgpack subset in one pass over hostile bytes. [WIRE-027, WIRE-030 to WIRE-041]
import { tooDeep, tooManyEntries } from "./container-errors.js";
import { WireError } from "./errors.js";
import { defaultLimits, highestDepth, type WireLimits } from "./limits.js";
import type { WireValue } from "./value.js";

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const scratch = new DataView(new ArrayBuffer(8));
const nothing = new Uint8Array(0);
const shortTextBytes = 24;

/** V8 gives an array that is pushed to room for 17 entries at once: 150 bytes for an array of one, which takes 2 on the wire. */
const growthStep = 16;

/** What the 0.7 profile allows beyond the subset. */
export interface DecoderExtras {
  /** Makes the value of a map that has keys other than text, from `[key, value]` pairs in wire order. */
  readonly map: (entries: readonly (readonly [WireValue, WireValue])[]) => object;
}

/**
 * A reader over one input. It is meant to be kept and reused: `open`, read, `close`. Byte strings it returns are views of
 * the input. It calls no foreign code, so that one reader serves a whole module.
 */
export class ValueDecoder {
  bytes: Uint8Array = nothing;
  position = 0;
  end = 0;
  #maxDepth = 0;
  #maxEntries = 0;
  readonly #extras: DecoderExtras | undefined;

  constructor(extras?: DecoderExtras) {
    this.#extras = extras;
  }

  open(bytes: Uint8Array, limits: WireLimits = defaultLimits): void {
    this.bytes = bytes;
    this.position = 0;
    this.end = bytes.length;
    this.#maxDepth = Math.min(limits.maxDepth, highestDepth);
    this.#maxEntries = limits.maxEntries;
  }

  /** Lets go of the input, so that a kept reader does not keep it alive. */
  close(): void {
    this.bytes = nothing;
  }

  /** Refuses bytes after the last value. */
  finish(): void {
    if (this.position !== this.end) {
      throw new WireError("trailing-bytes", `${this.end - this.position} bytes follow the value`);
    }
  }

  /** Reads one value; `depth` is the number of containers around it. */
  value(depth: number): WireValue {
    const head = this.#u8();
    if (head < 0x80) return head;
    if (head >= 0xe0) return head - 0x100;
    if (head >= 0xa0 && head < 0xc0) return this.#text(head & 0x1f);
    if (head < 0x90) return this.#map(head & 0x0f, depth);
    if (head < 0xa0) return this.#array(head & 0x0f, depth);
    switch (head) {
      case 0xc0:
        return null;
      case 0xc2:
        return false;
      case 0xc3:
        return true;
      case 0xc4:
        return this.#binary(this.#u8());
      case 0xc5:
        return this.#binary(this.#u16());
      case 0xc6:
        return this.#binary(this.#u32());
      case 0xca:
        return this.#float32();
      case 0xcb:
        return this.#float64();
      case 0xcc:
        return this.#u8();
      case 0xcd:
        return this.#u16();
      case 0xce:
        return this.#u32();
      case 0xcf:
        return this.#u64();
      case 0xd0:
        return (this.#u8() << 24) >> 24;
      case 0xd1:
        return (this.#u16() << 16) >> 16;
      case 0xd2:
        return this.#u32() | 0;
      case 0xd3:
        return this.#i64();
      case 0xd9:
        return this.#text(this.#u8());
      case 0xda:
        return this.#text(this.#u16());
      case 0xdb:
        return this.#text(this.#u32());
      case 0xdc:
        return this.#array(this.#u16(), depth);
      case 0xdd:
        return this.#array(this.#u32(), depth);
      case 0xde:
        return this.#map(this.#u16(), depth);
      case 0xdf:
        return this.#map(this.#u32(), depth);
      case 0xc1:
        throw new WireError("bad-format", "the byte 0xc1 starts no value");
      default:
        throw new WireError("ext-type", `extension types (0x${head.toString(16)}) are not permitted`);
    }
  }

  /** Reads the header of an array that has to be next; returns the number of its elements. */
  arrayHeader(depth: number): number {
    const head = this.#u8();
    let count: number;
    if ((head & 0xf0) === 0x90) count = head & 0x0f;
    else if (head === 0xdc) count = this.#u16();
    else if (head === 0xdd) count = this.#u32();
    else throw new WireError("bad-body", "a body has to be an array");
    this.#checkContainer(count, 1, depth);
    return count;
  }

  /** An array to fill from its start: of the right size if it is small, else one that grows, whatever its header claims. */
  room(count: number): WireValue[] {
    return count > growthStep ? [] : new Array<WireValue>(count);
  }

  #array(count: number, depth: number): WireValue[] {
    this.#checkContainer(count, 1, depth);
    const values = this.room(count);
    for (let index = 0; index < count; index++) values[index] = this.value(depth + 1);
    return values;
  }

  #map(count: number, depth: number): WireValue {
    this.#checkContainer(count, 2, depth);
    if (this.#extras !== undefined) return this.#anyMap(count, depth, this.#extras);
    const map: { [key: string]: WireValue } = {};
    for (let index = 0; index < count; index++) setOwn(map, this.#key(), this.value(depth + 1));
    if (count > 1 && Object.keys(map).length !== count) throw duplicateKey();
    return map;
  }

  #anyMap(count: number, depth: number, extras: DecoderExtras): WireValue {
    const entries: [WireValue, WireValue][] = [];
    let isText = true;
    for (let index = 0; index < count; index++) {
      const key = this.value(depth + 1);
      if (typeof key !== "string") isText = false;
      entries.push([key, this.value(depth + 1)]);
    }
    // A profile with extras knows what it put in; the type of plain values has no place for it.
    if (!isText) return extras.map(entries) as unknown as WireValue;
    const map: { [key: string]: WireValue } = {};
    for (const [key, value] of entries) setOwn(map, key as string, value);
    if (Object.keys(map).length !== count) throw duplicateKey();
    return map;
  }

  #key(): string {
    const head = this.#u8();
    if (head >= 0xa0 && head < 0xc0) return this.#text(head & 0x1f);
    if (head === 0xd9) return this.#text(this.#u8());
    if (head === 0xda) return this.#text(this.#u16());
    if (head === 0xdb) return this.#text(this.#u32());
    throw new WireError("bad-key", "a map key has to be text");
  }

  /** Refuses a container whose header claims more than the limits or the remaining bytes allow, before any allocation. */
  #checkContainer(count: number, bytesPerEntry: number, depth: number): void {
    // Written so that a limit which is missing or NaN refuses.
    if (!(depth < this.#maxDepth)) throw tooDeep(this.#maxDepth);
    if (!(count <= this.#maxEntries)) throw tooManyEntries(count, this.#maxEntries);
    if (count * bytesPerEntry > this.end - this.position) throw truncated();
  }

  /** Moves past `length` bytes and returns where they start. */
  #advance(length: number): number {
    const start = this.position;
    if (length > this.end - start) throw truncated();
    this.position = start + length;
    return start;
  }

  #binary(length: number): Uint8Array {
    const start = this.#advance(length);
    const { bytes } = this;
    return new Uint8Array(bytes.buffer, bytes.byteOffset + start, length);
  }

  #text(length: number): string {
    const start = this.#advance(length);
    const { bytes } = this;
    if (length <= shortTextBytes) {
      let text = "";
      let index = start;
      const end = start + length;
      // In range: #advance checked the end.
      while (index < end && (bytes[index] as number) < 0x80) text += String.fromCharCode(bytes[index++] as number);
      if (index === end) return text;
    }
    try {
      return utf8.decode(bytes.subarray(start, start + length));
    } catch (cause) {
      throw new WireError("bad-utf8", "a text is not valid UTF-8", { cause });
    }
  }

  #u8(): number {
    if (this.position >= this.end) throw truncated();
    return this.bytes[this.position++] as number;
  }

  #u16(): number {
    const at = this.#advance(2);
    const { bytes } = this;
    return ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
  }

  #u32(): number {
    const at = this.#advance(4);
    const { bytes } = this;
    return (
      (((bytes[at] as number) << 24) |
        ((bytes[at + 1] as number) << 16) |
        ((bytes[at + 2] as number) << 8) |
        (bytes[at + 3] as number)) >>>
      0
    );
  }

  #u64(): number | bigint {
    if (this.end - this.position < 8) throw truncated();
    const high = this.#u32();
    const low = this.#u32();
    return high < 0x200000 ? high * 0x100000000 + low : (BigInt(high) << 32n) | BigInt(low);
  }

  #i64(): number | bigint {
    if (this.end - this.position < 8) throw truncated();
    const high = this.#u32() | 0;
    const low = this.#u32();
    const value = high * 0x100000000 + low;
    return Number.isSafeInteger(value) ? value : (BigInt(high) << 32n) | BigInt(low);
  }

  #float32(): number {
    scratch.setUint32(0, this.#u32());
    return scratch.getFloat32(0);
  }

  #float64(): number {
    if (this.end - this.position < 8) throw truncated();
    scratch.setUint32(0, this.#u32());
    scratch.setUint32(4, this.#u32());
    return scratch.getFloat64(0);
  }
}

/** Sets an own property whatever the key: assigning to `__proto__` would change the prototype instead. */
function setOwn(map: { [key: string]: WireValue }, key: string, value: WireValue): void {
  if (key === "__proto__") {
    Object.defineProperty(map, key, { value, writable: true, enumerable: true, configurable: true });
  } else {
    map[key] = value;
  }
}

function truncated(): WireError {
  return new WireError("truncated", "the input ends inside a value");
}

function duplicateKey(): WireError {
  return new WireError("duplicate-key", "a map has the same key twice");
}
