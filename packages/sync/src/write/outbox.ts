// Own writes on their way to the mesh: those of one turn share an update, and updates wait, in order, while neighbours are
// behind, or until the store has reserved their time.
import { type BudgetAccount, Waiters } from "@p2p/base";

/** Own writes with one stamp. */
export interface OutgoingUpdate<Item> {
  readonly timeUs: number;
  readonly items: Map<string, Item>;
  /** An estimate of its length. */
  bytes: number;
}

export interface OutboxParts<Item> {
  /** Hands an update to the mesh. @returns false when more should wait for {@link drained} */
  readonly send: (update: OutgoingUpdate<Item>) => boolean;
  readonly drained: () => Promise<void>;
  /** Runs something when what is at work now has come to its end. */
  readonly later: (run: () => void) => void;
  /** A time above all that were given or seen. */
  readonly nextUs: () => number;
  /** Whether a time may leave this node: false until the store has it. Then {@link Outbox.flush} is called. */
  readonly isReserved: (timeUs: number) => boolean;
  readonly account: BudgetAccount;
  /** The most that may wait. */
  readonly maxPendingBytes: number;
}

/** An update is sent when it has so many items or bytes, for receivers to work on while more are being written. */
const maxItems = 1_024;
const maxBytes = 65_536;

/** What an item takes in memory besides its bytes. */
const itemBytes = 64;

export class Outbox<Item> {
  readonly #parts: OutboxParts<Item>;
  readonly #sealed: OutgoingUpdate<Item>[] = [];
  readonly #waiters = new Waiters();
  #open: OutgoingUpdate<Item> | undefined;
  #isScheduled = false;
  #isBlocked = false;
  #isClosed = false;

  constructor(parts: OutboxParts<Item>) {
    this.#parts = parts;
  }

  /** Whether writes should wait for {@link room}. */
  get isBlocked(): boolean {
    return this.#isBlocked;
  }

  /** Reserves room for writes; they are to follow. @returns false, with nothing reserved, when there is none */
  reserve(bytes: number, count: number): boolean {
    const { account, maxPendingBytes } = this.#parts;
    const more = bytes + count * itemBytes;
    return account.heldBytes + more <= maxPendingBytes && account.reserve(more);
  }

  /**
   * The time for writes. Those of one turn share one, as long as no key comes twice: of two writes to the same key, the
   * later one has the later time.
   * @param afterUs it is above this one, which was given or seen before
   * @param bytes of all writes: they are not to be cut in two
   */
  timeFor(writes: readonly { readonly key: string }[], afterUs = 0, bytes = 0): number {
    const open = this.#open;
    if (open !== undefined) {
      const hasRoom = open.items.size + writes.length <= maxItems && open.bytes + bytes <= maxBytes;
      let isShared = hasRoom && open.timeUs > afterUs;
      for (const { key } of writes) isShared &&= !open.items.has(key);
      if (!isShared) this.seal();
    }
    this.#open ??= { timeUs: this.#parts.nextUs(), items: new Map(), bytes: 0 };
    return this.#open.timeUs;
  }

  /** Adds a write, for which there is room, to the update whose time was just taken. Then call {@link added}. */
  add(key: string, item: Item, bytes: number): void {
    if (this.#open === undefined) throw new RangeError("no time was taken for this write");
    this.#open.items.set(key, item);
    this.#open.bytes += bytes;
  }

  /** All writes that belong together were added. */
  added(): void {
    if (this.#open === undefined) return;
    if (this.#open.items.size >= maxItems || this.#open.bytes >= maxBytes) this.seal();
    else if (!this.#isScheduled) {
      this.#isScheduled = true;
      // Not in a microtask: writes that are awaited one by one share an update, too.
      this.#parts.later(this.#onTurnEnd);
    }
  }

  /** Ends the update of the turn, and sends what may go. */
  seal(): void {
    if (this.#open !== undefined) this.#sealed.push(this.#open);
    this.#open = undefined;
    this.flush();
  }

  /** Sends what may go. */
  flush(): void {
    const { send, isReserved, account } = this.#parts;
    while (!this.#isBlocked && !this.#isClosed) {
      const [update] = this.#sealed;
      if (update === undefined || !isReserved(update.timeUs)) return;
      this.#sealed.shift();
      account.release(update.bytes + update.items.size * itemBytes);
      if (!send(update)) this.#block();
    }
  }

  /** Resolves when writes need not wait. @throws `signal.reason` */
  room(signal?: AbortSignal): Promise<void> {
    return this.#isBlocked ? this.#waiters.wait(signal) : Promise.resolve();
  }

  /** Nothing is sent any more. */
  close(error: () => Error): void {
    this.#isClosed = true;
    this.#parts.account.releaseAll();
    this.#waiters.rejectAll(error);
  }

  readonly #onTurnEnd = (): void => {
    this.#isScheduled = false;
    if (!this.#isClosed) this.seal();
  };

  #block(): void {
    this.#isBlocked = true;
    const go = (): void => {
      this.#isBlocked = false;
      this.flush();
      if (!this.#isBlocked) this.#waiters.resolveAll();
    };
    // It rejects when the mesh is closed: so is the outbox then.
    this.#parts.drained().then(go, () => undefined);
  }
}
