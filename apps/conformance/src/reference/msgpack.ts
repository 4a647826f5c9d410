// The permitted msgpack subset, written from the msgpack specification and the wire chapter; slow, small, breakable.
import type { Defects } from "./defects.js";
import { noDefects } from "./defects.js";
import { Refusal } from "./refusal.js";
import { AnyMap, concat, Float, Raw, type Value } from "./value.js";

/** What `pack` takes beside values: bytes as they are, and forced floats. */
export type Packable = Value | Raw | Float | readonly Packable[] | { readonly [key: string]: Packable };

export interface PackLimits {
  readonly maxDepth: number;
  readonly maxEntries: number;
}
export const packLimits: PackLimits = { maxDepth: 32, maxEntries: 65_536 };

const u64 = 2n ** 64n;

/** Writes the shortest forms, unless a defect says otherwise. */
export function pack(value: Packable, defects: Defects = noDefects, limits: PackLimits = packLimits): Uint8Array {
  const parts: Uint8Array[] = [];
  packInto(value, parts, 0, defects, limits);
  return concat(parts);
}

function packInto(value: unknown, out: Uint8Array[], depth: number, defects: Defects, limits: PackLimits): void {
  if (value instanceof Raw) out.push(value.bytes);
  else if (value instanceof Float) {
    out.push(defects.has("whole-floats") ? packNumber(value.value, defects) : float64(value.value));
  } else if (value instanceof AnyMap) {
    out.push(header(value.entries.length, [[0x80, 15], undefined, 0xde, 0xdf]));
    for (const part of value.entries.flat()) packInto(part, out, depth + 1, defects, limits);
  } else if (value === null) out.push(Uint8Array.of(0xc0));
  else if (value === true) out.push(Uint8Array.of(0xc3));
  else if (value === false) out.push(Uint8Array.of(0xc2));
  else if (typeof value === "number") out.push(packNumber(value, defects));
  else if (typeof value === "bigint") out.push(packBigint(value, defects));
  else if (typeof value === "string") out.push(...packText(value, defects));
  else if (value instanceof Uint8Array) {
    const long = defects.has("long-bin");
    out.push(header(value.length, long ? [undefined, undefined, 0xc5, 0xc6] : [undefined, 0xc4, 0xc5, 0xc6]), value);
  } else if (Array.isArray(value)) {
    checkContainer(value.length, depth, defects, limits);
    const long = defects.has("long-array");
    out.push(header(value.length, [long ? undefined : [0x90, 15], undefined, 0xdc, 0xdd]));
    for (const item of value) packInto(item, out, depth + 1, defects, limits);
  } else if (typeof value === "object" && isPlain(value)) {
    const entries = Object.entries(value);
    checkContainer(entries.length, depth, defects, limits);
    const long = defects.has("long-map");
    out.push(header(entries.length, [long ? undefined : [0x80, 15], undefined, 0xde, 0xdf]));
    for (const [key, item] of entries) {
      packInto(key, out, depth + 1, defects, limits);
      packInto(item, out, depth + 1, defects, limits);
    }
  } else if (defects.has("encode-undefined")) out.push(Uint8Array.of(0xc0));
  else throw new Refusal("unsupported-value", `cannot write ${typeof value}`);
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

function checkContainer(length: number, depth: number, defects: Defects, limits: PackLimits): void {
  if (defects.has("encode-deep")) return;
  if (depth >= limits.maxDepth) throw new Refusal("too-deep");
  if (length > limits.maxEntries) throw new Refusal("too-many-entries");
}

/** `forms` for: packed into the first byte (or none), 8-bit, 16-bit and 32-bit lengths. */
type Forms = readonly [[number, number] | undefined, number | undefined, number, number];

function header(length: number, [fix, short, medium, long]: Forms): Uint8Array {
  if (fix && length <= fix[1]) return Uint8Array.of(fix[0] | length);
  if (short !== undefined && length <= 0xff) return Uint8Array.of(short, length);
  if (length <= 0xffff) return Uint8Array.of(medium, length >> 8, length & 0xff);
  const bytes = new Uint8Array(5);
  bytes[0] = long;
  new DataView(bytes.buffer).setUint32(1, length);
  return bytes;
}

function packText(text: string, defects: Defects): Uint8Array[] {
  if (/\p{Surrogate}/u.test(text) && !defects.has("encode-lone-surrogate")) throw new Refusal("lone-surrogate");
  const bytes = new TextEncoder().encode(text);
  if (defects.has("text-as-bin")) return [header(bytes.length, [undefined, 0xc4, 0xc5, 0xc6]), bytes];
  const fix: [number, number] | undefined = defects.has("long-str") ? undefined : [0xa0, 31];
  return [header(bytes.length, [fix, 0xd9, 0xda, 0xdb]), bytes];
}

function packNumber(value: number, defects: Defects): Uint8Array {
  const isZero = value === 0 && defects.has("negative-zero-int");
  const isInt = isZero || (Number.isSafeInteger(value) && !Object.is(value, -0));
  if (!isInt && defects.has("float-as-ext")) return Uint8Array.of(0xd4, 1, 0);
  if (Number.isNaN(value) && defects.has("nan-payload")) return Uint8Array.of(0xcb, 0xff, 0xf8, 0, 0, 0, 0, 0, 0);
  if (!isInt && defects.has("float32")) {
    const bytes = new Uint8Array(5);
    bytes[0] = 0xca;
    new DataView(bytes.buffer).setFloat32(1, value);
    return bytes;
  }
  return isInt ? packBigint(BigInt(value), defects) : float64(value);
}

function packBigint(value: bigint, defects: Defects): Uint8Array {
  if (value >= u64 || value < -(u64 / 2n)) {
    if (defects.has("encode-big-int")) return packBigint(BigInt.asIntN(64, value), defects);
    throw new Refusal("integer-range");
  }
  const isSmall = value >= -0x8000_0000n && value <= 0xffff_ffffn;
  if (defects.has("int-as-float") && !isSmall) return float64(Number(value));
  if (!defects.has("long-int")) {
    if (value >= 0n && value < 128n) return Uint8Array.of(Number(value));
    if (value < 0n && value >= -32n) return Uint8Array.of(Number(value + 256n));
  }
  const widths = [1, 2, 4, 8] as const;
  const isNegative = value < 0n;
  for (const [index, width] of widths.entries()) {
    if (defects.has("long-int") && width < 4) continue;
    const bits = BigInt(width * 8 - (isNegative || defects.has("signed-int") ? 1 : 0));
    const fits = isNegative ? -value <= 2n ** bits : value < 2n ** bits;
    if (!fits) continue;
    return concat([
      Uint8Array.of((isNegative || defects.has("signed-int") ? 0xd0 : 0xcc) + index),
      bigEndian(BigInt.asUintN(width * 8, value), width),
    ]);
  }
  throw new Refusal("integer-range");
}

/** `width` bytes, most significant first. */
export function bigEndian(value: bigint, width: number): Uint8Array {
  const bytes = new Uint8Array(width);
  for (let at = width - 1, rest = value; at >= 0; at -= 1, rest >>= 8n) bytes[at] = Number(rest & 0xffn);
  return bytes;
}

function float64(value: number): Uint8Array {
  const bytes = new Uint8Array(9);
  bytes[0] = 0xcb;
  new DataView(bytes.buffer).setFloat64(1, value);
  return bytes;
}
