// The test driver protocol: JSON lines between the suite and a program that hosts nodes under test (spec/README.md).
import type { NodeOptions } from "./node-options.js";

/** First line of a driver. */
export interface Greeting {
  readonly driver: 1;
  readonly implementation: string;
  /** What it can be tested for. */
  readonly supports: readonly (
    | "codec"
    | "legacy"
    | "base"
    | "mesh"
    | "chord"
    | "sync"
    | "legacy-sync"
    | "clock"
    | "identity"
    | "sealed"
    | "noise"
  )[];
}

/** Values travel in the notation of the vectors (spec/vectors/schema.json). */
export type Notation = unknown;

export type Command =
  | { readonly do: "open"; readonly node: string; readonly options: NodeOptions }
  | { readonly do: "close"; readonly node: string }
  | { readonly do: "dial"; readonly node: string; readonly address: string; readonly keep?: boolean }
  | { readonly do: "hang-up"; readonly node: string; readonly peer: string }
  | { readonly do: "send"; readonly node: string; readonly to: string; readonly type?: string; readonly data: Notation }
  | {
      readonly do: "send-all";
      readonly node: string;
      readonly type?: string;
      readonly data: Notation;
      readonly exclude?: readonly string[];
    }
  | {
      readonly do: "broadcast";
      readonly node: string;
      readonly type?: string;
      readonly data: Notation;
      readonly exclude?: readonly string[];
    }
  | {
      readonly do: "request";
      readonly node: string;
      readonly to: string;
      readonly type: string;
      readonly data: Notation;
      /** A name for `give-up`. */
      readonly tag?: string;
    }
  | { readonly do: "give-up"; readonly node: string; readonly tag: string }
  | { readonly do: "release"; readonly node: string }
  | { readonly do: "verdict"; readonly node: string; readonly verdict: "accept" | "ignore" | "reject" }
  | { readonly do: "advance"; readonly node: string; readonly ms: number }
  | { readonly do: "set-wall"; readonly node: string; readonly ms: number }
  | { readonly do: "peers"; readonly node: string }
  | { readonly do: "crash"; readonly node: string }
  | TableCommand
  | LetterCommand
  | ChordCommand
  | { readonly do: "codec"; readonly call: string; readonly args: { readonly [key: string]: unknown } };

/** About a table. */
export type TableCommand =
  | {
      readonly do: "set";
      readonly node: string;
      readonly key: string;
      readonly data: Notation;
      readonly leaseMs?: number;
    }
  | {
      readonly do: "update";
      readonly node: string;
      readonly entries: readonly (readonly [key: string, data: Notation])[];
    }
  | { readonly do: "delete"; readonly node: string; readonly key: string }
  | {
      readonly do: "delta";
      readonly node: string;
      readonly key: string;
      readonly fields: Notation;
      readonly remove?: readonly string[];
    }
  | { readonly do: "acquire"; readonly node: string; readonly key: string; readonly leaseMs?: number }
  | { readonly do: "release-key"; readonly node: string; readonly key: string }
  | { readonly do: "lease"; readonly node: string; readonly key: string }
  | { readonly do: "table"; readonly node: string }
  | { readonly do: "digest"; readonly node: string };

/** About letters and keys. */
export type LetterCommand =
  | {
      readonly do: "letter";
      readonly node: string;
      readonly to: readonly string[];
      readonly type?: string;
      readonly data: Notation;
      readonly isSigned?: boolean;
    }
  | { readonly do: "key-of"; readonly node: string; readonly peer: string }
  /** Answered with {@link GraphFacts}. */
  | { readonly do: "discover"; readonly node: string; readonly hops: number };

/** What a node found out of who is connected with whom. Ids are base58 text. */
export interface GraphFacts {
  readonly nodes: readonly {
    readonly id: string;
    readonly hops: number;
    /** Null of a node that did not answer. */
    readonly neighbours: readonly string[] | null;
  }[];
  readonly isComplete: boolean;
}

/** About a ring and its dictionary. */
export type ChordCommand =
  | { readonly do: "ring"; readonly node: string }
  | { readonly do: "serve"; readonly node: string; readonly serves: boolean }
  /** 48 bytes, hexadecimal. */
  | { readonly do: "lookup"; readonly node: string; readonly position: string }
  | { readonly do: "get" | "pop" | "delete"; readonly node: string; readonly key: string }
  | { readonly do: "set"; readonly node: string; readonly key: string; readonly data: Notation }
  | {
      readonly do: "cas";
      readonly node: string;
      readonly key: string;
      /** Absent: no value. */
      readonly from?: { readonly data: Notation };
      readonly to?: { readonly data: Notation };
    }
  | { readonly do: "keys" | "entries"; readonly node: string };

export type NodeCommand = Exclude<Command, { do: "codec" }>;

/** What a node knows of its ring. Ids are base58 text. */
export interface RingFacts {
  readonly role: "seeking" | "client" | "member";
  readonly predecessor: string | null;
  /** Nearest first. */
  readonly successors: readonly string[];
  /** Members, this node included if it is one; an estimate in large rings. */
  readonly size: number;
  /** Keys that it holds. */
  readonly records: number;
}

/** A key of a table. */
export interface TableEntry {
  readonly key: string;
  readonly data: Notation;
}

/** The lease on a key. */
export interface TableLease {
  /** A node id: base58 text. */
  readonly owner: string;
  /** Ms since 1970. */
  readonly expiresAtMs: number;
  /** The epoch. */
  readonly token: number;
}

export interface Opened {
  /** The node's id: base58 text. */
  readonly id: string;
  /** Where it listens, with the real port. */
  readonly addresses: readonly string[];
}

export interface PeerFacts {
  readonly id: string;
  readonly direction: "inbound" | "outbound";
  readonly rttMs?: number | null;
  readonly clockOffsetMs?: number | null;
}

export interface CommandFailure {
  readonly code: string;
  readonly message: string;
  /** Of a dial that was refused: the close code. */
  readonly reasonCode?: number;
}

export interface Answer {
  readonly id: number;
  readonly ok?: unknown;
  readonly error?: CommandFailure;
}

/** What a node under test tells by itself. */
export type Report =
  | {
      readonly report: "message";
      readonly node: string;
      readonly from: string;
      readonly type: string;
      readonly data: Notation;
    }
  | {
      readonly report: "letter";
      readonly node: string;
      readonly from: string;
      readonly type: string;
      readonly data: Notation;
      readonly readers: readonly string[];
      readonly isSigned: boolean;
    }
  | {
      readonly report: "broadcast";
      readonly node: string;
      readonly from: string;
      readonly type: string;
      readonly data: Notation;
    }
  | {
      readonly report: "connected";
      readonly node: string;
      readonly peer: string;
      readonly direction: "inbound" | "outbound";
    }
  | {
      readonly report: "disconnected";
      readonly node: string;
      readonly peer: string;
      /** The close code of the registry, whoever sent it. */
      readonly code: number;
      readonly reason: string;
    }
  | { readonly report: "updated"; readonly node: string; readonly key: string; readonly data: Notation }
  | { readonly report: "deleted"; readonly node: string; readonly key: string }
  | { readonly report: "lease-lost"; readonly node: string; readonly key: string; readonly winner: string }
  | { readonly report: "gave-up"; readonly node: string; readonly address: string }
  | { readonly report: "dropped"; readonly node: string; readonly type: string }
  | { readonly report: "error"; readonly node: string; readonly code: string; readonly message: string };

export type ReportKind = Report["report"];
