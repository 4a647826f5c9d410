// Random histories of several replicas: writes, and messages that are lost, doubled and overtaken; then comparisons.
import type { NodeId, WireValue } from "@p2p/wire";
import fc from "fast-check";
import { HybridClock } from "../clock.js";
import { compareClaims, judgeWrite, reassertion, termsOf } from "../lease/lease.js";
import { decodeUpdate, encodeUpdate, type Update } from "../messages/update.js";
import { isMap } from "../record/map-value.js";
import { latestUsOf, type TableRecord } from "../record/record.js";
import { deltaRecord, renewalRecord, wholeRecord } from "../record/write.js";
import { compareTables, hourMs, type TestReplica, testReplica } from "./comparing.js";

/** What happens in a history. Replicas and keys are numbers. */
export type Step =
  | {
      readonly kind: "set";
      readonly at: number;
      readonly key: number;
      readonly value: WireValue;
      readonly leaseMs: number;
    }
  | { readonly kind: "delete" | "acquire" | "release"; readonly at: number; readonly key: number }
  | { readonly kind: "delta"; readonly at: number; readonly key: number; readonly name: string; readonly value: number }
  /** The message that waits at this place arrives at a replica; it is kept when doubled. */
  | { readonly kind: "deliver"; readonly at: number; readonly place: number; readonly isDoubled: boolean }
  | { readonly kind: "compare"; readonly at: number; readonly other: number }
  | { readonly kind: "wait"; readonly ms: number };

const keyCount = 4;

export function steps(replicas: number): fc.Arbitrary<Step[]> {
  const at = fc.integer({ min: 0, max: replicas - 1 });
  const key = fc.integer({ min: 0, max: keyCount - 1 });
  const value = fc.oneof<fc.Arbitrary<WireValue>[]>(
    fc.integer({ min: 0, max: 9 }),
    fc.dictionary(fc.constantFrom("x", "y"), fc.integer({ min: 0, max: 9 }), { maxKeys: 2 }),
  );
  const leaseMs = fc.constantFrom(50, 1_500, 5_000);
  const step = fc.oneof<fc.Arbitrary<Step>[]>(
    fc.record({ kind: fc.constant("set"), at, key, value, leaseMs }),
    fc.record({ kind: fc.constantFrom("delete", "acquire", "release"), at, key }),
    fc.record({ kind: fc.constant("delta"), at, key, name: fc.constantFrom("x", "y", "z"), value: fc.nat(9) }),
    fc.record({ kind: fc.constant("deliver"), at, place: fc.nat(20), isDoubled: fc.boolean() }),
    fc.record({ kind: fc.constant("deliver"), at, place: fc.constant(0), isDoubled: fc.constant(false) }),
    fc.record({ kind: fc.constant("compare"), at, other: at }),
    fc.record({ kind: fc.constant("wait"), ms: fc.constantFrom(1, 40, 900, 2_000, 6_000) }),
  );
  return fc.array(step, { minLength: 5, maxLength: 60 });
}

interface Message {
  readonly from: NodeId;
  readonly items: readonly WireValue[];
}

/** A replica with what it takes to write. */
export interface Writer extends TestReplica {
  readonly clock: HybridClock;
  /** Messages on their way to it. */
  inbox: Message[];
  lastSentUs: number;
  isDown: boolean;
}

export class History {
  readonly writers: readonly Writer[];
  readonly #hasLeases: boolean;
  nowMs: number;

  /** @param skewsMs how far ahead the clock of each replica is */
  constructor(ids: readonly NodeId[], hasLeases: boolean, skewsMs: readonly number[], startMs = 1_795_000_000_000) {
    this.#hasLeases = hasLeases;
    this.nowMs = startMs;
    this.writers = ids.map((id, index) => {
      const clock = new HybridClock({ nowMs: () => this.nowMs + (skewsMs[index] ?? 0), maxAheadMs: hourMs / 2 });
      const replica = testReplica(id);
      const { table, seen } = replica;
      const writer: Writer = {
        id,
        table,
        seen,
        clock,
        inbox: [],
        lastSentUs: 0,
        isDown: false,
        get nowUs(): number {
          return clock.physicalUs();
        },
      };
      return writer;
    });
  }

  play(list: readonly Step[]): void {
    for (const step of list) this.#do(step);
  }

