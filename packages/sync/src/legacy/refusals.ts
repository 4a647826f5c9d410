// Why an own write of a 0.7 table was not taken, as errors for the application.
import type { NodeId } from "@p2p/base";
import { WireError } from "@p2p/wire";
import { SyncError } from "../errors.js";
import { type LegacyEntry, leaseSeconds, type Outcome } from "./table.js";

/** What became of an own write; `unsafe`: it would break a neighbour. */
export type OwnOutcome = Outcome | "unsafe";

export interface RefusalFacts {
  /** What the table has. */
  readonly entry: LegacyEntry | undefined;
  readonly leases: boolean;
  readonly nowMs: number;
}

/** @returns undefined for what was done */
export function refusalOf(key: string, outcome: OwnOutcome, facts: RefusalFacts): SyncError | undefined {
  switch (outcome) {
    case "written":
    case "deleted":
    case "absent":
      return undefined;
    case "leased":
      return leased(key, facts);
    case "not-a-map":
      return new SyncError("not-a-map", `the value of "${key}" is no map: set it instead`, { key });
    case "full":
      return new SyncError("table-full", "the table is full: delete something, or raise its limits", { key });
    case "unsafe":
      return new SyncError("legacy-delete", "a js2p node is linked, and drops its links when it hears of a delete", {
        key,
      });
    default:
      return outcome satisfies never;
  }
}

/** The error for a write that could not even be encoded. */
export function asTooLarge(key: string, cause: unknown): unknown {
  if (!(cause instanceof WireError) || cause.code !== "frame-too-large") return cause;
  return new SyncError("too-large", `the value of "${key}" fits in no frame: write less at once`, { key, cause });
}

function leased(key: string, { entry, leases, nowMs }: RefusalFacts): SyncError {
  const { owner = "", time = 0 } = entry ?? {};
  // Without leases a later second is enough.
  const expiresAtMs = (time + (leases ? leaseSeconds : 1)) * 1_000;
  const text = `"${key}" is ${owner}'s for ${Math.ceil((expiresAtMs - nowMs) / 1_000)} s more`;
  // An id of 0.7 is base58 text as well.
  return new SyncError("leased", text, { key, owner: owner as NodeId, expiresAtMs });
}
