// The open ping of a connection, and what its pongs say about the peer's distance and clock [BASE-044] [BASE-140].
import type { WireValue } from "@p2p/wire";
import { PeerClock } from "../session/peer-clock.js";

export class RoundTrip {
  /** Made by the first pong. */
  #clock: PeerClock | undefined;
  /** Time in the open ping, which is its nonce too; undefined when none is open. */
  #sentUs: number | undefined;
  #sentAt = 0;

  get rttMs(): number | undefined {
    return this.#clock?.rttMs;
  }

  get offsetMs(): number | undefined {
    return this.#clock?.offsetMs;
  }

  /** A ping leaves. @param sentUs time in it @param now monotonic ms */
  sent(sentUs: number, now: number): void {
    this.#sentUs = sentUs;
    this.#sentAt = now;
  }

  /** A pong came: its nonce, the time at which the peer says that the ping came, and the time in the pong. */
  answered(nonce: WireValue | undefined, peerReceivedUs: number, peerSentUs: number, now: number): void {
    const sentUs = this.#sentUs;
    if (sentUs === undefined || nonce !== sentUs) return;
    this.#sentUs = undefined;
    this.#clock ??= new PeerClock();
    this.#clock.add({ sentUs, peerReceivedUs, peerSentUs, elapsedUs: (now - this.#sentAt) * 1_000 });
  }
}
