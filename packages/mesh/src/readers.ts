// Async iterators of messages: bounded, and while one is behind nothing is read from neighbours.
import { MessageStream } from "@p2p/base";
import type { Backpressure } from "./backpressure.js";
import type { Message } from "./message.js";

export class Readers {
  readonly #capacity: number;
  readonly #capacityBytes: number;
  readonly #backpressure: Backpressure;
  readonly #streams = new Set<MessageStream<Message>>();
  #isClosed = false;

  constructor(capacity: number, capacityBytes: number, backpressure: Backpressure) {
    this.#capacity = capacity;
    this.#capacityBytes = capacityBytes;
    this.#backpressure = backpressure;
  }

  get areThere(): boolean {
    return this.#streams.size > 0;
  }

  open(signal?: AbortSignal): MessageStream<Message> {
    const stream: MessageStream<Message> = new MessageStream<Message>({
      capacity: this.#capacity,
      capacityBytes: this.#capacityBytes,
      // What was received when it became full is still taken; then reading has stopped.
      overflow: "keep",
      weigh: (message) => message.bytes,
      onDrain: () => this.#backpressure.resume(stream),
      onEnd: () => {
        this.#streams.delete(stream);
        this.#backpressure.resume(stream);
      },
      ...(signal === undefined ? {} : { signal }),
    });
    if (this.#isClosed) stream.end();
    else if (signal?.aborted !== true) this.#streams.add(stream);
    return stream;
  }

  push(message: Message): void {
    for (const stream of this.#streams) if (!stream.push(message)) this.#backpressure.pause(stream);
  }

  close(): void {
    this.#isClosed = true;
    for (const stream of [...this.#streams]) stream.end();
  }
}
