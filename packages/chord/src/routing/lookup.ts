// One lookup: what is asked, what was found, how far it has come, and what it needs of its node. [CHORD-042 to CHORD-049]
import type { BudgetAccount } from "@p2p/base";
import type { NodeId } from "@p2p/wire";
import type { Link } from "../link.js";
import type { OnReached } from "../links.js";
import type { Contact } from "../ring/contact.js";
import type { Ring } from "../ring/ring.js";
import type { Router } from "./router.js";

/** Rough memory of a lookup besides what it brings, in bytes. */
const lookupBytes = 1_024;

/** What a lookup found. */
export interface LookupResult {
  readonly owner: Contact;
  /** Members after the owner, nearest first. */
  readonly successors: readonly Contact[];
  /** Nodes that it passed, the owner included; 0 when this node knew. */
  readonly hops: number;
  /** Their ids in order, if it was traced. */
  readonly path: readonly Uint8Array[];
}

/** Why there is no result. */
export type LookupFailure = "no-members" | "too-many-open" | "lookup-failed";

export interface LookupRequest {
  readonly position: Uint8Array;
  /** Successors of the owner to tell of. */
  readonly wanted: number;
  readonly isTraced?: boolean;
  /** A whisper for the node at the position. */
  readonly payload?: Uint8Array;
  /** Whom to ask first; then nobody else is asked. */
  readonly via?: Contact;
  /** Whether the ring looks after itself with it: no use of the link that it goes over [CHORD-039]. */
  readonly isUpkeep?: boolean;
  readonly onEnd: (result: LookupResult | LookupFailure) => void;
}

/** What lookups need of their node. */
export interface LookupHost {
  readonly ring: Ring;
  readonly router: Router;
  readonly links: ReadonlyMap<NodeId, Link>;
  nextRequestId(): number;
  bytesOf(id: NodeId): Uint8Array;
  reach(contact: Contact, onReached: OnReached): void;
  monotonic(): number;
  /** The node at the other end may be dead. */
  doubt(link: Link): void;
}

export interface LookupBounds {
  /** Lookups that may be open. */
  readonly most: number;
  /** Time for one, all attempts, in ms. */
  readonly totalMs: number;
  /** Of the node's memory budget. */
  readonly account: BudgetAccount;
}

/** A lookup under way. */
export interface Lookup {
  readonly request: LookupRequest;
  readonly givenUpAtMs: number;
  requestId: number;
  attempt: number;
  /** Who is to answer now; undefined between attempts and while a dial runs. */
  asked: Link | undefined;
  sentMs: number;
  deadlineMs: number;
  /** What had come from who is asked, when it was asked or looked at last. */
  received: number;
  hops: number;
  /** Who did not answer, or led nowhere. */
  readonly avoid: NodeId[];
  /** The nodes that led on, in the step by step way. */
  readonly trail: Contact[];
  isOver: boolean;
}

/** What it takes of the memory budget, in bytes. */
export function sizeOf({ payload }: LookupRequest): number {
  return lookupBytes + (payload?.length ?? 0);
}
