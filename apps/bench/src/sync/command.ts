// What the driver asks of a process that holds a table, and what it answers.

/** How a table is written to: one key a message, or many. */
export type WriteKind = "set" | "update";

export interface TableCommands {
  /** Where this process listens ("" if it does not). */
  readonly address: { readonly ask: Record<never, never>; readonly answer: { readonly address: string } };
  readonly dial: { readonly ask: { readonly address: string }; readonly answer: Record<never, never> };
  readonly neighbour: { readonly ask: Record<never, never>; readonly answer: Record<never, never> };
  /** Writes as many keys as said, each once. */
  readonly fill: { readonly ask: { readonly keys: number }; readonly answer: { readonly size: number } };
  /** Writes as fast as backpressure allows until `stop`, at most for `durationMs`. */
  readonly flood: {
    readonly ask: { readonly kind: WriteKind; readonly durationMs: number };
    readonly answer: Record<never, never>;
  };
  readonly stop: { readonly ask: Record<never, never>; readonly answer: { readonly written: number } };
  /** Counts what was written elsewhere for a while, from `warmUpMs` after the first of it on. */
  readonly count: {
    readonly ask: { readonly warmUpMs: number; readonly durationMs: number };
    readonly answer: WriteCount;
  };
  /** Starts one more replica here, which joins the one at the address; and tells how long it took to have all of it. */
  readonly join: { readonly ask: { readonly address: string }; readonly answer: Join };
  /** CPU time that this process used up to now. */
  readonly cpu: { readonly ask: Record<never, never>; readonly answer: { readonly cpuMs: number } };
}

export interface WriteCount {
  readonly written: number;
  readonly elapsedMs: number;
  /** CPU time of this process within the window. */
  readonly cpuMs: number;
}

/** A replica that joined, and what it was asked at once afterwards: nothing that was put off is hidden. */
export interface Join {
  readonly size: number;
  readonly elapsedMs: number;
  /** For reading {@link firstGets} keys, which lie far from each other. */
  readonly getsMs: number;
  /** After that, for all keys with their values. */
  readonly iterationMs: number;
  /** After that, for the digest of the table; undefined: the library has none. */
  readonly digestMs: number | undefined;
}

/** Keys that are read first of a table that was joined. */
export const firstGets = 1_000;