  /**
   * Compares all with all, and lets time pass, until all are equal.
   * @returns how many rounds it took; undefined: more than `maxRounds`
   */
  heal(roundMs: number, maxRounds: number): number | undefined {
    for (const writer of this.writers) writer.inbox = [];
    for (let round = 0; round <= maxRounds; round++) {
      if (this.isEqual()) return round;
      this.nowMs += roundMs;
      for (const a of this.#up) for (const b of this.#up) if (a !== b) this.compare(a, b);
      for (const writer of this.#up) {
        writer.table.settleAll(writer.nowUs);
        this.#deliverAll(writer);
      }
    }
    return undefined;
  }

  isEqual(): boolean {
    const [first, ...rest] = this.#up.map(({ table }) => table.fingerprints.root().join());
    return rest.every((root) => root === first);
  }

  /** Compares two tables; owners hear of contenders. */
  compare(a: Writer, b: Writer): void {
    for (const one of [a, b]) one.table.settleAll(one.nowUs);
    const result = compareTables(a, b, { hasLeases: this.#hasLeases, maxMessages: 1_000 });
    if (!result.isOver) throw new Error("a comparison does not end");
    for (const one of [a, b])
      for (const { record } of one.table.entries()) if (record) one.clock.observe(latestUsOf(record));
    this.#tellOwners();
  }

  /** @returns whether the lease let it */
  write(
    writer: Writer,
    key: string,
    make: (permission: Permission, stampUs: number) => TableRecord | undefined,
  ): boolean {
    writer.table.settle(key, writer.nowUs);
    const judgement = judgeWrite(writer.table.get(key), writer.id, writer.nowUs, this.#hasLeases);
    if (judgement.kind === "refused") return false;
    const stampUs = writer.clock.next();
    const record = make(judgement, stampUs);
    if (record === undefined) return true;
    this.#commit(writer, key, record, stampUs);
    return true;
  }

  set(writer: Writer, key: string, value: WireValue | undefined, leaseMs = 5_000): boolean {
    return this.write(writer, key, (permission, timeUs) =>
      wholeRecord({ timeUs, origin: writer.id }, value, termsOf(permission, timeUs, value === undefined ? 0 : leaseMs)),
    );
  }

  take(writer: Writer, { from, items }: Message): void {
    if (from === writer.id) return;
    const update: Update = decodeUpdate(items, from, this.#hasLeases);
    if (writer.clock.isAhead(update.stampUs)) return;
    writer.clock.observe(update.stampUs);
    let isWhole = true;
    for (const [key, record] of update.entries) {
      if (writer.table.merge(key, record, writer.nowUs) === "full") isWhole = false;
    }
    if (isWhole) writer.seen.note(from, update.prevUs, update.stampUs);
    this.#tellOwners();
  }

  get #up(): readonly Writer[] {
    return this.writers.filter(({ isDown }) => !isDown);
  }

  #commit(writer: Writer, key: string, record: TableRecord, stampUs: number): void {
    writer.table.merge(key, record, Math.max(writer.nowUs, stampUs));
    const items = encodeUpdate({ stampUs, prevUs: writer.lastSentUs, entries: [[key, record]] });
    writer.seen.note(writer.id, writer.lastSentUs, stampUs);
    writer.lastSentUs = stampUs;
    for (const other of this.writers) if (other !== writer) other.inbox.push({ from: writer.id, items });
  }

  #do(step: Step): void {
    if (step.kind === "wait") {
      this.nowMs += step.ms;
      return;
    }
    const writer = this.writers[step.at];
    if (writer === undefined || writer.isDown) return;
    switch (step.kind) {
      case "deliver": {
        const message = writer.inbox[step.place];
        if (message === undefined) return;
        if (!step.isDoubled) writer.inbox.splice(step.place, 1);
        this.take(writer, message);
        return;
      }
      case "compare": {
        const other = this.writers[step.other];
        if (other !== undefined && other !== writer && !other.isDown) this.compare(writer, other);
        return;
      }
      default:
        this.#change(writer, `k${step.key}`, step);
    }
  }

  #change(writer: Writer, key: string, step: Exclude<Step, { readonly kind: "wait" | "deliver" | "compare" }>): void {
    const { id: origin, table } = writer;
    switch (step.kind) {
      case "set":
        this.set(writer, key, step.value, step.leaseMs);
        return;
      case "delete":
        this.set(writer, key, undefined);
        return;
      case "delta":
        this.write(writer, key, (permission, timeUs) => {
          const value = table.get(key)?.value;
          if (value !== undefined && !isMap(value)) return undefined;
          const terms = termsOf(permission, timeUs, 5_000);
          const stamp = { timeUs, origin };
          if (permission.kind === "claim") return wholeRecord(stamp, { ...value, [step.name]: step.value }, terms);
          return deltaRecord(stamp, [[step.name, step.value === 0 ? undefined : step.value]], terms);
        });
        return;
      default:
        if (!this.#hasLeases) return;
        this.write(writer, key, (permission, timeUs) => {
          const terms = termsOf(permission, timeUs, step.kind === "acquire" ? 5_000 : 0);
          if (terms === undefined) return undefined;
          const stamp = { timeUs, origin };
          if (permission.kind === "renew") return renewalRecord(stamp, terms);
          return step.kind === "acquire" ? wholeRecord(stamp, table.get(key)?.value, terms) : undefined;
        });
    }
  }

  /** Owners with a lease that is contended by a later claim assert it again. */
  #tellOwners(): void {
    for (const holder of this.#up) {
      for (const { key, record } of [...holder.table.entries()]) {
        const contender = holder.table.contender(key);
        if (record === undefined || contender === undefined) continue;
        for (const owner of this.#up) if (owner.id === record.origin) this.#reassert(owner, key, contender);
      }
    }
  }

  #reassert(owner: Writer, key: string, contender: TableRecord): void {
    if (owner.table.merge(key, contender, owner.nowUs) !== "refused") return;
    const own = owner.table.get(key);
    if (own === undefined || own.origin !== owner.id || compareClaims(own, contender) >= 0) return;
    if (judgeWrite(own, owner.id, owner.nowUs, true).kind !== "renew") return;
    owner.clock.observe(latestUsOf(contender));
    const timeUs = owner.clock.next();
    this.#commit(owner, key, wholeRecord({ timeUs, origin: owner.id }, own.value, reassertion(own, contender)), timeUs);
  }

  #deliverAll(writer: Writer): void {
    for (let message = writer.inbox.shift(); message !== undefined; message = writer.inbox.shift()) {
      this.take(writer, message);
    }
  }
}

type Permission = Exclude<ReturnType<typeof judgeWrite>, { readonly kind: "refused" }>;
