// What nodes answer about keys: one encode and decode pair. [CHORD-241]
import type { NodeIdCache, WireValue } from "@p2p/wire";
import { itemBytes, partCount } from "../store/fingerprints.js";
import type { Write } from "../store/record.js";
import {
  bad,
  decodeKey,
  decodeProof,
  decodeTime,
  decodeVersion,
  decodeWrite,
  encodeVersion,
  encodeWrite,
  isList,
  type ValueLimits,
} from "../store/record-codec.js";
import type { Version } from "../store/version.js";
import { type Copy, decodeBytes, decodeCopies, decodePosition, encodeCopies, maxCopies } from "./questions.js";
import type { Handover, Standing } from "./tenure.js";

/** A key that a walk met. */
export interface WalkedKey {
  readonly key: Uint8Array;
  /** Encoded; only if it was asked for. */
  readonly value: Uint8Array | undefined;
  /** Of an owned key with its value. */
  readonly owned?: { readonly sequence: number; readonly proof: Uint8Array };
}

export type Answer =
  /**
   * To `get`: what the node has, and what it is to the key. `isReady` false: it may lack what its successor has.
   */
  | {
      readonly kind: "has";
      readonly write: Write | undefined;
      readonly isReady: boolean;
      readonly standing: Standing;
    }
  /**
   * To `promise`: it is promised, and what the node has. `sure` has a bit for each position, the first being bit 0, that the
   * node owns and would know of a key there.
   */
  | { readonly kind: "promised"; readonly write: Write | undefined; readonly sure: number }
  /** To `put`: it is stored. `charge` has a bit for each position of which the node was in charge then. */
  | { readonly kind: "taken"; readonly charge: number }
  /** To `put` and `promise`: something newer was stored or promised. Of an owned key, what was. */
  | { readonly kind: "stale"; readonly newest: Version; readonly write?: Write }
  /** To a plain `put`: holders decide about the key. */
  | { readonly kind: "atomic" }
  /** The node cannot: it has no room, is asked too fast, is no member, finds the time too far ahead; or nobody votes on an owned key. */
  | { readonly kind: "refused"; readonly reason: RefusedReason }
  /** To `copies` and `have`: for each, whether the node has it or something newer now. */
  | { readonly kind: "copied"; readonly isHeld: readonly boolean[] }
  /** To `compare`: what the node has in the parts that differ, as short ids with versions. `isCut`: there was no room for all. */
  | { readonly kind: "differs"; readonly parts: readonly number[]; readonly items: Uint8Array; readonly isCut: boolean }
  /** To `claim`: what the node gave up to the one that asks. */
  | { readonly kind: "given"; readonly given: Handover }
  /** To `fetch`: what there is, not more than a message takes. */
  | { readonly kind: "records"; readonly copies: readonly Copy[] }
  /** To `walk`: keys in the order of their positions; `next` is where to go on, if there is more in the range. */
  | { readonly kind: "keys"; readonly keys: readonly WalkedKey[]; readonly next: Uint8Array | undefined };

const reasons = ["full", "rate", "no-member", "clock-ahead", "not-ready", "owned"] as const;

export type RefusedReason = (typeof reasons)[number];

/** Most items of one answer. */
export const maxItems = 4_096;

