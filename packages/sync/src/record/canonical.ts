// The canonical bytes of values and records: equal for equal content, however it came. [SYNC-024] [SYNC-070]
import { canonicalBytes, canonicalValue, compareTexts } from "@p2p/base";
import { defaultLimits, encodeValue, highestFrameBytes, type WireLimits, type WireValue } from "@p2p/wire";
import { originBytes } from "./origin-bytes.js";
import { baseOf, claimUsOf, epochOf, renewedUsOf, type TableRecord } from "./record.js";

const nothing = new Uint8Array(0);
/** Fields may come to any number: each was checked, but not all of them together. */
const fieldLimits: WireLimits = { ...defaultLimits, maxFrameBytes: highestFrameBytes, maxEntries: 0xffff_ffff };

/** Compares byte strings: by their bytes, and a prefix comes first. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    // In range by the loop bound.
    const difference = (a[index] as number) - (b[index] as number);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** A total order of what one stamp may have written; undefined, which is nothing, is the lowest. [SYNC-025] */
export function compareContent(a: WireValue | undefined, b: WireValue | undefined): number {
  // Not ===: 0 and -0 have different bytes.
  if (Object.is(a, b)) return 0;
  return compareBytes(a === undefined ? nothing : canonicalBytes(a), b === undefined ? nothing : canonicalBytes(b));
}

/** What fingerprints and the digest are made of. Section "Canonical form" of spec/sync.md. */
export function canonicalRecord(key: string, record: TableRecord): Uint8Array {
  const { timeUs, terms, fields } = record;
  const base = baseOf(record);
  const items: WireValue[] = [
    key,
    timeUs,
    originBytes(record.origin),
    base === undefined ? [] : [canonicalValue(base)],
  ];
  items.push(
    terms === undefined
      ? []
      : [epochOf(record), claimUsOf(record), renewedUsOf(record), terms.leaseMs, terms.freedUs ?? 0],
  );
  if (fields === undefined) return encodeValue(items);
  for (const [name, field] of [...fields.byName].sort(([a], [b]) => compareTexts(a, b))) {
    const head = [name, field.timeUs, originBytes(field.origin)];
    items.push(field.value === undefined ? head : [...head, canonicalValue(field.value)]);
  }
  return encodeValue(items, fieldLimits);
}
