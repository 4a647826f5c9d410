// The receiving half of a process under measurement: counts, and takes the age of, what the application gets.
import type { Ages, Count } from "./command.js";

/** The clock is read at messages, so seldom that it costs nothing, and yet about this often (ms). */
const checkEveryMs = 2;
const maxStride = 4096;

/** A window of time, from some time after the first message on. */
interface Window {
  readonly warmUpMs: number;
  readonly durationMs: number;
}

export class Subscriber {
  #received = 0;
  #highest = -1;
  #nextCheck = 0;
  #stride = 1;
  #checkedAt = 0;
  #check: (now: number) => void = () => {};
  #ages: number[] | undefined;

  /** To be called with each message. */
  readonly onMessage = (payload: Uint8Array): void => {
    const number =
      (payload[0] as number) * 2 ** 24 +
      (((payload[1] as number) << 16) | ((payload[2] as number) << 8) | (payload[3] as number));
    if (number > this.#highest) this.#highest = number;
    if (this.#received >= this.#nextCheck) this.#readClock();
    this.#received++;
    if (!this.#ages) return;
    const sent = new DataView(payload.buffer, payload.byteOffset).getBigUint64(8);
    this.#ages.push(Number(process.hrtime.bigint() - sent) / 1e6);
  };

  /** Counts within the window. */
  count(window: Window): Promise<Count> {
    let received = 0;
    let cpu: NodeJS.CpuUsage;
    return this.#during(
      window,
      () => {
        received = this.#received;
        cpu = process.cpuUsage();
      },
      (elapsedMs) => {
        const { user, system } = process.cpuUsage(cpu);
        return {
          received: this.#received - received,
          elapsedMs,
          cpuMs: (user + system) / 1000,
          missing: this.#highest - this.#received,
        };
      },
    );
  }

  /** Takes the age of each message within the window. */
  ages(window: Window): Promise<Ages> {
    return this.#during(
      window,
      () => {
        this.#ages = [];
      },
      () => {
        const sorted = Float64Array.from(this.#ages ?? []).sort();
        this.#ages = undefined;
        return { received: sorted.length, p50Ms: quantile(sorted, 0.5), p99Ms: quantile(sorted, 0.99) };
      },
    );
  }

  /**
   * Calls `onStart` and `onEnd` at messages, not from timers: a slow library handles thousands of messages before a timer
   * gets its turn.
   */
  #during<T>({ warmUpMs, durationMs }: Window, onStart: () => void, onEnd: (elapsedMs: number) => T): Promise<T> {
    return new Promise((resolve) => {
      let first: number | undefined;
      let start: number | undefined;
      this.#check = (now) => {
        first ??= now;
        if (start === undefined && now - first >= warmUpMs) {
          start = now;
          onStart();
        } else if (start !== undefined && now - start >= durationMs) {
          this.#check = () => {};
          resolve(onEnd(now - start));
        }
      };
    });
  }

  #readClock(): void {
    const now = performance.now();
    const sinceMs = now - this.#checkedAt;
    this.#checkedAt = now;
    if (sinceMs > checkEveryMs) this.#stride = Math.max(1, this.#stride >> 1);
    else this.#stride = Math.min(maxStride, this.#stride * 2);
    this.#nextCheck = this.#received + this.#stride;
    this.#check(now);
  }
}

/** The value below which `part` (0 to 1) of the sorted samples lies; NaN of none. */
export function quantile(sorted: Float64Array, part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN;
}
