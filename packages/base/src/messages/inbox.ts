// Messages for readers of `node.messages()`: bounded buffers, and connections that wait while they are full [BASE-073].

import type { Connection } from "../connection/connection.js";
import type { BudgetAccount } from "../limits/budget.js";
import { MessageStream } from "../runtime/message-stream.js";
import type { ReceivedMessage } from "./app-message.js";

/** Messages that one reader may leave unread before connections wait. */
const capacity = 4_096;

export class Inbox {
  readonly #account: BudgetAccount;
  readonly #capacityBytes: number;
  readonly #streams = new Set<MessageStream<ReceivedMessage>>();
  readonly #full = new Set<MessageStream<ReceivedMessage>>();
  readonly #held = new Set<Connection>();
  #isOverBudget = false;

  /** @param capacityBytes bytes of messages that one reader may leave unread before connections wait */
  constructor(account: BudgetAccount, capacityBytes: number) {
    this.#account = account;
    this.#capacityBytes = capacityBytes;
  }

  /** Whether anybody reads: lets the hot path skip the making of a message. */
  get hasReaders(): boolean {
    return this.#streams.size > 0;
  }

  /** Whether a reader is so far behind that nothing more should come. */
  get isFull(): boolean {
    return this.#full.size > 0 || this.#isOverBudget;
  }

  /** Connections that wait for a reader. */
  get heldConnections(): number {
    return this.#held.size;
  }

  read(signal?: AbortSignal): MessageStream<ReceivedMessage> {
    const stream: MessageStream<ReceivedMessage> = new MessageStream<ReceivedMessage>({
      capacity,
      capacityBytes: this.#capacityBytes,
      overflow: "keep",
      weigh: (message) => message.bytes,
      onDrain: () => this.#drained(stream),
      onEnd: () => {
        this.#streams.delete(stream);
        this.#drained(stream);
      },
      ...(signal === undefined ? {} : { signal }),
    });
    if (signal?.aborted !== true) this.#streams.add(stream);
    return stream;
  }

  push(message: ReceivedMessage): void {
    let bytes = 0;
    for (const stream of this.#streams) {
      if (!stream.push(message)) this.#full.add(stream);
      bytes += stream.bufferedBytes;
    }
    this.#isOverBudget = !this.#reserve(bytes);
    if (!this.isFull || message.connection === undefined || this.#held.has(message.connection)) return;
    this.#held.add(message.connection);
    message.connection.hold();
  }

  /** The connection is over. */
  left(connection: Connection): void {
    this.#held.delete(connection);
  }

  close(): void {
    for (const stream of [...this.#streams]) stream.end();
  }

  #reserve(bytes: number): boolean {
    const held = this.#account.heldBytes;
    if (bytes > held) return this.#account.reserve(bytes - held);
    this.#account.release(held - bytes);
    return true;
  }

  #drained(stream: MessageStream<ReceivedMessage>): void {
    this.#full.delete(stream);
    let bytes = 0;
    for (const other of this.#streams) bytes += other.bufferedBytes;
    this.#isOverBudget = !this.#reserve(bytes);
    if (this.#full.size > 0) return;
    const held = [...this.#held];
    this.#held.clear();
    for (const connection of held) connection.release();
  }
}
