// The publishing half of a process under measurement: as fast as backpressure allows, or at a steady rate.
import { setImmediate as nextTurn, setTimeout as wait } from "node:timers/promises";
import type { Side } from "../sides/side.js";

/** Messages given to a side before it gets a turn of the event loop. */
const turnMessages = 256;
const turnBytes = 512 * 1024;

export class Publisher {
  readonly #side: Side;
  #isStopped = false;
  #published = 0;

  constructor(side: Side) {
    this.#side = side;
  }

  /**
   * Publishes until `stop`, at most for `durationMs`; waits whenever the side asks for it. It ends by itself, so that a
   * subscriber slower than its sockets is not buried while nobody can ask it anything.
   *
   * @param mostPerTurn messages at most before each turn of the event loop; 1 is one at a time
   */
  async flood(payloadBytes: number, durationMs: number, mostPerTurn: number = turnMessages): Promise<void> {
    const payload = Buffer.alloc(payloadBytes, 0x61);
    const end = performance.now() + durationMs;
    const perTurn = Math.min(mostPerTurn, Math.max(4, Math.floor(turnBytes / payloadBytes)));
    while (!this.#isStopped && performance.now() < end) {
      for (let i = 0; i < perTurn && !this.#isStopped; i++) {
        const answer = this.#publish(payload);
        const mayGoOn = typeof answer === "boolean" ? answer : await answer;
        if (!mayGoOn) await this.#side.drained();
      }
      await nextTurn();
    }
  }

  /** Publishes `perSecond` messages a second, in bursts of what is due each time a timer of 1 ms fires, until `stop`. */
  async pace(payloadBytes: number, perSecond: number): Promise<void> {
    const payload = Buffer.alloc(payloadBytes, 0x61);
    const start = performance.now();
    while (!this.#isStopped) {
      const due = ((performance.now() - start) / 1000) * perSecond;
      while (this.#published < due && !this.#isStopped) {
        payload.writeBigUInt64BE(process.hrtime.bigint(), 8);
        const answer = this.#publish(payload);
        if (typeof answer !== "boolean") await answer;
      }
      await wait(1);
    }
  }

  /** Ends publishing; returns how many messages were published. */
  stop(): number {
    this.#isStopped = true;
    return this.#published;
  }

  #publish(payload: Buffer): boolean | Promise<boolean> {
    payload.writeUInt32BE(this.#published++);
    return this.#side.publish(this.#side.keepsPayload ? Buffer.from(payload) : payload);
  }
}
