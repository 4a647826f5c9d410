// The digest of a whole table: equal for equal tables, whoever holds them. [SYNC-070]
import { sha256 } from "@p2p/wire";
import { isTombstone } from "../record/record.js";
import type { Table } from "../table.js";
import { printBytes, recordDigest } from "./fingerprints.js";
import { sortDigests } from "./sort-digests.js";

/** SHA-256 of the digests of all records that have a value, in ascending order. It takes some µs a key. */
export function tableDigest(table: Table): Uint8Array {
  const digests = new Uint8Array(table.recordCount * printBytes);
  let at = 0;
  table.forEach((key, record) => {
    if (isTombstone(record)) return;
    digests.set(recordDigest({ key, record }), at);
    at += printBytes;
  });
  return sha256(sortDigests(digests.subarray(0, at)));
}
