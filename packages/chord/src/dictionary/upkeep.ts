// What a holder does by itself, so that nobody has to put a value again: a new member fetches its range, writes are copied to
// the successors, and ranges are compared with them. [CHORD-211] [CHORD-212] [CHORD-213] [CHORD-216]
import type { Clock, HybridClock, Random } from "@p2p/base";
import type { NodeId } from "@p2p/wire";
import type { PositionRange, Ring } from "../ring-access.js";
import { type DictionaryRecord, isBound, type Write } from "../store/record.js";
import { type RecordStore, textOf } from "../store/record-store.js";
import type { Asker } from "./asker.js";
import { Auditor } from "./auditor.js";
import { claimRange } from "./claim.js";
import { Coverage } from "./coverage.js";
import type { DictionarySettings } from "./dictionary-options.js";
import type { Holder } from "./holder.js";
import { isAnyOnArc } from "./range-answers.js";
import { sendCopies, syncRange } from "./range-sync.js";
import { Readiness } from "./readiness.js";
import { Surroundings } from "./surroundings.js";
import { type Handover, type Standing, Tenure } from "./tenure.js";
import { Timers } from "./timers.js";
import { Verifier } from "./verifier.js";

export interface UpkeepParts {
  readonly ring: Ring;
  readonly store: RecordStore;
  readonly asker: Asker;
  readonly holder: Holder;
  readonly clock: Clock;
  readonly random: Random;
  readonly hybrid: HybridClock;
  readonly settings: DictionarySettings;
  /** Called now and then: the store is to know when it was last in use. */
  readonly alive: () => void;
  /** See {@link Verifier}. */
  readonly read: (key: Uint8Array) => Promise<Write | undefined>;
  /** See {@link Auditor}. */
  readonly settle: (key: Uint8Array, isForced: boolean, without?: NodeId) => Promise<boolean>;
}

/** How long writes wait for others, to be copied in one message. */
const copyDelayMs = 20;
const copiesAtOnce = 256;
/** How long after a change of neighbours ranges are compared. */
const changeDelayMs = 500;
/** Atomically used keys that get other holders at the same time while this node leaves. */
const settlesAtOnce = 16;
/** For how long moves are begun while this node leaves, in ms: those that are left find it gone, and move by themselves. */
const leaveMs = 10_000;
export class Upkeep {
  readonly #parts: UpkeepParts;
  readonly #readiness = new Readiness();
  readonly #coverage: Coverage;
  readonly #timers: Timers;
  readonly #auditor: Auditor;
  readonly #tenure = new Tenure();
  readonly #verifier: Verifier;
  readonly #surroundings: Surroundings;
  readonly #uncopied = new Set<string>();
  #isCopying = false;
  #isFetchDue = false;
  /** Fetches that began. */
  #fetches = 0;
  #isComparing = false;
  #isChangeDue = false;
  #isCompareDue = false;
  #comparedAtMs: number;
  #stop: (() => void) | undefined;

  constructor(parts: UpkeepParts) {
    this.#parts = parts;
    this.#timers = new Timers(parts.clock);
    this.#comparedAtMs = parts.clock.monotonic();
    this.#verifier = new Verifier(parts, this.#tenure);
    this.#auditor = new Auditor({ ...parts, verify: (text) => this.#verifier.verify(text) });
    this.#surroundings = new Surroundings(parts.settings.replicas);
    this.#coverage = new Coverage(parts.settings.abandonMs);
  }

  start(): void {
    // What is taken from now on is to be there after a crash, which it is not in a store that was out of use.
    this.#parts.alive();
    this.#stop = this.#parts.ring.onChange(() => this.#changed());
    this.#auditor.start();
    this.#changed();
    this.#regularly();
  }

  /** Whether this node has what those had who held its positions before. */
  get isReady(): boolean {
    return this.#readiness.isReady;
  }

  /** For each position, whether this node owns it and would know of a key there: the first is bit 0. */
  sureOf(positions: readonly Uint8Array[]): number {
    return this.isReady ? this.#coverage.sureOf(positions, this.#parts.clock.monotonic()) : 0;
  }

  /** What this node is to a key. */
  standing({ text, positions }: { readonly text: string; readonly positions: readonly Uint8Array[] }): Standing {
    return this.#tenure.standing(text, positions, this.#parts.clock.monotonic());
  }

  /** What this node gave up of the range of another member. */
  givenTo(range: PositionRange): Handover | "none" | undefined {
    return this.#tenure.givenTo(range, this.#parts.clock.monotonic());
  }

  /** Somebody reads a key of which this node is not sure. */
  doubted(text: string): void {
    this.#verifier.asked(text);
  }

  /** A record is gone: should its key come back, nobody knows what it missed. */
  dropped(text: string): void {
    this.#tenure.doubted(text);
  }

  /** The owner of a range compares it with this node. */
  told(range: PositionRange): void {
    this.#coverage.told(range);
  }

