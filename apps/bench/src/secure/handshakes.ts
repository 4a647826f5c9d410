// What a process that measures handshakes has to be able to do, and what it tells.

export interface Handshakes {
  /** One handshake between two nodes of this process, over a connection in memory, and the end of the connection. */
  once(): Promise<void>;
}

/** The sides of the comparison. */
export const handshakeSides = ["@p2p/securenode", "libp2p noise"] as const;
export type HandshakeSide = (typeof handshakeSides)[number];

export interface HandshakeReport {
  readonly perSecond: number;
  /** CPU time of one handshake, both ends, in µs. */
  readonly cpuUs: number;
}
