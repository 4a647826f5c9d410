// What nodes ask each other about themselves, and signed answers, as data of requests [SEC-240] to [SEC-243].
import { type NodeId, nodeIdFromBytes, nodeIdToBytes, type WireValue } from "@p2p/wire";
import { type Identity, verifySigned } from "../identity/identity.js";
import { keyBytes, nodeIdOfKey } from "../identity/node-id.js";
import { join } from "../primitives/join.js";
import { isBytes, isMap } from "../wire-map.js";
import type { SecureNodeLimits } from "./limits.js";

/** `key`: the public key, for which it is enough to be there. `neighbours`: who it is connected with, too. */
export type Subject = "key" | "neighbours";

export interface Question {
  readonly subject: Subject;
  /** 32 random bytes that the answer is signed with: it is of now, and for this question. */
  readonly nonce: Uint8Array;
  /** The nodes to pass it on to, one after the other; the last one answers. */
  readonly path: readonly NodeId[];
}

export interface Answer {
  /** Ed25519, 32 bytes. */
  readonly publicKey: Uint8Array;
  /** 64 bytes. */
  readonly signature: Uint8Array;
  /** Ids, 48 bytes each; none when the question was for the key. */
  readonly ids: Uint8Array;
}

export const questionType = "p2p/question";
export const nonceBytes = 32;
const idBytes = 48;
const subjects: Readonly<Record<Subject, number>> = { key: 1, neighbours: 2 };

export function encodeQuestion({ subject, nonce, path }: Question): WireValue {
  return { subject, nonce, path: path.map((id) => nodeIdToBytes(id)) };
}

/** Undefined for what is no question within the limits. */
export function decodeQuestion(data: WireValue, { maxHops }: SecureNodeLimits): Question | undefined {
  if (!isMap(data)) return undefined;
  const { subject, nonce, path } = data;
  if ((subject !== "key" && subject !== "neighbours") || !isBytes(nonce, nonceBytes)) return undefined;
  if (!Array.isArray(path) || path.length >= maxHops) return undefined;
  const ids: NodeId[] = [];
  for (const id of path as readonly WireValue[]) {
    if (!isBytes(id, idBytes)) return undefined;
    ids.push(nodeIdFromBytes(id));
  }
  return { subject, nonce, path: ids };
}

/** This node's answer. */
export function answerOf(identity: Identity, question: Question, neighbours: readonly NodeId[]): Answer {
  const ids = join(neighbours.map((id) => nodeIdToBytes(id)));
  const signature = identity.sign("answer", signedPart(question, ids));
  return { publicKey: identity.publicKey, signature, ids };
}

export function encodeAnswer({ publicKey, signature, ids }: Answer): WireValue {
  return { key: publicKey, sig: signature, ids };
}

/** Undefined for what is no answer within the limits. Whether it is the right one, {@link isAnswerOf} tells. */
export function decodeAnswer(data: WireValue, { maxNeighbours }: SecureNodeLimits): Answer | undefined {
  if (!isMap(data)) return undefined;
  const { key, sig, ids } = data;
  if (!isBytes(key, keyBytes) || !isBytes(sig, 64) || !(ids instanceof Uint8Array)) return undefined;
  if (ids.length % idBytes !== 0 || ids.length > maxNeighbours * idBytes) return undefined;
  return { publicKey: key, signature: sig, ids };
}

/** Whether it is what this node answered to this question. */
export function isAnswerOf(id: NodeId, question: Question, { publicKey, signature, ids }: Answer): boolean {
  return nodeIdOfKey(publicKey) === id && verifySigned(publicKey, "answer", signedPart(question, ids), signature);
}

export function neighboursIn({ ids }: Answer): readonly NodeId[] {
  const count = ids.length / idBytes;
  return Array.from({ length: count }, (_, index) =>
    nodeIdFromBytes(ids.slice(index * idBytes, (index + 1) * idBytes)),
  );
}

function signedPart({ subject, nonce }: Question, ids: Uint8Array): Uint8Array {
  return join([nonce, Uint8Array.of(subjects[subject]), ids]);
}
