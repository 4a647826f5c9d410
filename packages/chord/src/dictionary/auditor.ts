// Looks at one record after the other: whether all its positions have it, whether it still belongs here, and whether those who
// decide about it are those that the ring would choose. [CHORD-214] [CHORD-215] [CHORD-228] [CHORD-229]
import type { Clock } from "@p2p/base";
import type { NodeId } from "@p2p/wire";
import { positionCount } from "../positions.js";
import { isOnArc } from "../ring/arc.js";
import type { Ring } from "../ring-access.js";
import { isSettled } from "../store/holders.js";
import { isBound } from "../store/record.js";
import type { Entry, RecordStore } from "../store/record-store.js";
import type { Asker } from "./asker.js";
import { chooseHolders } from "./choose-holders.js";
import type { DictionarySettings } from "./dictionary-options.js";
import { isAnyOnArc } from "./range-answers.js";
import { sendCopies } from "./range-sync.js";
import { Timers } from "./timers.js";

export interface AuditorParts {
  readonly ring: Ring;
  readonly store: RecordStore;
  readonly asker: Asker;
  readonly clock: Clock;
  readonly settings: DictionarySettings;
  /** Reads the key again if this node is in charge of it, but not sure. */
  readonly verify: (text: string) => Promise<void>;
  /** Moves an atomically used key to the holders that the ring gives now. @returns false without a majority of the old ones */
  readonly settle: (key: Uint8Array, isForced: boolean) => Promise<boolean>;
}

/** Between two looks, at least and at most, in ms. */
const leastPauseMs = 200;
const mostPauseMs = 60_000;

/** For how long after a change of neighbours records are looked after more often, in ms, and how much. */
const restlessMs = 300_000;
const restlessPace = 4;

/** Of those that are urgent, how many at the same time. */
const looksAtOnce = 8;

/** Keys that wait to be looked after before all others, at most; the rest has its turn like any. */
const maxUrgent = 65_536;

export class Auditor {
  readonly #parts: AuditorParts;
  readonly #timers: Timers;
  readonly #urgent = new Set<string>();
  /** Since when keys have no majority of holders, in ms of the monotonic clock. */
  readonly #stuck = new Map<string, number>();
  #round: Iterator<string> = [][Symbol.iterator]();
  /** Times that all records had their turn. */
  #rounds = 0;
  #isHurrying = false;
  #restlessUntilMs = 0;

  constructor(parts: AuditorParts) {
    this.#parts = parts;
    this.#timers = new Timers(parts.clock);
  }

  start(): void {
    this.#regularly();
  }

