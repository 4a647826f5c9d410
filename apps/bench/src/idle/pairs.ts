// What an idle-memory process has to be able to do: open pairs of connected sockets, both ends in itself, and keep them.
export interface Pairs {
  /** All that is not a connection: opened, and paid for, before the first look at the memory. */
  prepare(count: number): Promise<void>;
  /** Opens pairs; resolves with how many, `count` or a few more, when each is ready for messages. */
  open(count: number): Promise<number>;
}

/** The sides of the comparison. */
export const pairNames = ["raw sockets", "@p2p/base"] as const;
export type PairName = (typeof pairNames)[number];
