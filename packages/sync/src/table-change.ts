// A change as it is told: who owns the key and which version it is are looked up only by who asks.
import type { NodeId, WireValue } from "@p2p/wire";
import type { Change, Version } from "./change.js";
import { leaseOf } from "./lease/lease.js";
import { frozen } from "./record/frozen.js";
import { type TableRecord, versionOf } from "./record/record.js";

export class TableChange implements Change {
  readonly key: string;
  readonly oldValue: WireValue | undefined;
  readonly newValue: WireValue | undefined;
  readonly isLocal: boolean;
  readonly #record: TableRecord;
  readonly #nowUs: number;

  /** @param record the one after it; of a key that was forgotten the last one @param nowUs physical time */
  constructor(
    key: string,
    oldValue: WireValue | undefined,
    newValue: WireValue | undefined,
    record: TableRecord,
    isLocal: boolean,
    nowUs: number,
  ) {
    this.key = key;
    this.oldValue = frozen(oldValue);
    this.newValue = frozen(newValue);
    this.isLocal = isLocal;
    this.#record = record;
    this.#nowUs = nowUs;
  }

  get kind(): "update" | "delete" {
    return this.newValue === undefined ? "delete" : "update";
  }

  get owner(): NodeId | undefined {
    return leaseOf(this.#record, this.#nowUs)?.owner;
  }

  get version(): Version {
    return versionOf(this.#record);
  }

  /** This change and the one before it as one. */
  after(earlier: Change): Change {
    return new TableChange(this.key, earlier.oldValue, this.newValue, this.#record, this.isLocal, this.#nowUs);
  }
}
