// The events of a table.
import type { NamesOf } from "@p2p/base";
import type { NodeId, WireValue } from "@p2p/wire";
import type { Change } from "./change.js";

/** This node had a lease, and all agree now that another one has it. */
export interface LostLease {
  readonly key: string;
  /** This node. */
  readonly owner: NodeId;
  /** Who has the key now. */
  readonly winner: NodeId;
  /** What this node had written; undefined: it had deleted the key, or only acquired it. */
  readonly value: WireValue | undefined;
}

/** A peer's record that was not taken. */
export interface Refusal {
  readonly key: string;
  /** Who wrote it, by its own word. */
  readonly origin: NodeId;
  /** Who has the lease on the key here, or owns it for good; undefined: nobody. */
  readonly owner: NodeId | undefined;
  /** `leased`: by another one. `clock-ahead`: stamped too far in the future. `forged`: the key's owner did not write it. */
  readonly reason: "leased" | "clock-ahead" | "forged";
  /** Of `forged`: the neighbour that brought it, whose link is closed; undefined: it came by a request. */
  readonly via?: NodeId;
}

/** Event names with their arguments. Events report; accepting or refusing is an option. */
export interface SyncEvents {
  /** The value of a key changed, here or elsewhere. */
  readonly update: readonly [change: Change];
  /** A key lost its value, here or elsewhere. */
  readonly delete: readonly [change: Change];
  /** A lease of this node fell to another one. */
  readonly leaseLost: readonly [lost: LostLease];
  /** A peer's record was not taken. */
  readonly refused: readonly [refusal: Refusal];
  /** Something failed that no call waits for. */
  readonly error: readonly [error: Error];
}

export const syncEventNames: NamesOf<SyncEvents> = {
  update: true,
  delete: true,
  leaseLost: true,
  refused: true,
  error: true,
};
