// Canonical forms, digests and fingerprints of records, written from the sync chapter (section 5).
import { createHash } from "node:crypto";
import { type Packable, pack } from "./msgpack.js";
import { concat } from "./value.js";

/** A record under a fresh claim, or without leases; enough for what the suite puts into tables. */
export interface PlainRecord {
  readonly key: string;
  /** 48 bytes. */
  readonly origin: Uint8Array;
  readonly timeUs: number;
  /** Undefined: deleted. */
  readonly value: Packable | undefined;
  /** Absent without leases; of a fresh claim. */
  readonly leaseMs?: number;
}

const printBytes = 16;
const groups = 8;
const listMost = 32;

/** The first 16 bytes of SHA-256 of the canonical form. */
export function recordDigest({ key, origin, timeUs, value, leaseMs }: PlainRecord): Uint8Array {
  const terms = leaseMs === undefined ? [] : [Math.floor(timeUs / 1_000_000), timeUs, timeUs, leaseMs, 0];
  const whole = value === undefined ? [] : [canonicalValue(value)];
  return hash(pack([key, timeUs, origin, whole, terms])).subarray(0, printBytes);
}

/** SHA-256 of the digests of all records with a value, in ascending order. */
export function tableDigest(records: readonly PlainRecord[]): Uint8Array {
  return hash(concat(ascending(records.filter(({ value }) => value !== undefined).map(recordDigest))));
}

/** The records of a range, by its groups of four bits. */
export function inRange(records: readonly PlainRecord[], range: readonly number[]): PlainRecord[] {
  return records.filter(({ key }) => {
    const position = hash(new TextEncoder().encode(key));
    return range.every((group, at) => ((position[at >> 1] ?? 0) >> (at % 2 === 0 ? 4 : 0)) % 16 === group);
  });
}

/** The fingerprint of a range. */
export function fingerprint(records: readonly PlainRecord[], range: readonly number[] = []): Uint8Array {
  const here = inRange(records, range);
  if (here.length === 0) return new Uint8Array(printBytes);
  if (here.length <= listMost || range.length === groups) {
    return hash(concat([Uint8Array.of(0), ...ascending(here.map(recordDigest))])).subarray(0, printBytes);
  }
  return hash(concat([Uint8Array.of(1), ...partPrints(here, range)])).subarray(0, printBytes);
}

/** The fingerprints of the sixteen parts of a range. */
export function partPrints(records: readonly PlainRecord[], range: readonly number[] = []): Uint8Array[] {
  return Array.from({ length: 16 }, (_, group) => fingerprint(records, [...range, group]));
}

/** The number that names a range. */
export function pathOf(range: readonly number[]): number {
  return range.reduce((path, group) => path * 16 + group, 1);
}

export function canonicalValue(value: Packable): Packable {
  if (Array.isArray(value)) return [null, ...(value as readonly Packable[]).map(canonicalValue)];
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
  const entries = Object.entries(value as { readonly [key: string]: Packable });
  const sorted = entries.sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  return [true, ...sorted.flatMap(([key, item]) => [key, canonicalValue(item)])];
}

function hash(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(createHash("sha256").update(bytes).digest());
}

function ascending(prints: readonly Uint8Array[]): Uint8Array[] {
  return [...prints].sort((a, b) => Buffer.compare(a, b));
}
