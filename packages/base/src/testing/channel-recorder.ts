// A channel handler that writes down what happens, for tests to wait for and to check.
import type { Channel, ChannelHandler } from "../transport/transport.js";

/** Opens a channel and records its calls; keeps the peer's half open only with `holdsOpen`. */
export class ChannelRecorder {
  readonly channel: Channel;
  readonly chunks: Uint8Array[] = [];
  /** The calls in their order; runs of `data` are one entry. */
  readonly calls: ("data" | "drain" | "end" | "close")[] = [];
  receivedBytes = 0;
  drains = 0;
  ends = 0;
  closes = 0;
  closeError: Error | undefined;
  #waiting: { readonly holds: () => boolean; readonly resolve: () => void }[] = [];

  constructor(channel: Channel, options: { readonly holdsOpen?: boolean } = {}) {
    this.channel = channel;
    const handler: ChannelHandler = {
      onData: (chunk) => {
        this.chunks.push(chunk);
        this.receivedBytes += chunk.length;
        this.#note("data");
      },
      onDrain: () => {
        this.drains++;
        this.#note("drain");
      },
      onClose: (error) => {
        this.closes++;
        this.closeError = error;
        this.#note("close");
      },
    };
    const onEnd = (): void => {
      this.ends++;
      this.#note("end");
    };
    channel.open(options.holdsOpen === true ? { ...handler, onEnd } : handler);
  }

  /** All bytes so far, as one array. */
  bytes(): Uint8Array {
    const all = new Uint8Array(this.receivedBytes);
    let offset = 0;
    for (const chunk of this.chunks) {
      all.set(chunk, offset);
      offset += chunk.length;
    }
    return all;
  }

  /** Resolves when `holds` is true; looked at now and after each call of the handler. */
  until(holds: () => boolean): Promise<void> {
    if (holds()) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ holds, resolve }));
  }

  closed(): Promise<void> {
    return this.until(() => this.closes > 0);
  }

  #note(call: "data" | "drain" | "end" | "close"): void {
    if (call !== "data" || this.calls.at(-1) !== "data") this.calls.push(call);
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const waiter of waiting) {
      if (waiter.holds()) waiter.resolve();
      else this.#waiting.push(waiter);
    }
  }
}
