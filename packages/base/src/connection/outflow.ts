// The sending half of a connection: merges, flushes, waits for the channel, and knows who waits for room [BASE-070].
import type { Clock } from "../runtime/clock.js";
import { Waiters } from "../runtime/waiters.js";
import type { Channel } from "../transport/transport.js";
import { Outbox } from "./outbox.js";

/** Queued bytes from which they are written within the turn. */
const flushAboveBytes = 65_536;
/** Bytes given to a channel at once, so that a slow reader shows progress. */
const writeBytes = 262_144;

export class Outflow {
  readonly #channel: Channel;
  readonly #clock: Clock;
  readonly #outbox = new Outbox();
  /** Room is there again when fewer bytes than this are buffered. */
  readonly #lowBytes: number;
  #waiters: Waiters | undefined;
  /** Since when the channel takes no more; monotonic ms. */
  #blockedAt: number | undefined;
  /** As of the last look, while the channel takes no more. */
  #untakenBytes = 0;
  #isAwaited = false;
  #hasEnded = false;

  constructor(channel: Channel, clock: Clock, lowBytes: number) {
    this.#channel = channel;
    this.#clock = clock;
    this.#lowBytes = lowBytes;
  }

  /** Bytes that wait here or in the channel. */
  get bufferedBytes(): number {
    return this.#outbox.queuedBytes + this.#channel.bufferedBytes;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Whether so much is queued that it should be written before the end of the turn. */
  get isRipe(): boolean {
    return this.#outbox.queuedBytes >= flushAboveBytes && this.#blockedAt === undefined;
  }

  /** Whether the channel has to take what it has before it takes more. */
  get isBlocked(): boolean {
    return this.#blockedAt !== undefined;
  }

  /** Whether the channel took nothing for `ms`. To be asked now and then, as that is when progress is noticed. */
  isStalled(now: number, ms: number): boolean {
    if (this.#blockedAt === undefined) return false;
    const untaken = this.#channel.untakenBytes ?? this.#channel.bufferedBytes;
    if (untaken < this.#untakenBytes) this.#blockedAt = now;
    this.#untakenBytes = untaken;
    return now - this.#blockedAt >= ms;
  }

  /** The time of waiting begins anew. */
  excuse(): void {
    if (this.#blockedAt !== undefined) this.#blockedAt = this.#clock.monotonic();
  }

  push(frame: Uint8Array): void {
    this.#outbox.push(frame);
  }

  /**
   * Whether so much is buffered that senders should wait; then {@link flush} or {@link drained} will say when there is
   * room. What a channel holds that takes more is not waited for: it would not tell when it is gone.
   */
  mustWait(bytes: number): boolean {
    if (this.bufferedBytes < bytes || !this.#willTell) return false;
    this.#isAwaited = true;
    return true;
  }

  /** Gives the channel what it takes; it may have ended meanwhile. @returns as {@link drained} */
  flush(): boolean {
    this.#write(false);
    return this.#tellRoom();
  }

  /** The channel takes more. @returns whether somebody was waiting for the room that there is now */
  drained(): boolean {
    this.#blockedAt = undefined;
    this.#write(false);
    return this.#tellRoom();
  }

  /** Resolves when there is room. @throws `signal.reason` */
  room(signal?: AbortSignal): Promise<void> {
    if (!this.#isFull() || !this.#willTell) return Promise.resolve();
    this.#isAwaited = true;
    this.#waiters ??= new Waiters();
    return this.#waiters.wait(signal);
  }

  /** Nobody will get room any more. */
  reject(error: () => Error): void {
    this.#waiters?.rejectAll(error);
  }

  /** Gives the channel all there is, and ends this side. */
  end(): void {
    if (this.#hasEnded) return;
    this.#write(true);
    this.#hasEnded = true;
    this.#channel.end();
  }

  /** Forgets what is queued. */
  drop(): void {
    this.#hasEnded = true;
    this.#outbox.clear();
  }

  #write(isLast: boolean): void {
    const outbox = this.#outbox;
    while (outbox.queuedBytes > 0 && (isLast || this.#blockedAt === undefined)) {
      const isWritable = this.#channel.write(outbox.take(writeBytes));
      if (!isWritable) this.#blockedAt ??= this.#clock.monotonic();
    }
  }

  /** Whether a flush, or the channel, is going to call. */
  get #willTell(): boolean {
    return this.#blockedAt !== undefined || this.#outbox.queuedBytes > 0;
  }

  #tellRoom(): boolean {
    if (!this.#isAwaited || (this.#isFull() && this.#willTell)) return false;
    this.#isAwaited = false;
    this.#waiters?.resolveAll();
    return true;
  }

  #isFull(): boolean {
    return this.bufferedBytes > this.#lowBytes;
  }
}
