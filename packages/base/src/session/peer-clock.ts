// Round trip and clock offset of one peer, from pings and pongs, after NTP (RFC 5905, section 8 and 10) [BASE-140].

/** The four times of one ping, and how long it took by the clock that does not jump. */
export interface PingSample {
  /** This node's wall clock when the ping left, µs. */
  readonly sentUs: number;
  /** The peer's wall clock when the ping came, µs. */
  readonly peerReceivedUs: number;
  /** The peer's wall clock when the pong left, µs. */
  readonly peerSentUs: number;
  /** This node's monotonic time from ping to pong, µs. */
  readonly elapsedUs: number;
}

/** Samples kept: old ones go, as clocks drift and routes change. */
const windowSize = 8;

/** Intervals may miss each other by so much, in µs, before a clock must have jumped. */
const slackUs = 2_000;

interface Estimate {
  readonly rttUs: number;
  readonly offsetUs: number;
}

/**
 * Estimates by the sample with the shortest round trip of the last eight: queues only ever make a trip longer, so the
 * shortest says most. The true offset lies within half a round trip of each sample; a sample whose interval misses the
 * best one's means that a clock has jumped, and starts anew. A peer can lie about its clock, but only to its own harm:
 * nothing but display and hints may depend on the offset.
 */
export class PeerClock {
  #window: Estimate[] = [];
  #best: Estimate | undefined;

  /** Takes a sample; one that cannot be true (the peer held the ping longer than the whole trip) is left aside. */
  add(sample: PingSample): void {
    const heldUs = Math.max(0, sample.peerSentUs - sample.peerReceivedUs);
    const rttUs = sample.elapsedUs - heldUs;
    if (!(rttUs >= 0)) return;
    const estimate: Estimate = { rttUs, offsetUs: sample.peerReceivedUs - sample.sentUs - rttUs / 2 };
    const best = this.#best;
    if (best !== undefined && isDisjoint(best, estimate)) this.#window = [];
    // An array of just this size: there is one for every connection.
    this.#window = [...this.#window.slice(1 - windowSize), estimate];
    this.#best = this.#window.reduce((least, next) => (next.rttUs <= least.rttUs ? next : least), estimate);
  }

  /** Shortest round trip lately, in ms; undefined before the first pong. */
  get rttMs(): number | undefined {
    return this.#best === undefined ? undefined : this.#best.rttUs / 1_000;
  }

  /** What to add to this node's wall clock to get the peer's, in ms; undefined before the first pong. */
  get offsetMs(): number | undefined {
    return this.#best === undefined ? undefined : this.#best.offsetUs / 1_000;
  }
}

function isDisjoint(a: Estimate, b: Estimate): boolean {
  return Math.abs(a.offsetUs - b.offsetUs) > (a.rttUs + b.rttUs) / 2 + slackUs;
}
