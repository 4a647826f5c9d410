// Letters, questions and answers, written from the chapter, with every part open to forging.
import { randomBytes } from "node:crypto";
import { type Packable, pack } from "../msgpack.js";
import { unpack } from "../unpack.js";
import { concat, type Value } from "../value.js";
import { isSignature, publicKeyOf, signWith } from "./ed25519.js";
import { idOfKey, tag } from "./identity.js";
import { openMessage, sealMessage } from "./sealed-message.js";

const text = (words: string): Uint8Array => new TextEncoder().encode(words);

export interface LetterParts {
  /** The sender's. */
  readonly seed: Uint8Array;
  /** Ed25519 keys. */
  readonly readers: readonly Uint8Array[];
  readonly network: string;
  /** The letter's map, or something in its place. */
  readonly map: Packable;
  readonly isSigned?: boolean;
  readonly forged?: {
    readonly context?: string;
    /** In the place of the list. */
    readonly value?: Packable;
    readonly signature?: Uint8Array;
    readonly isHidden?: boolean;
    readonly fromNobody?: boolean;
  };
}

export const letterContext = (network: string): string => `letter ${network}`;

/** What the signature of a letter is over. */
export function letterBytes(network: string, map: Uint8Array): Uint8Array {
  return concat([tag("letter"), text(letterContext(network)), Uint8Array.of(0), map]);
}

export function sealLetter({ seed, readers, network, map, isSigned = false, forged = {} }: LetterParts): Uint8Array {
  const bytes = pack(map);
  const signature = forged.signature ?? (isSigned ? signWith(seed, letterBytes(network, bytes)) : undefined);
  const draws = Array.from({ length: readers.length + 1 }, () => new Uint8Array(randomBytes(32)));
  return sealMessage({
    data: forged.value ?? (signature === undefined ? [bytes] : [bytes, signature]),
    readers,
    context: forged.context ?? letterContext(network),
    isHidden: forged.isHidden ?? false,
    draws,
    ...(forged.fromNobody === true ? {} : { seed }),
  });
}

export interface OpenedLetter {
  readonly from: Uint8Array | undefined;
  readonly readers: readonly Uint8Array[] | undefined;
  readonly map: { readonly [name: string]: Value };
  /** Encoded. */
  readonly bytes: Uint8Array;
  readonly signature: Uint8Array | undefined;
}

/** @throws Refusal for what does not open; TypeError for what is no letter. */
export function openLetter(seed: Uint8Array, sealed: Uint8Array, network: string): OpenedLetter {
  const { data, from, readers } = openMessage(seed, sealed, letterContext(network));
  const [bytes, signature] = Array.isArray(data) ? (data as readonly Value[]) : [];
  if (!(bytes instanceof Uint8Array)) throw new TypeError("what was sealed is no letter");
  const map = unpack(bytes) as { readonly [name: string]: Value };
  return { from, readers, map, bytes, signature: signature instanceof Uint8Array ? signature : undefined };
}

export interface Question {
  readonly subject: "key" | "neighbours";
  readonly nonce: Uint8Array;
}

/** What the signature of an answer is over. */
export function answerBytes({ subject, nonce }: Question, ids: Uint8Array): Uint8Array {
  return concat([tag("answer"), nonce, Uint8Array.of(subject === "key" ? 1 : 2), ids]);
}

export type AnswerMap = { readonly key: Uint8Array; readonly sig: Uint8Array; readonly ids: Uint8Array };

export function answerTo(question: Question, seed: Uint8Array, ids: Uint8Array = new Uint8Array(0)): AnswerMap {
  return { key: publicKeyOf(seed), sig: signWith(seed, answerBytes(question, ids)), ids };
}

/** The 48 bytes of who signed the answer, as far as it holds. */
export function whoAnswered(question: Question, { key, sig, ids }: AnswerMap): Uint8Array | undefined {
  return isSignature(key, answerBytes(question, ids), sig) ? idOfKey(key) : undefined;
}
