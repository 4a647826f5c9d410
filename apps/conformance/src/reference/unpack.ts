// Decodes the permitted msgpack subset and refuses everything else; each check can be switched off to prove a case.
import type { Defects } from "./defects.js";
import { noDefects } from "./defects.js";
import { type PackLimits, packLimits } from "./msgpack.js";
import { Refusal } from "./refusal.js";
import { AnyMap, type Value } from "./value.js";

/** Decodes one value that takes all of `bytes`. */
export function unpack(bytes: Uint8Array, defects: Defects = noDefects, limits: PackLimits = packLimits): Value {
  const reader = new Reader(bytes, defects, limits);
  const value = reader.value(0);
  if (reader.at !== bytes.length && !defects.has("accept-trailing")) throw new Refusal("trailing-bytes");
  return value;
}

/** The memory of a reader that takes it for whatever is claimed, in bytes: a stand-in for that of a machine. */
const claimableBytes = 2 ** 30;

class Reader {
  at = 0;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #defects: Defects;
  readonly #limits: PackLimits;

  constructor(bytes: Uint8Array, defects: Defects, limits: PackLimits) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#defects = defects;
    this.#limits = limits;
  }

  value(depth: number): Value {
    const first = this.#uint(1);
    if (first < 0x80) return first;
    if (first < 0x90) return this.#map(first & 15, depth);
    if (first < 0xa0) return this.#array(first & 15, depth);
    if (first < 0xc0) return this.#text(first & 31);
    if (first >= 0xe0) return first - 256;
    switch (first) {
      case 0xc0:
        return null;
      case 0xc2:
        return false;
      case 0xc3:
        return true;
      case 0xc4:
      case 0xc5:
      case 0xc6:
        return this.#take(this.#length(1 << (first - 0xc4), [-1, 0xff, 0xffff][first - 0xc4]));
      case 0xca: {
        if (this.#defects.has("refuse-float32")) throw new Refusal("float32");
        const at = this.#skip(4);
        return this.#view.getFloat32(at);
      }
      case 0xcb: {
        if (this.#defects.has("07-no-floats")) throw new Refusal("float64");
        const at = this.#skip(8);
        return this.#view.getFloat64(at);
      }
      case 0xcc:
      case 0xcd:
      case 0xce:
      case 0xcf:
        return this.#integer(1 << (first - 0xcc), false);
      case 0xd0:
      case 0xd1:
      case 0xd2:
      case 0xd3:
        return this.#integer(1 << (first - 0xd0), true);
      case 0xd9:
      case 0xda:
      case 0xdb:
        return this.#text(this.#length(1 << (first - 0xd9), [31, 0xff, 0xffff][first - 0xd9]));
      case 0xdc:
      case 0xdd:
        return this.#array(this.#length(first === 0xdc ? 2 : 4, first === 0xdc ? 15 : 0xffff), depth);
      case 0xde:
      case 0xdf:
        return this.#map(this.#length(first === 0xde ? 2 : 4, first === 0xde ? 15 : 0xffff), depth);
      default:
        return this.#forbidden(first);
    }
  }

  /** Where containers end though they claim more: nowhere, but for a reader that takes cut input. */
  get #endOfInput(): number {
    return this.#defects.has("accept-truncated") ? this.#bytes.length : Number.POSITIVE_INFINITY;
  }

  #forbidden(first: number): Value {
    if (first === 0xc1) {
      if (this.#defects.has("accept-reserved")) return null;
      throw new Refusal("reserved-byte");
    }
    if (!this.#defects.has("accept-ext")) throw new Refusal("ext-type");
    const length = first >= 0xd4 ? 1 << (first - 0xd4) : this.#uint([1, 2, 4][first - 0xc7] ?? 1);
    this.#skip(1);
    return this.#take(length);
  }

  #skip(count: number): number {
    const at = this.at;
    if (count > this.#bytes.length - at) {
      if (!this.#defects.has("accept-truncated")) throw new Refusal("truncated");
      this.at = this.#bytes.length;
      return Math.max(0, this.#bytes.length - count);
    }
    this.at += count;
    return at;
  }

  #take(count: number): Uint8Array {
    const at = this.#skip(count);
    return this.#bytes.subarray(at, at + count);
  }

  #uint(width: number): number {
    return this.#take(width).reduce((sum, byte) => sum * 256 + byte, 0);
  }

  #length(width: number, fitsShorter: number | undefined): number {
    const length = this.#uint(width);
    if (this.#defects.has("refuse-long-forms") && length <= (fitsShorter ?? -1)) throw new Refusal("not-shortest");
    if (this.#defects.has("believe-claims") && length > claimableBytes) throw new RangeError("out of memory");
    return length;
  }

  #integer(width: number, isSigned: boolean): number | bigint {
    const raw = this.#take(width).reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
    const value = isSigned ? BigInt.asIntN(width * 8, raw) : raw;
    const isLong = width === 1 ? value >= -32n && value < 128n : value >= -128n && value < 256n;
    if (this.#defects.has("refuse-long-forms") && isLong) throw new Refusal("not-shortest");
    const isSafe = value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER);
    return isSafe || this.#defects.has("lossy-int64") ? Number(value) : value;
  }

  #text(length: number): string {
    const bytes = this.#take(length);
    try {
      return new TextDecoder("utf-8", { fatal: !this.#defects.has("accept-bad-utf8"), ignoreBOM: true }).decode(bytes);
    } catch (cause) {
      throw new Refusal("bad-utf8", "text is not UTF-8", { cause });
    }
  }

  #enter(length: number, depth: number): void {
    // Without these two limits the smallest possible stand-in for a crash is to take the input as nothing.
    if (depth >= this.#limits.maxDepth && !this.#defects.has("accept-any-depth")) throw new Refusal("too-deep");
    if (length > this.#limits.maxEntries && !this.#defects.has("accept-any-entries"))
      throw new Refusal("too-many-entries");
  }

  #array(length: number, depth: number): Value {
    this.#enter(length, depth);
    const items: Value[] = [];
    if (depth > 1000 || length > 1_000_000) {
      this.at = this.#bytes.length;
      return items;
    }
    for (let index = 0; index < length && this.at < this.#endOfInput; index += 1) items.push(this.value(depth + 1));
    return items;
  }

  #map(length: number, depth: number): Value {
    this.#enter(length, depth);
    if (this.#defects.has("any-keys")) return this.#anyMap(length, depth);
    const map: Record<string, Value> = Object.create(null) as Record<string, Value>;
    if (depth > 1000 || length > 1_000_000) {
      this.at = this.#bytes.length;
      return map;
    }
    for (let index = 0; index < length && this.at < this.#endOfInput; index += 1) {
      const key = this.value(depth + 1);
      if (typeof key !== "string" && !this.#defects.has("accept-non-string-keys")) throw new Refusal("bad-key");
      const name = String(key);
      if (Object.hasOwn(map, name) && !this.#defects.has("accept-duplicate-keys")) throw new Refusal("duplicate-key");
      const item = this.value(depth + 1);
      if (name === "__proto__" && this.#defects.has("proto-key-lost")) continue;
      Object.defineProperty(map, name, { value: item, enumerable: true, writable: true, configurable: true });
    }
    return map;
  }

  /** Profile 0.7: keys of any type but containers. */
  #anyMap(length: number, depth: number): Value {
    const entries: [unknown, Value][] = [];
    for (let index = 0; index < length; index += 1) entries.push([this.value(depth + 1), this.value(depth + 1)]);
    const texts = new Set(entries.map(([key]) => `${typeof key} ${String(key)}`));
    const isContainer = (key: unknown): boolean =>
      typeof key === "object" && key !== null && !(key instanceof Uint8Array);
    if (texts.size !== length || entries.some(([key]) => isContainer(key))) throw new Refusal("bad-key");
    if (entries.every(([key]) => typeof key === "string")) return Object.fromEntries(entries) as Value;
    // The type of plain values has no place for it; the callers of profile 0.7 know.
    return new AnyMap(entries) as unknown as Value;
  }
}
