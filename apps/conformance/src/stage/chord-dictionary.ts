// The questions and answers of the dictionary as the suite writes and reads them (spec/chord-dictionary.cddl).
import type { Packable } from "../reference/msgpack.js";
import { pack } from "../reference/msgpack.js";
import { isSameBytes, toHex, type Value } from "../reference/value.js";
import { isQuestion } from "./chord-messages.js";
import type { Message } from "./message.js";

export const ask = { get: 0, put: 1, promise: 2, copies: 3, compare: 4, fetch: 5, walk: 6, have: 7, claim: 8 } as const;
export const reply = {
  has: 0,
  taken: 1,
  stale: 2,
  atomic: 3,
  refused: 4,
  copied: 5,
  differs: 6,
  records: 7,
  keys: 8,
  promised: 9,
  given: 10,
} as const;
export const reason = { full: 0, rate: 1, noMember: 2, clockAhead: 3, notReady: 4, owned: 5 } as const;

/** Who writes in most cases. */
export const writer: Uint8Array = new Uint8Array(48).fill(7);

export function keyOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** The bytes of a value as they are stored. */
export function encoded(value: Value): Uint8Array {
  return pack(value);
}

export interface Group {
  readonly needed: number;
  readonly members: readonly Uint8Array[];
}

export interface Write {
  readonly timeUs: number;
  readonly origin: Uint8Array;
  /** Encoded; null: a delete. */
  readonly value: Uint8Array | null;
  readonly groups?: readonly Group[];
  readonly lineage?: Uint8Array;
  /** Of an owned key. */
  readonly proof?: Uint8Array;
}

/** A plain write. */
export function plain(timeUs: number, value: Value | undefined, origin: Uint8Array = writer): Write {
  return { timeUs, origin, value: value === undefined ? null : encoded(value) };
}

/** An atomic write, built on nothing unless told. */
export function atomic(
  timeUs: number,
  value: Value | undefined,
  groups: readonly Group[],
  lineage: Uint8Array = new Uint8Array(10),
): Write {
  return { ...plain(timeUs, value), groups, lineage };
}

export function writeItems({ timeUs, origin, value, groups, lineage, proof }: Write): readonly Packable[] {
  if (proof !== undefined) return [timeUs, origin, value, null, proof];
  if (groups === undefined) return [timeUs, origin, value];
  return [
    timeUs,
    origin,
    value,
    groups.map(({ needed, members }) => [needed, ...members]),
    lineage ?? new Uint8Array(0),
  ];
}

/** Undefined for none. */
export function readWrite(items: Value | undefined): Write | undefined {
  if (!Array.isArray(items)) return undefined;
  const [timeUs, origin, value, groups, lineage] = items as readonly Value[];
  const plainly = { timeUs: Number(timeUs), origin: origin as Uint8Array, value: value as Uint8Array | null };
  if (groups === null && lineage instanceof Uint8Array) return { ...plainly, proof: lineage };
  if (!Array.isArray(groups)) return plainly;
  return {
    ...plainly,
    groups: (groups as readonly Value[]).map((group) => {
      const [needed, ...members] = group as readonly [number, ...Uint8Array[]];
      return { needed, members };
    }),
    lineage: lineage as Uint8Array,
  };
}

/** Whether the first is older than the second. */
export function isOlder(a: Write | undefined, b: Write | undefined): boolean {
  if (a === undefined || b === undefined) return a === undefined && b !== undefined;
  return a.timeUs === b.timeUs ? toHex(a.origin) < toHex(b.origin) : a.timeUs < b.timeUs;
}

/** What a question asks: its kind, and its items from the kind on. */
export function questionOf({ items }: Message): readonly Value[] {
  return items.slice(2);
}

export const isAskFor =
  (kind: number, key?: Uint8Array) =>
  (message: Message): boolean => {
    if (!isQuestion(message) || message.items[2] !== kind) return false;
    return key === undefined || (message.items[3] instanceof Uint8Array && isSameBytes(message.items[3], key));
  };

/** A link of a lineage. */
export function linkOf({ timeUs, origin }: Pick<Write, "timeUs" | "origin">): Uint8Array {
  const link = new Uint8Array(10);
  let rest = BigInt(timeUs);
  for (let index = 6; index >= 0; index--) {
    link[index] = Number(rest & 255n);
    rest >>= 8n;
  }
  link.set(origin.subarray(-3), 7);
  return link;
}

/** An answer of the node without what it is to the key, which depends on where its id stands. */
export function withoutStanding(answer: readonly Value[]): readonly Value[] {
  if (answer[0] === reply.taken) return answer.slice(0, 1);
  return answer[0] === reply.has ? answer.slice(0, 3) : answer;
}
