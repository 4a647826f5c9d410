// What changed: as events and watchers tell it.
import type { NodeId, WireValue } from "@p2p/wire";

/** A version of a key: greater is later, and all replicas agree. */
export interface Version {
  /** µs since 1970 by the hybrid clock of the writer. Of an owned key the number of the write, which is as a rule the same. */
  readonly timeUs: number;
  /** Who wrote it. */
  readonly origin: NodeId;
}

/** The value of a key changed, here or elsewhere. Values are not to be changed in place. */
export interface Change {
  readonly kind: "update" | "delete";
  readonly key: string;
  /** Undefined: there was none. */
  readonly oldValue: WireValue | undefined;
  /** Undefined: it was deleted. */
  readonly newValue: WireValue | undefined;
  /** Who has the lease on the key after it, or owns it for good; undefined: nobody. */
  readonly owner: NodeId | undefined;
  readonly version: Version;
  /** Whether this node wrote it. */
  readonly isLocal: boolean;
}
