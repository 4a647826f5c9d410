// A key of a table as it is shown.
import type { NodeId, WireValue } from "@p2p/wire";
import type { Version } from "./change.js";

/** A key with its value, which is frozen: whoever wants to change it changes a copy, and writes that. */
export interface Entry {
  readonly key: string;
  readonly value: WireValue;
  /** Who has the lease on the key, or owns it for good; undefined: nobody. */
  readonly owner: NodeId | undefined;
  readonly version: Version;
}