  /** A record was written here: its copies are due. */
  wrote(key: Uint8Array): void {
    if (this.#uncopied.size >= this.#parts.settings.limits.maxUncopied) return;
    this.#uncopied.add(textOf(key));
    if (this.#isCopying) return;
    this.#isCopying = true;
    this.#timers.later(() => void this.#copy(), copyDelayMs);
  }

  /** The holders of a key are not those that the ring would choose. */
  unsettled(key: Uint8Array): void {
    this.#auditor.hurry(textOf(key));
  }

  /** Hands all over before this node leaves the ring. @returns whether the next member has it */
  async handOver(): Promise<boolean> {
    const { ring, store, settings, settle, clock } = this.#parts;
    const { range, successors, self } = ring;
    if (range === undefined || successors.length === 0) return false;
    const next = successors.slice(0, 1 + settings.replicas);
    let isDone = false;
    for (const node of next) isDone = (await syncRange(this.#parts, node, range)) || isDone;
    // Once more, what came meanwhile: nothing is acknowledged here after that.
    this.#tenure.resigned();
    this.#isFetchDue = false;
    for (const node of next) await syncRange(this.#parts, node, range);
    const bound = [...store.values()].filter(({ record }) => isBound(record, self));
    const untilMs = clock.monotonic() + leaveMs;
    const hands = Array.from({ length: settlesAtOnce }, async () => {
      for (let entry = bound.pop(); entry !== undefined && clock.monotonic() < untilMs; entry = bound.pop())
        await settle(entry.record.key, false, self);
    });
    await Promise.all(hands);
    return isDone;
  }

  close(): void {
    this.#stop?.();
    this.#auditor.close();
    this.#verifier.close();
    this.#timers.close();
  }

  #changed(): void {
    const { ring, store, clock } = this.#parts;
    const isAlone = ring.successors.length === 0;
    this.#coverage.moved(ring.range, clock.monotonic());
    const taken = this.#tenure.moved(ring.range, clock.monotonic());
    if (!ring.hasPredecessor) this.#tenure.vacated();
    if (taken !== undefined) for (const { item } of store.inRange(taken)) this.#tenure.doubted(textOf(item.record.key));
    switch (this.#readiness.changed({ range: ring.range, isAlone })) {
      case "founded":
        this.#coverage.fetched();
        // Whoever has records was in a ring before, of which others may come back with newer ones.
        if (store.size === 0) this.#tenure.founded();
        else this.#tenure.assumed(clock.monotonic());
        break;
      case "joined":
        this.#isFetchDue = true;
        void this.#fetch();
        break;
      // Those among whom it was may live elsewhere.
      case "alone":
        this.#isFetchDue = false;
        this.#tenure.assumed(clock.monotonic());
        break;
      case "same":
    }
    const { copies, holders } = this.#surroundings.moved(ring);
    if (!holders) return;
    this.#auditor.changed();
    if (ring.range === undefined) return;
    this.#isCompareDue ||= copies;
    if (this.#isChangeDue) return;
    this.#isChangeDue = true;
    this.#timers.later(() => {
      this.#isChangeDue = false;
      for (const { record } of store.values()) if (record.write?.holders !== undefined) this.unsettled(record.key);
      if (this.#isCompareDue) void this.#compare();
    }, changeDelayMs);
  }

  /** A new member gets what stands in its range. */
  async #fetch(): Promise<void> {
    this.#fetches += 1;
    const number = this.#fetches;
    const { clock } = this.#parts;
    const pause = (ms: number) => new Promise<void>((resolve) => this.#timers.later(resolve, ms));
    // Who left meanwhile and joined again claims its range again.
    const isDue = () => this.#isFetchDue && this.#fetches === number && !this.#timers.isClosed;
    const given = await claimRange(this.#parts, pause, isDue);
    if (!isDue()) return;
    if (given !== undefined) {
      this.#isFetchDue = false;
      this.#coverage.fetched();
      this.#tenure.handedOver(given, clock.monotonic());
    } else this.#tenure.assumed(clock.monotonic());
    // Who can tell nothing more is no reason to wait for ever; it stays unsure until a comparison succeeds.
    this.#readiness.fetched();
  }

  async #copy(): Promise<void> {
    const { ring, settings, asker } = this.#parts;
    while (this.#uncopied.size > 0 && !this.#timers.isClosed) {
      const records = this.#takeUncopied();
      const successors = records.length === 0 ? [] : ring.successors.slice(0, settings.replicas);
      // What is not taken now is found by the next comparison.
      await Promise.all(successors.map((node) => sendCopies(asker, node, records).catch(() => undefined)));
    }
    this.#isCopying = false;
  }

  #takeUncopied(): DictionaryRecord[] {
    const { ring, store } = this.#parts;
    const records: DictionaryRecord[] = [];
    for (const text of this.#uncopied) {
      this.#uncopied.delete(text);
      const entry = store.entry(text);
      if (entry !== undefined && ring.range !== undefined && isAnyOnArc(ring.range, entry.positions))
        records.push(entry.record);
      if (records.length === copiesAtOnce) break;
    }
    return records;
  }

  #regularly(): void {
    const { clock, random, settings } = this.#parts;
    const before = this.#comparedAtMs;
    const dueAtMs = before + settings.compareMs * (0.5 + random.float());
    const run = (): void => {
      // One because of a change counts as well: the next one is due so long after it.
      if (this.#comparedAtMs === before) void this.#compare();
      this.#regularly();
    };
    this.#timers.later(run, Math.max(0, dueAtMs - clock.monotonic()));
  }

  async #compare(): Promise<void> {
    const { ring, settings, store, hybrid, clock } = this.#parts;
    this.#comparedAtMs = clock.monotonic();
    store.purge(hybrid.wallUs);
    this.#parts.alive();
    const { range } = ring;
    if (range === undefined || this.#isComparing) return;
    this.#isComparing = true;
    this.#isCompareDue = false;
    const count = Math.max(settings.replicas, this.#isFetchDue ? 1 : 0);
    for (const node of ring.successors.slice(0, count)) {
      const isSame = await syncRange(this.#parts, node, range);
      if (!isSame || !this.#isFetchDue || !this.isReady) continue;
      this.#isFetchDue = false;
      this.#coverage.fetched();
    }
    this.#isComparing = false;
  }
}
