// Messages, bytes and errors counted, in all and by peer; plain numbers, so that the hot path can afford it [BASE-160].

/** Counts of one connection, one peer or a node. */
export class Counters {
  messagesIn = 0;
  messagesOut = 0;
  /** Bytes of frames, headers included. */
  bytesIn = 0;
  bytesOut = 0;
  /** Failures: undecodable or refused messages, failed sends. */
  errors = 0;

  /** Adds other counts to these. */
  add(other: Counters): void {
    this.messagesIn += other.messagesIn;
    this.messagesOut += other.messagesOut;
    this.bytesIn += other.bytesIn;
    this.bytesOut += other.bytesOut;
    this.errors += other.errors;
  }
}

/**
 * Counts of a node. A connection counts in its own {@link Counters}; sums are made when they are asked for.
 * What closed connections counted is kept in the total for ever, and by peer for the last `maxPeers` peers.
 */
export class CounterLedger<Peer> {
  readonly #maxPeers: number;
  readonly #open = new Map<Counters, Peer>();
  readonly #closed = new Counters();
  readonly #closedByPeer = new Map<Peer, Counters>();

  /** @param maxPeers peers without a connection that are remembered. Default: 1,024 */
  constructor(maxPeers = 1_024) {
    this.#maxPeers = maxPeers;
  }

  /** Starts the counts of a connection with `peer`. */
  open(peer: Peer, counters: Counters = new Counters()): Counters {
    this.#open.set(counters, peer);
    return counters;
  }

  /** Ends the counts of a connection; harmless when they were ended. */
  close(counters: Counters): void {
    const peer = this.#open.get(counters);
    if (peer === undefined || !this.#open.delete(counters)) return;
    this.#closed.add(counters);
    const earlier = this.#closedByPeer.get(peer) ?? new Counters();
    earlier.add(counters);
    // Deleted first, so that the map's order is that of the last use.
    this.#closedByPeer.delete(peer);
    this.#closedByPeer.set(peer, earlier);
    if (this.#closedByPeer.size <= this.#maxPeers) return;
    const [oldest] = this.#closedByPeer.keys();
    if (oldest !== undefined) this.#closedByPeer.delete(oldest);
  }

  /** Counts something of no connection, such as bytes of a handshake that failed. */
  addClosed(counters: Counters): void {
    this.#closed.add(counters);
  }

  /** All connections there are and were. */
  total(): Counters {
    const total = new Counters();
    total.add(this.#closed);
    for (const counters of this.#open.keys()) total.add(counters);
    return total;
  }

  /** Connections with each peer, open ones and those remembered. */
  byPeer(): Map<Peer, Counters> {
    const sums = new Map<Peer, Counters>();
    const addTo = (peer: Peer, counters: Counters): void => {
      const sum = sums.get(peer) ?? new Counters();
      sum.add(counters);
      sums.set(peer, sum);
    };
    for (const [peer, counters] of this.#closedByPeer) addTo(peer, counters);
    for (const [counters, peer] of this.#open) addTo(peer, counters);
    return sums;
  }
}
