// What an idle-memory process has to be able to do: open pairs of connected sockets, both ends in itself, and keep them.
export interface Pairs {
  /** Makes all that is not a connection, for `count` pairs in all, so that it is paid for before the first look. */
  prepare(count: number): Promise<void>;
  /** Opens so many pairs more; resolves when all are ready for messages. */
  open(count: number): Promise<void>;
}

/** The sides of the comparison. */
export const pairNames = ["raw sockets", "@p2p/base"] as const;
export type PairName = (typeof pairNames)[number];

/** What the process tells. */
export interface IdleReport {
  readonly bytesPerPair: number;
}
