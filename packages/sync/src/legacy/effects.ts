// What a member of a 0.7 network is made with, and what it wants done.
import type { WireLimits } from "@p2p/wire";
import type { Dialect, Value07 } from "@p2p/wire/legacy";
import type { Member07 } from "./messages.js";
import type { TableLimits } from "./table.js";

/** A change of the table. */
export interface LegacyChange {
  readonly kind: "update" | "delete";
  readonly key: string;
  /** Undefined for a delete. */
  readonly newValue: Value07 | undefined;
  /** Undefined if there was none. */
  readonly oldValue: Value07 | undefined;
  /** Base58 text of the node id of who wrote it. */
  readonly owner: string;
  /** When it was written, in seconds since 1970, by the owner's clock. */
  readonly time: number;
}

/** What the member wants done. Links are numbers of its owner's choice. */
export interface LegacyEffects {
  send(link: number, frame: Uint8Array): void;
  /** Sends frames one after the other, as the peer takes them. */
  stream(link: number, frames: Iterable<Uint8Array>): void;
  close(link: number): void;
  /** Tell the outcome by `linkOpened` with this member, or by `dialFailed`. */
  dial(member: Member07): void;
  linked(id: string): void;
  unlinked(id: string): void;
  changed(change: LegacyChange): void;
}

export interface MemberOptions {
  readonly self: Member07;
  readonly networkId: string;
  readonly leases: boolean;
  /** For peers that do not speak first. */
  readonly dialect: Dialect;
  readonly wireLimits: WireLimits;
  readonly limits: TableLimits & {
    readonly maxKeyBytes: number;
    readonly maxOutgoing: number;
    readonly maxSeen: number;
  };
}
