// The record of an owned key: what its owner wrote last, and the proof of it. [SYNC-110] [SEC-095]
import { maxProofBytes, ownerOf } from "@p2p/base";
import type { NodeId, WireValue } from "@p2p/wire";
import { bad, type Items, readBytes, readTime, readValue } from "../messages/read.js";
import { maxOwnedRecords } from "../record/limits.js";
import type { TableRecord } from "../record/record.js";

/** @param value undefined: the key was removed */
export function ownedRecord(
  owner: NodeId,
  sequence: number,
  value: WireValue | undefined,
  proof: Uint8Array,
): TableRecord {
  const text = String.fromCharCode(...proof);
  return { timeUs: sequence, origin: owner, value, terms: undefined, fields: undefined, proof: text };
}

/** The bytes of a proof as a record has it. */
export function proofBytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** Verifying takes time: one message has so many of them at most. @throws SyncError `bad-message` */
export function checkOwned(records: Iterable<readonly [key: string, record: TableRecord]>): void {
  let count = 0;
  for (const [, { proof }] of records) if (proof !== undefined) count += 1;
  if (count > maxOwnedRecords) throw bad("the number of owned records", `at most ${maxOwnedRecords}`);
}

/** What follows key and kind, wherever an owned record is told. */
export function encodeOwned({ timeUs, value }: TableRecord, proof: string): WireValue[] {
  const bytes = proofBytesOf(proof);
  return value === undefined ? [bytes, timeUs] : [bytes, timeUs, value];
}

/** @param items key, kind, and what follows them @throws SyncError `bad-message` */
export function decodeOwned(key: string, items: Items): TableRecord {
  const owner = ownerOf(key);
  if (owner === undefined) throw bad("the key of an owned record", "owned");
  const proof = readBytes(items[2], "a proof");
  if (proof.length === 0 || proof.length > maxProofBytes) throw bad("a proof", `of 1 to ${maxProofBytes} bytes`);
  const sequence = readTime(items[3], "the number of an owned record");
  const value = items.length > 4 ? readValue(items[4]) : undefined;
  return ownedRecord(owner, sequence, value, proof);
}
