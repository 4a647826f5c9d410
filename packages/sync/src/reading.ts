// The table as its application reads it: values are frozen, and deleted keys are not there.
import type { OwnedRecord } from "@p2p/base";
import type { NodeId, WireValue } from "@p2p/wire";
import type { Entry } from "./entry.js";
import { endlessLease, type Lease, leaseOf } from "./lease/lease.js";
import { provenOf } from "./owned/ownership.js";
import { frozen } from "./record/frozen.js";
import { type TableRecord, versionOf } from "./record/record.js";
import type { Replica } from "./replica.js";

export class Reading {
  readonly #replica: Replica;
  readonly #self: NodeId;

  constructor(replica: Replica, self: NodeId) {
    this.#replica = replica;
    this.#self = self;
  }

  get(key: string): WireValue | undefined {
    return frozen(this.#replica.table.get(key)?.value);
  }

  entry(key: string): Entry | undefined {
    const record = this.#replica.table.get(key);
    if (record?.value === undefined) return undefined;
    return { key, value: frozen(record.value), owner: this.lease(key)?.owner, version: versionOf(record) };
  }

  lease(key: string): Lease | undefined {
    const { ownership, table, clock } = this.#replica;
    const owner = ownership.ownerOf(key);
    return owner === undefined ? leaseOf(table.get(key), clock.physicalUs()) : endlessLease(owner);
  }

  proof(key: string): OwnedRecord | undefined {
    return provenOf(key, this.#replica.table.get(key));
  }

  *keys(): IterableIterator<string> {
    for (const { key, record } of this.#replica.table.entries()) if (record?.value !== undefined) yield key;
  }

  *values(): IterableIterator<WireValue> {
    for (const { record } of this.#replica.table.entries()) if (record?.value !== undefined) yield frozen(record.value);
  }

  *entries(): IterableIterator<readonly [key: string, value: WireValue]> {
    for (const { key, record } of this.#replica.table.entries()) {
      if (record?.value !== undefined) yield [key, frozen(record.value)];
    }
  }

  /** The entry of a write that this node just made. */
  written(key: string, record: TableRecord, value: WireValue): Entry {
    const isMine = record.proof !== undefined || (record.terms !== undefined && record.terms.leaseMs > 0);
    return { key, value: frozen(value), owner: isMine ? this.#self : undefined, version: versionOf(record) };
  }
}
