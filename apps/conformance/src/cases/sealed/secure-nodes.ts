// Nodes that write letters and answer questions, and peers of the suite whose identities are known.
import { publicKeyOf } from "../../reference/secure/ed25519.js";
import { seedOf } from "../../reference/secure/identity.js";
import { type AnswerMap, answerTo, type Question } from "../../reference/secure/letters.js";
import { toHex, type Value } from "../../reference/value.js";
import type { Message } from "../../stage/message.js";
import { isMessage } from "../../stage/messages.js";
import type { RawPeer } from "../../stage/raw-peer.js";
import { isRequest, sendResponse } from "../../stage/request-messages.js";
import type { OpenOptions, Stage } from "../../stage/stage.js";
import type { TestNode } from "../../stage/test-node.js";
import { securePeer } from "../secure/channels.js";

/** The node's identity, and those of the suite's peers; mutants know them too. */
export const nodeSeed: Uint8Array = seedOf(3_001);
export const peerSeed: Uint8Array = seedOf(3_002);
export const otherSeed: Uint8Array = seedOf(3_003);
export const nodeKey: Uint8Array = publicKeyOf(nodeSeed);

export const letterType = "p2p/letter";
export const questionType = "p2p/question";

export const isLetter = (message: Message): boolean => isMessage(message) && message.items[1] === letterType;
export const isQuestion = (message: Message): boolean => isRequest(message) && message.items[2] === questionType;

let lastNumber = Date.now() * 1_000;

/** A number above all those that a letter of this run had. */
export function nextNumber(step = 1): number {
  lastNumber += step;
  return lastNumber;
}

export function openSecureNode(stage: Stage, options: OpenOptions = {}): Promise<TestNode> {
  return stage.open({ kind: "secure", security: "noise", seed: toHex(nodeSeed), ...options });
}

/** @param features besides those of requests */
export async function knownPeer(
  stage: Stage,
  node: TestNode,
  seed: Uint8Array = peerSeed,
  features: readonly string[] = [],
): Promise<RawPeer> {
  const { peer } = await securePeer(stage, node, { features: ["requests/1", ...features], shake: { seed } });
  return peer;
}

export interface AskedQuestion extends Question {
  readonly requestId: number;
  readonly path: readonly Uint8Array[];
}

/** The next question of the node to this peer. */
export async function nextQuestion(peer: RawPeer): Promise<AskedQuestion> {
  const message = await peer.next(isQuestion, "a question of the node");
  const map = message.items[3] as { readonly [name: string]: Value };
  // A question of another form makes the case fail where it is answered.
  const { subject, nonce, path } = map as unknown as AskedQuestion;
  return { requestId: Number(message.items[1]), subject, nonce, path };
}

/** Answers the next question as the identity of the seed does. */
export async function answerNext(
  peer: RawPeer,
  seed: Uint8Array,
  alter: (sound: AnswerMap, question: AskedQuestion) => AnswerMap = (sound) => sound,
): Promise<AskedQuestion> {
  const question = await nextQuestion(peer);
  sendResponse(peer, question.requestId, alter(answerTo(question, seed), question));
  return question;
}
