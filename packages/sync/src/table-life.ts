// A table from its opening to its end: what is opened after what, and what waits for it. [SYNC-097]
import { Waiters } from "@p2p/base";
import type { Mesh } from "@p2p/mesh";
import { notOpen } from "./errors.js";
import type { Participant } from "./participant.js";
import type { Replica } from "./replica.js";
import type { Watchers } from "./watch.js";

export interface TableLifeParts {
  readonly mesh: Mesh;
  readonly replica: Replica;
  readonly participant: Participant;
  readonly watchers: Watchers;
}

export class TableLife {
  readonly #readying = new Waiters();
  #isReady: boolean;
  #state: "new" | "open" | "closed" = "new";
  #opened: Promise<void> | undefined;
  #closed: Promise<void> | undefined;

  /** @param isReady whether there is nobody to wait for */
  constructor(isReady: boolean) {
    this.#isReady = isReady;
  }

  get isOpen(): boolean {
    return this.#state === "open";
  }

  /** A neighbour's state is in. */
  compared(): void {
    this.#isReady = true;
    this.#readying.resolveAll();
  }

  async open({ mesh, replica, participant }: TableLifeParts): Promise<void> {
    if (this.#closed !== undefined) throw notOpen();
    this.#opened ??= replica.load();
    await this.#opened;
    await mesh.open();
    if (this.#closed !== undefined) throw notOpen();
    this.#state = "open";
    participant.start();
  }

  async ready(signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    if (this.#closed !== undefined) throw notOpen();
    if (!this.#isReady) await this.#readying.wait(signal);
  }

  close(parts: TableLifeParts): Promise<void> {
    this.#closed ??= this.#close(parts);
    return this.#closed;
  }

  async #close({ mesh, replica, participant, watchers }: TableLifeParts): Promise<void> {
    const wasOpen = this.isOpen;
    this.#state = "closed";
    try {
      if (wasOpen) await participant.finish();
      replica.outbox.close(notOpen);
      await mesh.close();
    } finally {
      participant.stop();
      this.#readying.rejectAll(notOpen);
      watchers.close();
      await replica.close();
    }
  }
}
