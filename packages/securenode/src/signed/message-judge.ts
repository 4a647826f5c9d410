// Whether a signed message is taken: form, key, freshness, window, signature, in the order of what they cost [SEC-073] to [SEC-079].
import { type Body, type NodeId, nodeIdFromBytes } from "@p2p/wire";
import { envelopeOf, isSignedBody } from "./envelope.js";
import { ReplayWindows } from "./replay-windows.js";

/** `accept`: take it and pass it on. `ignore`: neither. `reject`: neither, and its bringer is to blame. */
export type Judgement =
  | { readonly verdict: "accept"; readonly isSigned: boolean }
  | { readonly verdict: "ignore"; readonly why: "stale" | "replayed" }
  | { readonly verdict: "reject"; readonly why: "unsigned" | "malformed" | "forged" };

export interface MessageJudgeOptions {
  /** `require`: what is not signed is rejected. `sign-only`: it is taken; what is signed must hold all the same. */
  readonly policy: "require" | "sign-only";
  /** 32 bytes. */
  readonly networkId: Uint8Array;
  /** How far the time of a message may be from this node's wall clock, either way, in ms. Default: 600,000. */
  readonly freshnessMs?: number;
  /** What was heard before this start. Default: nothing. */
  readonly windows?: ReplayWindows;
}

export const defaultFreshnessMs = 600_000;

const accepted: Readonly<Record<"signed" | "unsigned", Judgement>> = {
  signed: { verdict: "accept", isSigned: true },
  unsigned: { verdict: "accept", isSigned: false },
};

export class MessageJudge {
  readonly windows: ReplayWindows;
  readonly #options: MessageJudgeOptions;
  readonly #freshnessUs: number;

  constructor(options: MessageJudgeOptions) {
    this.#options = options;
    this.#freshnessUs = (options.freshnessMs ?? defaultFreshnessMs) * 1_000;
    this.windows = options.windows ?? new ReplayWindows();
  }

  /** @param nowMs this node's wall clock, ms since 1970 */
  judge(body: Body, rawBody: Uint8Array, nowMs: number): Judgement {
    const { policy, networkId } = this.#options;
    const envelope = envelopeOf(body);
    if (envelope === "absent") {
      return policy === "require" ? { verdict: "reject", why: "unsigned" } : accepted.unsigned;
    }
    if (envelope === "malformed") return { verdict: "reject", why: "malformed" };
    if (Math.abs(body.time - nowMs * 1_000) > this.#freshnessUs) return { verdict: "ignore", why: "stale" };
    const sender: NodeId = nodeIdFromBytes(body.sender);
    if (!this.windows.isNew(sender, envelope.sequence, body.time)) return { verdict: "ignore", why: "replayed" };
    if (!isSignedBody(envelope, networkId, rawBody)) return { verdict: "reject", why: "forged" };
    this.windows.accept(sender, envelope.sequence, body.time);
    return accepted.signed;
  }
}
