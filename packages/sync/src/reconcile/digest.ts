// The digest of a whole table: equal for equal tables, whoever holds them. [SYNC-070]
import { sha256 } from "@p2p/wire";
import { compareBytes } from "../record/canonical.js";
import { isTombstone } from "../record/record.js";
import type { Table } from "../table.js";
import { printBytes, recordDigest } from "./fingerprints.js";

/** SHA-256 of the digests of all records that have a value, in ascending order. It takes some µs a key. */
export function tableDigest(table: Table): Uint8Array {
  const digests: Uint8Array[] = [];
  for (const entry of table.entries()) {
    if (entry.record !== undefined && !isTombstone(entry.record)) digests.push(recordDigest(entry));
  }
  digests.sort(compareBytes);
  const bytes = new Uint8Array(digests.length * printBytes);
  digests.forEach((digest, index) => {
    bytes.set(digest, index * printBytes);
  });
  return sha256(bytes);
}
