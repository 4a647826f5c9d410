// What the driver asks of a process under measurement, and what it answers: plain data over the IPC channel.

// First 4 bytes of a payload: its number, big-endian. Bytes 8 to 16: the sending time in ns, where it is measured.

export interface Commands {
  /** Where this process listens ("" if it does not). */
  readonly address: { readonly ask: Record<never, never>; readonly answer: { readonly address: string } };
  readonly dial: { readonly ask: { readonly address: string }; readonly answer: Record<never, never> };
  readonly neighbours: { readonly ask: { readonly count: number }; readonly answer: Record<never, never> };
  /** Publishes as fast as backpressure allows until `stop`, at most for `durationMs`. */
  readonly flood: {
    readonly ask: { readonly payloadBytes: number; readonly durationMs: number; readonly mostPerTurn?: number };
    readonly answer: Record<never, never>;
  };
  /** Publishes at a steady rate until `stop`. */
  readonly pace: {
    readonly ask: { readonly payloadBytes: number; readonly perSecond: number };
    readonly answer: Record<never, never>;
  };
  readonly stop: { readonly ask: Record<never, never>; readonly answer: { readonly published: number } };
  /** Counts what arrives for a while, from `warmUpMs` after the first message on. */
  readonly count: { readonly ask: { readonly warmUpMs: number; readonly durationMs: number }; readonly answer: Count };
  /** Collects the age of each message on arrival, over the same window. */
  readonly ages: { readonly ask: { readonly warmUpMs: number; readonly durationMs: number }; readonly answer: Ages };
  /** CPU time that this process used up to now. */
  readonly cpu: { readonly ask: Record<never, never>; readonly answer: { readonly cpuMs: number } };
}

export interface Count {
  readonly received: number;
  readonly elapsedMs: number;
  /** CPU time of the subscriber within the window. */
  readonly cpuMs: number;
  /** Numbers that never came, up to the highest that did. */
  readonly missing: number;
}

export interface Ages {
  readonly received: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}
