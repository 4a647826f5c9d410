// The digest of a table: equal for tables with the same values and versions, however they came about. [SYNC-070]
import { sha256 } from "@p2p/wire";
import { canonicalRecord, compareTexts } from "./record/canonical.js";
import type { Table } from "./table.js";

const hashBytes = 32;

/** SHA-256 of the SHA-256 of each record that has a value, in its canonical form, in the order of their keys. */
export function digestOf(table: Table): Uint8Array {
  const keys: string[] = [];
  for (const { key, record } of table.entries()) if (record?.value !== undefined) keys.push(key);
  keys.sort(compareTexts);
  const bytes = new Uint8Array(keys.length * hashBytes);
  for (const [index, key] of keys.entries()) {
    const record = table.get(key);
    if (record !== undefined) bytes.set(sha256(canonicalRecord(key, record)), index * hashBytes);
  }
  return sha256(bytes);
}
