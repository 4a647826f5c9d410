// What the suite asks of an implementation of sealed messages and data: functions over bytes (spec/securenode-sealed.md).
import type { Value } from "../reference/value.js";

/** What is drawn at random, 32 bytes each, in order: a secret where a content is encrypted, then an ephemeral X25519 secret for each stanza made. */
export type Draws = readonly Uint8Array[];

export interface SealParts {
  readonly data: Value;
  /** Ed25519 keys. */
  readonly readers: readonly Uint8Array[];
  /** The sender's seed; absent where nobody is named. */
  readonly seed?: Uint8Array;
  readonly context: string;
  readonly isHidden: boolean;
  readonly draws: Draws;
}

/** Ids are 48 bytes. */
export interface OpenedMessage {
  readonly data: Value;
  readonly from: Uint8Array | undefined;
  /** In any order; undefined when they are hidden. */
  readonly readers: readonly Uint8Array[] | undefined;
}

export interface DataParts {
  readonly data: Value;
  /** The owner's. */
  readonly seed: Uint8Array;
  /** Ed25519 keys of those besides the owner. */
  readonly readers: readonly Uint8Array[];
  readonly context: string;
  readonly draws: Draws;
}

/** What is known of data before it is read. */
export interface DataPlace {
  readonly bytes: Uint8Array;
  readonly context: string;
  /** The newest version that is known, 0 for none. */
  readonly known: number;
}

export interface OpenedData {
  readonly version: number;
  readonly owner: Uint8Array;
  readonly readers: readonly Uint8Array[];
  /** Undefined where nobody reads. */
  readonly data: Value | undefined;
}

/** The owner's next version. */
export type DataChange =
  | { readonly change: "grant" | "revoke"; readonly reader: Uint8Array }
  | { readonly change: "update"; readonly data: Value };

/** Refusals are thrown as `Refusal`. */
export interface SealedTarget {
  seal(parts: SealParts): Promise<Uint8Array>;
  /** @param seed the reader's */
  unseal(seed: Uint8Array, bytes: Uint8Array, context: string): Promise<OpenedMessage>;
  /** Version 1. */
  sealData(parts: DataParts): Promise<Uint8Array>;
  /** Verifies, and reads for the identity of the seed if there is one. */
  openData(place: DataPlace, seed?: Uint8Array): Promise<OpenedData>;
  /** The next version, made by the identity of the seed. */
  changeData(place: DataPlace, seed: Uint8Array, change: DataChange, draws: Draws): Promise<Uint8Array>;
}
