// A member of a ring that keeps records as spec/chord-dictionary.md says, so that a case only plays what it is about.
import type { Packable } from "../reference/msgpack.js";
import { positionsOf } from "../reference/positions.js";
import { isSameBytes, toHex, type Value } from "../reference/value.js";
import { isIn, numberOf, ownersOf, positionOf } from "./chord-circle.js";
import { ask, isOlder, readWrite, reply, type Write, writeItems } from "./chord-dictionary.js";
import type { QuestionAnswer, RingPeer } from "./chord-peer.js";
import { nowhere, StagedRing } from "./chord-ring.js";
import type { OpenOptions, Stage } from "./stage.js";

type Version = Pick<Write, "timeUs" | "origin">;

interface Kept {
  readonly key: Uint8Array;
  write: Write | undefined;
  promised: Version | undefined;
}

/** Replaces what a holder answers; undefined: it answers as it should. */
export type Says = (question: readonly Value[]) => { readonly answer: QuestionAnswer } | undefined;

/** A bit for each position. */
const all = 31;

export class Holder {
  readonly peer: RingPeer;
  readonly records: Map<string, Kept> = new Map();
  says: Says = () => undefined;
  isReady = true;
  /** Of all positions, by its own word. */
  isInCharge = true;
  isSure = true;
  /** Positions of a key that it would know of. */
  sure = 0;

  constructor(peer: RingPeer) {
    this.peer = peer;
    peer.onQuestion = (question) => {
      const said = this.says(question);
      return said === undefined ? this.answer(question) : said.answer;
    };
  }

  /** What it has of a key. */
  write(key: Uint8Array): Write | undefined {
    return this.records.get(toHex(key))?.write;
  }

  keep(key: Uint8Array, write: Write): void {
    this.#record(key).write = write;
  }

  answer(question: readonly Value[]): QuestionAnswer {
    const [kind, first] = question;
    switch (kind) {
      case ask.get:
        return [
          reply.has,
          itemsOf(this.write(first as Uint8Array)),
          this.isReady,
          this.isInCharge ? all : 0,
          this.isSure ? all : 0,
        ];
      case ask.put:
        return this.#put(first as Uint8Array, readWrite(question[2]) as Write);
      case ask.promise:
        return this.#promise(first as Uint8Array, { timeUs: Number(question[2]), origin: question[3] as Uint8Array });
      case ask.copies: {
        const copies = (first as readonly Value[]).map((copy) => copy as readonly Value[]);
        for (const [key, write] of copies) this.#put(key as Uint8Array, readWrite(write) as Write);
        return [reply.copied, new Uint8Array(copies.length).fill(1)];
      }
      case ask.compare:
        return [reply.differs, new Uint8Array(0), new Uint8Array(0)];
      case ask.claim:
        return [reply.given, first as Uint8Array, first as Uint8Array];
      case ask.fetch:
        return [reply.records, []];
      case ask.walk:
        return this.#walk(first as Uint8Array, question[2] as Uint8Array);
      case ask.have: {
        const wanted = { timeUs: Number(question[2]), origin: question[3] as Uint8Array } as Write;
        return [reply.copied, Uint8Array.of(isOlder(this.write(first as Uint8Array), wanted) ? 0 : 1)];
      }
      default:
        return 1;
    }
  }

  #record(key: Uint8Array): Kept {
    const known = this.records.get(toHex(key)) ?? { key, write: undefined, promised: undefined };
    this.records.set(toHex(key), known);
    return known;
  }

  #put(key: Uint8Array, write: Write): QuestionAnswer {
    const record = this.#record(key);
    const { promised } = record;
    if (write.groups === undefined && record.write?.groups !== undefined) return [reply.atomic];
    const newest = isOlder(record.write, promised as Write | undefined) ? promised : record.write;
    if (newest !== undefined && isOlder(write, newest as Write)) return [reply.stale, newest.timeUs, newest.origin];
    record.write = write;
    return [reply.taken, this.isInCharge ? all : 0];
  }

  #promise(key: Uint8Array, ballot: Version): QuestionAnswer {
    const record = this.#record(key);
    const { promised, write } = record;
    const isOld = isOlder(ballot as Write, promised as Write | undefined) || !isOlder(write, ballot as Write);
    const newest = isOlder(write, promised as Write | undefined) ? promised : write;
    if (isOld && newest !== undefined) return [reply.stale, newest.timeUs, newest.origin];
    record.promised = ballot;
    return [reply.promised, itemsOf(write), this.sure];
  }

  #walk(after: Uint8Array, upTo: Uint8Array): QuestionAnswer {
    const keys = [...this.records.values()].filter(
      ({ key, write }) => write?.value && isIn(after, positionsOf(key)[0] as Uint8Array, upTo),
    );
    return [reply.keys, keys.map(({ key }) => [key]), null];
  }
}

function itemsOf(write: Write | undefined): Packable {
  return write === undefined ? null : writeItems(write);
}

/** A client of a ring, whose members stand just after the five positions of a key: each owns one, and is sure of it. */
export interface StagedKey {
  readonly ring: StagedRing;
  readonly key: Uint8Array;
  /** The owners, in the order of the key's positions. */
  readonly owners: readonly [Holder, Holder, Holder, Holder, Holder];
  /** The members just after the owners, in the same order; none own a position. */
  readonly next: readonly Holder[];
  /** The node's time, in µs. */
  readonly nowUs: number;
}

export async function stageKey(
  stage: Stage,
  key: Uint8Array,
  options: OpenOptions & { readonly withNext?: boolean } = {},
): Promise<StagedKey> {
  const { withNext = false, ...rest } = options;
  const wallMs = Math.floor(Date.now() / 1_000) * 1_000;
  const ring = await StagedRing.open(stage, { serve: false, bootstrap: [nowhere], wallMs, ...rest });
  const after = async (position: Uint8Array, steps: bigint): Promise<Holder> =>
    new Holder(await ring.add(positionOf(numberOf(position) + steps)));
  const owners: Holder[] = [];
  const next: Holder[] = [];
  for (const [index, position] of positionsOf(key).entries()) {
    const owner = await after(position, 1n);
    owner.sure = 1 << index;
    owners.push(owner);
    if (withNext) next.push(await after(position, 2n));
  }
  await joinAsClient(ring);
  return { ring, key, owners: owners as unknown as StagedKey["owners"], next, nowUs: wallMs * 1_000 };
}

/** The peers are a ring; the node becomes a client that knows all of them. */
export async function joinAsClient(ring: StagedRing): Promise<void> {
  ring.peers.splice(0, ring.peers.length, ...ownersOf(ring.peers, ring.id));
  ring.arrange({ withNode: false });
  for (const peer of ring.peers) await peer.dial(ring.node);
  await ring.until(async () => ((await ring.facts()).role === "client" ? true : undefined), "a client");
  await ring.until(
    async () => ((await ring.facts()).size === ring.peers.length ? true : undefined),
    "a client that knows all members",
    30_000,
  );
}

export function holds(holder: Holder, key: Uint8Array, write: Write): boolean {
  const has = holder.write(key);
  return has !== undefined && has.timeUs === write.timeUs && isSameBytes(has.origin, write.origin);
}