const numbers = {
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

export function encodeAnswer(answer: Answer): WireValue[] {
  const number = numbers[answer.kind];
  switch (answer.kind) {
    case "has":
      return [
        number,
        answer.write === undefined ? null : encodeWrite(answer.write),
        answer.isReady,
        answer.standing.charge,
        answer.standing.sure,
      ];
    case "promised":
      return [number, answer.write === undefined ? null : encodeWrite(answer.write), answer.sure];
    case "taken":
      return [number, answer.charge];
    case "atomic":
      return [number];
    case "stale":
      return [
        number,
        ...encodeVersion(answer.newest),
        ...(answer.write === undefined ? [] : [encodeWrite(answer.write)]),
      ];
    case "refused":
      return [number, reasons.indexOf(answer.reason)];
    case "copied":
      return [number, Uint8Array.from(answer.isHeld, Number)];
    case "differs":
      return [number, Uint8Array.from(answer.parts), answer.items, ...(answer.isCut ? [true] : [])];
    case "given":
      return [number, answer.given.after, answer.given.sureAfter];
    case "records":
      return [number, encodeCopies(answer.copies)];
    case "keys":
      return [number, answer.keys.map(encodeWalked), answer.next ?? null];
    default:
      return answer satisfies never;
  }
}

/** @throws ChordError `bad-message` */
export function decodeAnswer(items: readonly WireValue[], limits: ValueLimits, names: NodeIdCache): Answer {
  switch (items[0]) {
    case numbers.has: {
      const write = items[1] === null ? undefined : decodeWrite(items[1], limits, names);
      if (typeof items[2] !== "boolean") throw bad("the readiness", "a boolean");
      const standing = { charge: decodePositions(items[3]), sure: decodePositions(items[4]) };
      return { kind: "has", write, isReady: items[2], standing };
    }
    case numbers.promised: {
      const write = items[1] === null ? undefined : decodeWrite(items[1], limits, names);
      return { kind: "promised", write, sure: decodePositions(items[2]) };
    }
    case numbers.taken:
      return { kind: "taken", charge: decodePositions(items[1]) };
    case numbers.stale:
      return {
        kind: "stale",
        newest: decodeVersion(items, 1, names),
        ...(isList(items[3]) ? { write: decodeWrite(items[3], limits, names) } : {}),
      };
    case numbers.atomic:
      return { kind: "atomic" };
    case numbers.refused: {
      const reason = reasons[Number(items[1])];
      if (reason === undefined) throw bad("the reason of a refusal", "known");
      return { kind: "refused", reason };
    }
    case numbers.copied:
      return {
        kind: "copied",
        isHeld: [...decodeBytes(items[1], "the verdicts", maxCopies)].map((each) => each === 1),
      };
    case numbers.differs: {
      const parts = [...decodeBytes(items[1], "the parts", partCount)];
      const found = decodeBytes(items[2], "the items", maxItems * itemBytes);
      if (found.length % itemBytes !== 0) throw bad("the items", `of ${itemBytes} bytes each`);
      return { kind: "differs", parts, items: found, isCut: items[3] === true };
    }
    case numbers.given: {
      const given = { after: decodePosition(items[1]), sureAfter: decodePosition(items[2]) };
      return { kind: "given", given };
    }
    case numbers.records:
      return { kind: "records", copies: decodeCopies(items[1], limits, names) };
    case numbers.keys: {
      const [, list, next = null] = items;
      if (!isList(list) || list.length > maxCopies) throw bad("the keys", `a list of at most ${maxCopies}`);
      return {
        kind: "keys",
        keys: list.map((each) => decodeWalked(each, limits)),
        next: next === null ? undefined : decodePosition(next),
      };
    }
    default:
      throw bad("the kind of an answer", "known");
  }
}

function encodeWalked({ key, value, owned }: WalkedKey): WireValue[] {
  if (value === undefined) return [key];
  return owned === undefined ? [key, value] : [key, value, owned.sequence, owned.proof];
}

/** A bit for each of the five positions, the first being bit 0. */
function decodePositions(value: WireValue | undefined): number {
  if (typeof value !== "number" || !Number.isInteger(value) || value < 0 || value > 31)
    throw bad("the positions", "5 bits");
  return value;
}

function decodeWalked(item: WireValue, limits: ValueLimits): WalkedKey {
  if (!isList(item)) throw bad("a key of a walk", "a list");
  const value = item[1] === undefined ? undefined : decodeBytes(item[1], "a value", limits.maxValueBytes);
  const key = decodeKey(item[0], limits);
  if (value === undefined || item[2] === undefined) return { key, value };
  return { key, value, owned: { sequence: decodeTime(item[2]), proof: decodeProof(item[3]) } };
}
