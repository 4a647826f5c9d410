// The end of a turn of the event loop, when what is queued is written: links, and before them who finishes frames [BASE-070].
import type { Clock } from "../runtime/clock.js";

export class TurnEnd<Link extends { flush(): void }> {
  readonly #clock: Clock;
  #links: Link[] = [];
  #unfinished: (() => void)[] = [];
  #isQueued = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The link is flushed at the end of the turn. Once for a link: it knows whether it is scheduled. */
  schedule(link: Link): void {
    this.#links.push(link);
    this.#queue();
  }

  /** Calls `finish` once, before what is queued is written at the end of the turn, or at {@link finish}. */
  readonly beforeFlush = (finish: () => void): void => {
    this.#unfinished.push(finish);
    this.#queue();
  };

  /** Calls now who was to be called at the end: something is to be queued behind what they have. */
  finish(): void {
    if (this.#unfinished.length === 0) return;
    const unfinished = this.#unfinished;
    this.#unfinished = [];
    for (const finish of unfinished) finish();
  }

  #queue(): void {
    if (this.#isQueued) return;
    this.#isQueued = true;
    this.#clock.queue(this.#run);
  }

  readonly #run = (): void => {
    try {
      // What they queue is written with the rest.
      this.finish();
    } finally {
      this.#isQueued = false;
      if (this.#unfinished.length > 0) this.#queue();
      const links = this.#links;
      this.#links = [];
      for (const link of links) link.flush();
    }
  };
}
