// Whether a signed message is taken: form, freshness, window, key, signature, in the order of what they cost [SEC-072] to [SEC-078].
import { type Body, type NodeId, nodeIdToBytes } from "@p2p/wire";
import { tagged } from "../domain-tags.js";
import { isEqual } from "../secrets/is-equal.js";
import { coveredBytes, type Envelope, envelopeOf } from "./envelope.js";
import { type KnownKey, KnownKeys } from "./known-keys.js";
import { leafHash, rootOf } from "./leaf-tree.js";
import type { ReplayWindows } from "./replay-windows.js";

/** `sign-only`: what is not signed is taken too, what is signed has to hold. `require`: all is signed. */
export type MessagePolicy = "sign-only" | "require";

/** Why a message is left aside, and nobody is to blame. */
export type LeftAside = "stale" | "replayed";

/** Why a message is refused; who brought it could have known. */
export type Forgery = "unsigned" | "malformed" | "misdirected" | "forged";

/** `accept`: take it and pass it on. `ignore`: neither. `reject`: neither, and its bringer is to blame. */
export type Judgement =
  | { readonly verdict: "accept"; readonly isSigned: boolean }
  | { readonly verdict: "ignore"; readonly why: LeftAside }
  | { readonly verdict: "reject"; readonly why: Forgery };

export interface MessageJudgeOptions {
  readonly policy: MessagePolicy;
  /** 32 bytes. */
  readonly networkId: Uint8Array;
  /** How far the time of a message may be from this node's wall clock, either way, in ms. */
  readonly freshnessMs: number;
  readonly windows: ReplayWindows;
}

export const defaultFreshnessMs = 1_800_000;

const signed: Judgement = { verdict: "accept", isSigned: true };
const unsigned: Judgement = { verdict: "accept", isSigned: false };

export class MessageJudge {
  readonly #options: MessageJudgeOptions;
  readonly #keys = new KnownKeys();

  constructor(options: MessageJudgeOptions) {
    this.#options = options;
  }

  /**
   * @param origin the sender of the body
   * @param to the node that it came for, unless it is for all
   * @param nowMs this node's wall clock, ms since 1970
   */
  judge(body: Body, rawBody: Uint8Array, origin: NodeId, to: NodeId | undefined, nowMs: number): Judgement {
    const { policy, windows, freshnessMs } = this.#options;
    const envelope = envelopeOf(body);
    if (envelope === "absent") return policy === "require" ? rejected("unsigned") : unsigned;
    if (envelope === "malformed") return rejected("malformed");
    const { publicKey, sequence } = envelope;
    if (!isFor(envelope.to, to)) return rejected("misdirected");
    if (Math.abs(body.time - nowMs * 1_000) > freshnessMs * 1_000) return { verdict: "ignore", why: "stale" };
    if (!windows.isNew(origin, sequence, body.time)) return { verdict: "ignore", why: "replayed" };
    const key = this.#keys.keyOf(origin, publicKey);
    if (key === undefined) return rejected("malformed");
    if (!this.#isSigned(envelope, rawBody, key)) return rejected("forged");
    this.#keys.keep(origin, key);
    windows.accept(origin, sequence, body.time);
    return signed;
  }

  /** Whether the message leads to a root that the key signed; of a batch the root is verified once. */
  #isSigned({ proof, proofBytes }: Envelope, rawBody: Uint8Array, { key, roots }: KnownKey): boolean {
    const root = rootOf(leafHash(coveredBytes(rawBody, proofBytes)), proof);
    const isAlone = proof.hashes.length === 0;
    if (!isAlone && roots.has(root, proof.signature)) return true;
    if (!key.verify(tagged("envelope", this.#options.networkId, root), proof.signature)) return false;
    if (!isAlone) roots.add(root, proof.signature);
    return true;
  }
}

function isFor(signedFor: Uint8Array | undefined, to: NodeId | undefined): boolean {
  if (signedFor === undefined || to === undefined) return signedFor === undefined && to === undefined;
  return isEqual(signedFor, nodeIdToBytes(to));
}

function rejected(why: Forgery): Judgement {
  return { verdict: "reject", why };
}