  /** Looks after a key soon. @param text of `textOf` */
  hurry(text: string): void {
    if (this.#urgent.size >= maxUrgent) return;
    this.#urgent.add(text);
    if (this.#isHurrying) return;
    this.#isHurrying = true;
    this.#timers.later(() => void this.#hurriedly(), leastPauseMs);
  }

  /** Where neighbours come and go, copies do. */
  changed(): void {
    this.#restlessUntilMs = this.#parts.clock.monotonic() + restlessMs;
  }

  close(): void {
    this.#timers.close();
  }

  async #hurriedly(): Promise<void> {
    const texts = [...this.#urgent].slice(0, looksAtOnce);
    for (const text of texts) this.#urgent.delete(text);
    await Promise.all(texts.map((text) => this.#look(text)));
    this.#isHurrying = this.#urgent.size > 0;
    if (this.#isHurrying) this.#timers.later(() => void this.#hurriedly(), leastPauseMs);
  }

  #regularly(): void {
    const { settings, store, clock } = this.#parts;
    const isRestless = clock.monotonic() < this.#restlessUntilMs;
    const pace = settings.auditMs / (isRestless ? restlessPace : 1) / Math.max(1, store.size);
    const pauseMs = Math.min(mostPauseMs, Math.max(leastPauseMs, pace));
    this.#timers.later(() => {
      let next = this.#round.next();
      if (next.done === true) {
        this.#rounds += 1;
        this.#round = this.#parts.store.keys();
        next = this.#round.next();
      }
      // Owners see to their copies: what those look after besides does not need the haste.
      const isWhole = !isRestless || this.#rounds % restlessPace === 0;
      let done = Promise.resolve();
      if (next.done !== true && isWhole) done = this.#look(next.value);
      else if (next.done !== true && this.#isOwner(next.value)) done = this.#glance(next.value);
      void done.then(() => this.#regularly());
    }, pauseMs);
  }

  #isOwner(text: string): boolean {
    const { range } = this.#parts.ring;
    return range !== undefined && isAnyOnArc(range, this.#parts.store.entry(text)?.positions ?? []);
  }

  /**
   * In haste: asks the owner of one other position alone, each time of another. The four others do so, too, and where members
   * come and go, lookups and connections for this were a third of all that was sent.
   */
  async #glance(text: string): Promise<void> {
    const { ring, store, asker } = this.#parts;
    const { range } = ring;
    const entry = store.entry(text);
    if (entry?.record.write === undefined || range === undefined) return;
    if (entry.record.write.holders !== undefined) return this.#look(text);
    const others = entry.positions.filter((position) => !isOnArc(range.after, position, range.upTo));
    const position = others[this.#rounds % Math.max(1, others.length)];
    if (position === undefined) return;
    const [owner] = await asker.lookup(position, 0);
    if (owner !== undefined && !this.#timers.isClosed) await this.#spread(entry, new Set([owner]));
  }

  async #look(text: string): Promise<void> {
    const { ring, store, settings, asker, clock } = this.#parts;
    // Where neighbours come and go it would be in doubt again before it is of use; who asks for it has it read again.
    if (clock.monotonic() >= this.#restlessUntilMs) await this.#parts.verify(text);
    const entry = store.entry(text);
    if (entry?.record.write === undefined || ring.range === undefined) return;
    // Of who holds a key by name there is one a position, each another node.
    const after =
      entry.record.write.holders === undefined ? settings.replicas : Math.max(settings.replicas, positionCount - 1);
    const places = await Promise.all(entry.positions.map((position) => asker.lookup(position, after)));
    if (this.#timers.isClosed || places.some((nodes) => nodes.length === 0)) return;
    const isSpread = await this.#spread(entry, new Set(places.map((nodes) => nodes[0] as NodeId)));
    if (entry.record.write.holders !== undefined) await this.#keepHolders(text, entry, places);
    const isMine = places.some((nodes) => nodes.slice(0, 1 + settings.replicas).includes(ring.self));
    const now = store.entry(text)?.record;
    // Only what was seen to be elsewhere goes: not what came since.
    if (!isSpread || isMine || now !== entry.record || isBound(now, ring.self)) return;
    store.delete(now.key);
  }

  /** Sees to it that the owners of all positions have the record. @returns whether they do */
  async #spread({ record }: Entry, owners: ReadonlySet<NodeId>): Promise<boolean> {
    const { ring, asker } = this.#parts;
    const { key, write } = record;
    if (write === undefined) return false;
    const isThere = await Promise.all(
      [...owners].map(async (owner) => {
        if (owner === ring.self) return true;
        try {
          const answer = await asker.ask(owner, { kind: "have", key, version: write.version });
          if (answer.kind === "copied" && answer.isHeld[0] === true) return true;
          const [isHeld = false] = await sendCopies(asker, owner, [record]);
          return isHeld;
        } catch {
          return false;
        }
      }),
    );
    return isThere.every((each) => each);
  }

  /** Whoever owns a position of the key, or decides about it, moves it where the ring has changed. */
  async #keepHolders(text: string, { record }: Entry, places: readonly (readonly NodeId[])[]): Promise<void> {
    const { ring, clock, settings, settle } = this.#parts;
    const holders = record.write?.holders;
    const isOwner = places.some(([owner]) => owner === ring.self);
    if (
      holders === undefined ||
      isSettled(holders, chooseHolders(places)) ||
      !(isOwner || isBound(record, ring.self))
    ) {
      this.#stuck.delete(text);
      return;
    }
    const sinceMs = this.#stuck.get(text);
    const isForced = isOwner && sinceMs !== undefined && clock.monotonic() - sinceMs >= settings.abandonMs;
    if (await settle(record.key, isForced)) {
      this.#stuck.delete(text);
      return;
    }
    if (sinceMs === undefined && this.#stuck.size < maxUrgent) this.#stuck.set(text, clock.monotonic());
  }
}
