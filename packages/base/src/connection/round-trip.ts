// The open ping of a connection, and what its pongs say about the peer's distance and clock [BASE-044] [BASE-140].
import type { WireValue } from "@p2p/wire";
import { PeerClock } from "../session/peer-clock.js";

export class RoundTrip {
  /** Made by the first pong. */
  #clock: PeerClock | undefined;
  /** What its pong has to name; undefined when none is open. */
  #nonce: number | undefined;
  #sentUs = 0;
  #sentAt = 0;

  get rttMs(): number | undefined {
    return this.#clock?.rttMs;
  }

  get offsetMs(): number | undefined {
    return this.#clock?.offsetMs;
  }

  /**
   * A ping leaves.
   * @param sentUs wall clock: times of messages never go back, so they are no clock after that was set back
   * @param now monotonic ms
   */
  sent(nonce: number, sentUs: number, now: number): void {
    this.#nonce = nonce;
    this.#sentUs = sentUs;
    this.#sentAt = now;
  }

  /** A pong came: its nonce, the time at which the peer says that the ping came, and the time in the pong. */
  answered(nonce: WireValue | undefined, peerReceivedUs: number, peerSentUs: number, now: number): void {
    if (this.#nonce === undefined || nonce !== this.#nonce) return;
    this.#nonce = undefined;
    this.#clock ??= new PeerClock();
    this.#clock.add({ sentUs: this.#sentUs, peerReceivedUs, peerSentUs, elapsedUs: (now - this.#sentAt) * 1_000 });
  }
}
