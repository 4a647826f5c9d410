// What is still to happen, in the order of virtual time; of equal times, in the order in which it was scheduled.

/** Whoever events belong to: those of a crashed node never run, those of a paused one when it goes on. */
export interface Life {
  readonly isOver: boolean;
  readonly isPaused?: boolean;
}

/** One thing to happen. Opaque to all but the queue: the handle of a timer. */
export interface VirtualEvent {
  atUs: number;
  sequence: number;
  readonly life: Life | undefined;
  /** Due while its life is paused: it waits outside the heap. */
  isHeld: boolean;
  /** Undefined when it ran or was cancelled. */
  run: (() => void) | undefined;
}

/** The longest time that may be asked for, about 31 years in ms: sums of such times are still exact. */
const maxMs = 1e12;

/** @returns a time in ms as whole microseconds @throws RangeError for what is none */
export function microseconds(name: string, ms: number): number {
  if (!(ms >= 0 && ms <= maxMs)) throw new RangeError(`${name} is a number from 0 to ${maxMs}, not ${ms}`);
  return Math.round(1_000 * ms);
}

/** Cancelled events that are kept before the heap is rebuilt without them. */
const keptCancelled = 1_024;

/** A binary heap by (time, sequence). Time is whole microseconds, so that sums of delays are exact. */
export class EventQueue {
  #heap: VirtualEvent[] = [];
  #nowUs = 0;
  #lastSequence = 0;
  #cancelled = 0;
  #changes = 0;
  /** What came due while a life was paused, in that order. */
  readonly #held = new WeakMap<Life, VirtualEvent[]>();

  /** Virtual time, in microseconds since the beginning of the world. */
  get nowUs(): number {
    return this.#nowUs;
  }

  /** Events to come, those of the crashed included. */
  get size(): number {
    return this.#heap.length - this.#cancelled;
  }

  /** How often anything was scheduled or cancelled so far. */
  get changes(): number {
    return this.#changes;
  }

  /** Adds what is to happen `delayUs` from now, at the earliest now. */
  schedule(delayUs: number, run: () => void, life?: Life): VirtualEvent {
    const atUs = this.#nowUs + Math.max(0, Math.ceil(delayUs));
    if (Number.isNaN(atUs)) throw new RangeError("a delay is a number");
    const event: VirtualEvent = { atUs, sequence: ++this.#lastSequence, life, isHeld: false, run };
    this.#changes++;
    this.#heap.push(event);
    this.#up(this.#heap.length - 1);
    return event;
  }

  /** Forgets an event; harmless when it ran or was cancelled. */
  cancel(event: VirtualEvent): void {
    if (event.run === undefined) return;
    event.run = undefined;
    this.#changes++;
    if (event.isHeld) return;
    this.#cancelled++;
    if (this.#cancelled > keptCancelled && this.#cancelled * 2 > this.#heap.length) this.#compact();
  }

  /** Runs it now; of a life that is paused when it goes on, of one that is over never. */
  act(life: Life, run: () => void): void {
    if (life.isPaused === true) this.schedule(0, run, life);
    else if (!life.isOver) run();
  }

  /** Lets all that a life has missed happen now, in the order in which it was due. */
  release(life: Life): void {
    const events = this.#held.get(life) ?? [];
    this.#held.delete(life);
    for (const event of events) {
      if (event.run === undefined) continue;
      Object.assign(event, { atUs: this.#nowUs, sequence: ++this.#lastSequence, isHeld: false });
      this.#heap.push(event);
      this.#up(this.#heap.length - 1);
    }
  }

  /** When the next event is due, if there is one. */
  nextUs(): number | undefined {
    this.#dropVoid();
    return this.#heap[0]?.atUs;
  }

  /** Takes the next event and moves time to it. @returns what is to be run; nothing if its life is paused: it waits */
  take(): (() => void) | undefined {
    this.#dropVoid();
    const event = this.#pop();
    if (event === undefined) return undefined;
    this.#nowUs = event.atUs;
    const { life, run } = event;
    if (life?.isPaused === true) {
      this.#hold(event, life);
      return undefined;
    }
    event.run = undefined;
    return run;
  }

  /** Lets time pass in which nothing happens. Never goes back. */
  moveTo(atUs: number): void {
    this.#nowUs = Math.max(this.#nowUs, atUs);
  }

  /** Drops cancelled events, and those of the crashed, from the top. */
  #dropVoid(): void {
    for (;;) {
      const first = this.#heap[0];
      if (first === undefined || (first.run !== undefined && first.life?.isOver !== true)) return;
      if (first.run === undefined) this.#cancelled--;
      this.#pop();
    }
  }

  #hold(event: VirtualEvent, life: Life): void {
    event.isHeld = true;
    const events = this.#held.get(life) ?? [];
    this.#held.set(life, events);
    events.push(event);
  }

  #compact(): void {
    this.#heap = this.#heap
      .filter((event) => event.run !== undefined && event.life?.isOver !== true)
      .sort((a, b) => (isBefore(a, b) ? -1 : 1));
    this.#cancelled = 0;
  }

  #pop(): VirtualEvent | undefined {
    const first = this.#heap[0];
    const last = this.#heap.pop();
    if (first === undefined || last === undefined || last === first) return first;
    this.#heap[0] = last;
    this.#down();
    return first;
  }

  #up(index: number): void {
    const heap = this.#heap;
    const event = heap[index];
    if (event === undefined) return;
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = heap[parentIndex];
      if (parent === undefined || isBefore(parent, event)) break;
      heap[index] = parent;
      index = parentIndex;
    }
    heap[index] = event;
  }

  #down(): void {
    const heap = this.#heap;
    const event = heap[0];
    if (event === undefined) return;
    let index = 0;
    for (;;) {
      let childIndex = 2 * index + 1;
      let child = heap[childIndex];
      if (child === undefined) break;
      const right = heap[childIndex + 1];
      if (right !== undefined && isBefore(right, child)) {
        child = right;
        childIndex++;
      }
      if (isBefore(event, child)) break;
      heap[index] = child;
      index = childIndex;
    }
    heap[index] = event;
  }
}

function isBefore(a: VirtualEvent, b: VirtualEvent): boolean {
  return a.atUs < b.atUs || (a.atUs === b.atUs && a.sequence < b.sequence);
}
