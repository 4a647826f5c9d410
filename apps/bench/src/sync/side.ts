// What each library under comparison has to be able to do: a table of small numbers, shared by two processes.

/** The sides of the comparison. */
export const tableSideNames = ["@p2p/sync", "yjs"] as const;
export type TableSideName = (typeof tableSideNames)[number];

/** One replica in a process of its own. */
export interface TableSide {
  /** How many keys the replica holds. */
  readonly size: number;
  /** Whether more may be written now: false asks to wait for `drained`. */
  readonly hasRoom: boolean;
  /** Connects to a listening replica. */
  dial(address: string): Promise<void>;
  /** Settles once a write made here reaches one neighbour. */
  hasNeighbour(): Promise<void>;
  /** One write, a message of its own. */
  set(key: string, value: number): void;
  /** Many writes as one message. */
  update(entries: Readonly<Record<string, number>>): void;
  drained(): Promise<void>;
}

/** How a side is started. */
export interface TableSideOptions {
  /** An ephemeral port on 127.0.0.1 is listened on when true. */
  readonly listens: boolean;
  /** Called for each entry that was written elsewhere, once it is in the table. */
  readonly onUpdate: (value: number) => void;
}

/** A started side, and where it listens ("" if it does not). */
export interface StartedTable {
  readonly side: TableSide;
  readonly address: string;
}

/** One library. */
export interface TableLibrary {
  start(options: TableSideOptions): Promise<StartedTable>;
  /** Starts a replica that joins the one at the address, and resolves with its table when it has what that one has. */
  join(address: string): Promise<JoinedTable>;
}

/** The table of a replica that joined another one. */
export interface JoinedTable {
  readonly size: number;
  get(key: string): number | undefined;
  /** All values, of which each came with its key. */
  values(): Iterable<number>;
  /** Computes what two equal tables have in common. */
  readonly digest?: () => void;
}
