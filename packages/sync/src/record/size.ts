// Estimates of what values and records take, without encoding them. [SYNC-091]
import type { WireValue } from "@p2p/wire";
import { isMap } from "./map-value.js";
import type { TableRecord } from "./record.js";

/** A key with its record in the table, beside key, value, fields and terms: as measured, see bench in spec/sync.md. */
const entryBytes = 200;
const fieldBytes = 120;
/** The text of a proof beside its characters, and its place in the record. */
const proofTextBytes = 24;
const headBytes = 9;
/** The most that a record of a run takes beside key and value: a number and a time of its own. */
const runBytes = 8;
const numberBytes = 5;

/** Bytes of an encoded value, more or less: texts count one byte a unit, of up to three. */
export function sizeOf(value: WireValue | undefined): number {
  if (typeof value === "string") return value.length + headBytes;
  if (typeof value !== "object" || value === null) return headBytes;
  if (value instanceof Uint8Array) return value.length + headBytes;
  let bytes = headBytes;
  if (isMap(value)) {
    for (const name of Object.keys(value)) bytes += name.length + headBytes + sizeOf(value[name]);
  } else {
    for (const item of value) bytes += sizeOf(item);
  }
  return bytes;
}

/** Bytes of a record with its key on the wire, more or less. */
export function wireSizeOf(key: string, { value, fields, proof }: TableRecord): number {
  let bytes = key.length + 4 * headBytes + (proof?.length ?? 0);
  if (fields === undefined) return bytes + sizeOf(value);
  bytes += sizeOf(fields.base);
  for (const [name, field] of fields.byName) bytes += name.length + 3 * headBytes + sizeOf(field.value);
  return bytes;
}

/** The same of one that is told in a run, which is shorter. */
export function runSizeOf(key: string, value: WireValue | undefined): number {
  return key.length + runBytes + (typeof value === "number" ? numberBytes : sizeOf(value));
}

/** Bytes of memory of a key with its record, more or less. */
export function memorySizeOf(key: string, record: TableRecord): number {
  const fields = record.fields === undefined ? 0 : record.fields.byName.size * fieldBytes;
  return entryBytes + wireSizeOf(key, record) + fields + (record.proof === undefined ? 0 : proofTextBytes);
}

/** The same of so many records that are whole values, without what their keys and values take. */
export function plainMemorySizeOf(count: number): number {
  return count * (entryBytes + 4 * headBytes);
}
