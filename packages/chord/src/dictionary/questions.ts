// What nodes ask each other about keys: one encode and decode pair. [CHORD-240]
import type { NodeIdCache, WireValue } from "@p2p/wire";
import { positionBytes } from "../ring/arc.js";
import type { PositionRange } from "../ring-access.js";
import { fingerprintBytes, partCount, shortIdBytes } from "../store/fingerprints.js";
import type { Write } from "../store/record.js";
import {
  bad,
  decodeKey,
  decodeVersion,
  decodeWrite,
  encodeVersion,
  encodeWrite,
  isList,
  type ValueLimits,
} from "../store/record-codec.js";
import type { Version } from "../store/version.js";

/** A key and a write of it, as copies travel. */
export interface Copy {
  readonly key: Uint8Array;
  readonly write: Write;
}

export type Question =
  /** What do you have of this key? `isAgain`: who asks has it, and wants to be sure of it. */
  | { readonly kind: "get"; readonly key: Uint8Array; readonly isAgain?: boolean }
  /** Take this write. */
  | { readonly kind: "put"; readonly key: Uint8Array; readonly write: Write }
  /** Take no older ballot from now on, and tell what you have. */
  | { readonly kind: "promise"; readonly key: Uint8Array; readonly ballot: Version }
  /** Do you have this version of the key, or a newer one? */
  | { readonly kind: "have"; readonly key: Uint8Array; readonly version: Version }
  /** Take these copies. */
  | { readonly kind: "copies"; readonly copies: readonly Copy[] }
  /** Which parts of this range differ, and what do you have there? */
  | { readonly kind: "compare"; readonly range: PositionRange; readonly fingerprints: Uint8Array }
  /** Did you have this range, and have you given it up to me? */
  | { readonly kind: "claim"; readonly range: PositionRange }
  /** Send these records of the range. */
  | { readonly kind: "fetch"; readonly range: PositionRange; readonly ids: Uint8Array }
  /** Which keys stand in this range in the table of the first positions? */
  | { readonly kind: "walk"; readonly range: PositionRange; readonly hasValues: boolean };

/** Numbers of the questions: the first item of each. */
const numbers = { get: 0, put: 1, promise: 2, copies: 3, compare: 4, fetch: 5, walk: 6, have: 7, claim: 8 } as const;

/** Most copies of one message, and most records that one asks for. */
export const maxCopies = 512;

export function encodeQuestion(question: Question): WireValue[] {
  const number = numbers[question.kind];
  switch (question.kind) {
    case "get":
      return question.isAgain === true ? [number, question.key, true] : [number, question.key];
    case "put":
      return [number, question.key, encodeWrite(question.write)];
    case "promise":
      return [number, question.key, ...encodeVersion(question.ballot)];
    case "have":
      return [number, question.key, ...encodeVersion(question.version)];
    case "copies":
      return [number, encodeCopies(question.copies)];
    case "compare":
      return [number, ...encodeRange(question.range), question.fingerprints];
    case "claim":
      return [number, ...encodeRange(question.range)];
    case "fetch":
      return [number, ...encodeRange(question.range), question.ids];
    case "walk":
      return [number, ...encodeRange(question.range), question.hasValues];
    default:
      return question satisfies never;
  }
}

/** @throws ChordError `bad-message` */
export function decodeQuestion(items: readonly WireValue[], limits: ValueLimits, names: NodeIdCache): Question {
  switch (items[0]) {
    case numbers.get: {
      const isAgain = items[2] ?? false;
      if (typeof isAgain !== "boolean") throw bad("the mark of a key read again", "a boolean");
      const key = decodeKey(items[1], limits);
      return isAgain ? { kind: "get", key, isAgain } : { kind: "get", key };
    }
    case numbers.put:
      return { kind: "put", key: decodeKey(items[1], limits), write: decodeWrite(items[2], limits, names) };
    case numbers.promise:
      return { kind: "promise", key: decodeKey(items[1], limits), ballot: decodeVersion(items, 2, names) };
    case numbers.have:
      return { kind: "have", key: decodeKey(items[1], limits), version: decodeVersion(items, 2, names) };
    case numbers.copies:
      return { kind: "copies", copies: decodeCopies(items[1], limits, names) };
    case numbers.compare: {
      const fingerprints = decodeBytes(items[3], "the fingerprints", partCount * fingerprintBytes);
      if (fingerprints.length !== partCount * fingerprintBytes) throw bad("the fingerprints", `of ${partCount} parts`);
      return { kind: "compare", range: decodeRange(items), fingerprints };
    }
    case numbers.claim:
      return { kind: "claim", range: decodeRange(items) };
    case numbers.fetch: {
      const ids = decodeBytes(items[3], "the list of keys", maxCopies * shortIdBytes);
      if (ids.length % shortIdBytes !== 0) throw bad("the list of keys", `of ${shortIdBytes} bytes each`);
      return { kind: "fetch", range: decodeRange(items), ids };
    }
    case numbers.walk:
      if (typeof items[3] !== "boolean") throw bad("the wish for values", "a boolean");
      return { kind: "walk", range: decodeRange(items), hasValues: items[3] };
    default:
      throw bad("the kind of a question", "known");
  }
}

export function encodeCopies(copies: readonly Copy[]): WireValue[] {
  return copies.map(({ key, write }) => [key, encodeWrite(write)]);
}

export function decodeCopies(list: WireValue | undefined, limits: ValueLimits, names: NodeIdCache): Copy[] {
  if (!isList(list) || list.length > maxCopies) throw bad("the copies", `a list of at most ${maxCopies}`);
  return list.map((copy) => {
    if (!isList(copy)) throw bad("a copy", "a list");
    return { key: decodeKey(copy[0], limits), write: decodeWrite(copy[1], limits, names) };
  });
}

export function decodeBytes(value: WireValue | undefined, what: string, maxBytes: number): Uint8Array {
  if (!(value instanceof Uint8Array) || value.length > maxBytes) throw bad(what, `at most ${maxBytes} bytes`);
  return value;
}

function encodeRange({ after, upTo }: PositionRange): WireValue[] {
  return [after, upTo];
}

function decodeRange(items: readonly WireValue[]): PositionRange {
  return { after: decodePosition(items[1]), upTo: decodePosition(items[2]) };
}

export function decodePosition(value: WireValue | undefined): Uint8Array {
  if (!(value instanceof Uint8Array) || value.length !== positionBytes) throw bad("a position", "48 bytes");
  return value;
}
