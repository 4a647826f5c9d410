// What a node keeps of one key: the newest write that it took, and what it promised to atomic operations. [CHORD-202]
import { type Holders, isHolder } from "./holders.js";
import type { Version } from "./version.js";

/** The value of a write: encoded, as it is stored and compared; undefined is a delete. */
export type StoredValue = Uint8Array | undefined;

/** A write as it was taken. Two writes of one version are one. */
export interface Write {
  readonly version: Version;
  readonly value: StoredValue;
  /** Of an atomic write: who decides about the key. A plain one names nobody. */
  readonly holders: Holders | undefined;
  /** Of an atomic write: those it was built on, newest first; see lineage.ts. */
  readonly lineage: Uint8Array;
  /** Of an owned key: what its owner signed. The time of the version is its sequence, the origin the owner. */
  readonly proof?: Uint8Array;
}

export interface DictionaryRecord {
  readonly key: Uint8Array;
  /** Undefined: nothing was written here, there is only a promise. */
  readonly write: Write | undefined;
  /** Nothing older is taken any more; counts where it is newer than the write. */
  readonly promised: Version | undefined;
}

export const noLineage: Uint8Array = new Uint8Array(0);

/** A plain write: the last one wins. */
export function plainWrite(version: Version, value: StoredValue): Write {
  return { version, value, holders: undefined, lineage: noLineage };
}

/** A write of an owned key. */
export function ownedWrite(version: Version, value: StoredValue, proof: Uint8Array): Write {
  return { version, value, holders: undefined, lineage: noLineage, proof };
}

/** Whether the record may go only when its holders agreed that others hold it. */
export function isBound(record: DictionaryRecord, self: Version["origin"]): boolean {
  return isHolder(record.write?.holders, self);
}

/** Rough memory of a record in bytes, for limits: key, value, and what surrounds them. */
export function sizeOf({ key, write }: DictionaryRecord): number {
  const members = write?.holders?.reduce((sum, group) => sum + group.members.length, 0) ?? 0;
  return (
    400 +
    2 * key.length +
    (write?.value?.length ?? 0) +
    (write?.lineage.length ?? 0) +
    (write?.proof?.length ?? 0) +
    8 * members
  );
}
