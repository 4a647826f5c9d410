// What a process with a distributed hash table has to be able to do: many nodes in one process, on loopback sockets.

/** A whole network whose nodes have found one another. */
export interface DhtNetwork {
  /** Nodes in it. */
  readonly size: number;
  /** Stores a value from one of the nodes, and resolves with the key that it has from now on. */
  put(node: number, value: Uint8Array): Promise<DhtKey>;
  /** Reads it from one of the nodes. */
  get(node: number, key: DhtKey): Promise<Uint8Array | undefined>;
}

/** A network hands it out, and takes it back. */
export type DhtKey = string | Uint8Array;

/** The sides of the comparison. */
export const dhtNames = ["@p2p/chord", "hyperdht", "kad-dht"] as const;
export type DhtName = (typeof dhtNames)[number];

/** What the process tells. */
export interface DhtReport {
  readonly openMs: number;
  /** The median, in ms, of puts one after the other. */
  readonly putMs: number;
  /** The same of gets. */
  readonly getMs: number;
  /** Of gets side by side. */
  readonly getsPerSecond: number;
  /** CPU time of one of these, of all nodes and threads together, in µs. */
  readonly getCpuUs: number;
  /** Gets that found nothing, or something else. */
  readonly wrong: number;
}
