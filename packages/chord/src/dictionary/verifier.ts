// Reads again the keys that a node has copies of without being sure of them, and that are asked for: until then readers have to
// ask more of the others. [CHORD-265]
import type { Clock } from "@p2p/base";
import type { Entry, RecordStore } from "../store/record-store.js";
import { compareVersions, type Version } from "../store/version.js";
import type { Tenure } from "./tenure.js";
import { Timers } from "./timers.js";

export interface VerifierParts {
  readonly store: RecordStore;
  readonly clock: Clock;
  /** Reads a key from all its positions. @throws when too few answer */
  readonly read: (key: Uint8Array) => Promise<{ readonly version: Version } | undefined>;
}

/** Between two turns, in ms, and keys of one. */
const pauseMs = 200;
const keysAtOnce = 4;
/** Keys that wait, at most: the rest is asked for again. */
const maxWaiting = 4_096;

export class Verifier {
  readonly #parts: VerifierParts;
  readonly #tenure: Tenure;
  readonly #timers: Timers;
  readonly #waiting = new Set<string>();
  #isRunning = false;

  constructor(parts: VerifierParts, tenure: Tenure) {
    this.#parts = parts;
    this.#tenure = tenure;
    this.#timers = new Timers(parts.clock);
  }

  /** Somebody asks for a key. @param text of `textOf` */
  asked(text: string): void {
    if (this.#waiting.size >= maxWaiting) return;
    this.#waiting.add(text);
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#later();
  }

  /** Reads a key again, if it is in doubt and that can be told yet. */
  async verify(text: string): Promise<void> {
    const { store, clock, read } = this.#parts;
    const entry = store.entry(text);
    if (entry === undefined || !this.#isDoubtful(text, entry) || !this.#tenure.mayVerify(clock.monotonic())) return;
    const { epoch } = this.#tenure;
    try {
      const found = await read(entry.record.key);
      const mine = store.entry(text)?.record.write?.version;
      // Repairs go to this node, too; what it took over meanwhile is another matter.
      const isHere = found !== undefined && compareVersions(mine, found.version) >= 0;
      if (isHere && epoch === this.#tenure.epoch) this.#tenure.verified(text);
    } catch {
      // It stays in doubt until it is asked for again.
    }
  }

  close(): void {
    this.#timers.close();
  }

  #isDoubtful(text: string, { positions }: Entry): boolean {
    const { charge, sure } = this.#tenure.standing(text, positions, this.#parts.clock.monotonic());
    return charge !== sure;
  }

  #later(): void {
    this.#timers.later(() => void this.#turn(), pauseMs);
  }

  async #turn(): Promise<void> {
    if (this.#tenure.mayVerify(this.#parts.clock.monotonic())) {
      const texts = [...this.#waiting].slice(0, keysAtOnce);
      for (const text of texts) this.#waiting.delete(text);
      await Promise.all(texts.map((text) => this.verify(text)));
    }
    this.#isRunning = this.#waiting.size > 0;
    if (this.#isRunning) this.#later();
  }
}
