// Questions of the dictionary, and answers to these and to asks for a neighbourhood. chord.cddl [CHORD-050]
import { flags, type WireValue } from "@p2p/wire";
import { maxUint32, readUint } from "./items.js";

const { subtypes } = flags;

/** How an answer begins; what follows depends on what was asked. */
export const answerStatus = { answered: 0, failed: 1 } as const;

export function encodeAnswer(requestId: number, status: number, values: readonly WireValue[]): WireValue[] {
  return [subtypes.answer, requestId, status, ...values];
}

export interface Answer {
  readonly requestId: number;
  readonly isFailed: boolean;
  readonly values: readonly WireValue[];
}

export function decodeAnswer(items: readonly WireValue[]): Answer {
  const requestId = readUint("answer", "the request id", items[1], maxUint32);
  const status = readUint("answer", "the status", items[2], maxUint32);
  return { requestId, isFailed: status !== answerStatus.answered, values: items.slice(3) };
}

export function encodeQuestion(requestId: number, question: readonly WireValue[]): WireValue[] {
  return [subtypes.question, requestId, ...question];
}

export function decodeQuestion(items: readonly WireValue[]): {
  readonly requestId: number;
  readonly question: readonly WireValue[];
} {
  return { requestId: readUint("question", "the request id", items[1], maxUint32), question: items.slice(2) };
}
