// The signatures of one node, as base's seam wants them: numbers what goes out, judges what comes in, and keeps over restarts
// what was heard [SEC-070] to [SEC-082].
import type { Level, Signing, SigningContext, SigningVerdict, TimerHandle } from "@p2p/base";
import type { Body, NodeId, WireValue } from "@p2p/wire";
import { SecureError, type SecureErrorCode } from "../errors.js";
import type { Identity } from "../identity/identity.js";
import { join } from "../primitives/join.js";
import { envelopeItem } from "./envelope.js";
import { defaultFreshnessMs, type Forgery, type LeftAside, MessageJudge, type MessagePolicy } from "./message-judge.js";
import { headerBytesOf, proofBytes } from "./proof.js";
import { readReplayStore, writeReplayStore } from "./replay-store.js";
import { defaultReplaySenders, ReplayWindows } from "./replay-windows.js";
import { signFrames } from "./sign-frames.js";

/** How messages that travel through other nodes are signed and judged. */
export interface MessageOptions {
  /**
   * The same at all nodes of a network, which is how they find one another. `require`: every message is signed. `sign-only`:
   * this node signs, and takes what is not signed as well; what is signed has to hold. `off`: neither. Default: `off`.
   */
  readonly messages?: MessagePolicy | "off";
  /**
   * A database of `abstract-level` of this node alone, for what was heard of whom. Without it a node that is started anew can be
   * told again what it heard in the last `freshnessMs` before. Default: none.
   */
  readonly replayStore?: Level;
  /** How far the time of a message may be from this node's wall clock, either way, in ms. Default: 1,800,000. */
  readonly freshnessMs?: number;
  /** Senders whose messages are told from replays, 300 bytes to 2 KiB each. Default: 16,384. */
  readonly replaySenders?: number;
}

const policies: Readonly<Record<NonNullable<MessageOptions["messages"]>, true>> = {
  require: true,
  "sign-only": true,
  off: true,
};

/** A misspelt policy must not end in messages that nobody signs. @throws TypeError */
export function checkMessagePolicy(messages = "off"): void {
  if (Object.hasOwn(policies, messages)) return;
  throw new TypeError('the option `messages` is "require", "sign-only" or "off"');
}

/** What the judgement of messages tells. */
export interface MessageListener {
  accepted(from: NodeId, isSigned: boolean): void;
  /** Nobody's fault. */
  refused(error: SecureError, from: NodeId, via: NodeId | undefined): void;
  /** The fault of who brought it. */
  forged(error: SecureError, from: NodeId, via: NodeId | undefined): void;
  /** The store cannot be written. */
  failed(error: SecureError): void;
}

/** The features by which nodes of one policy find one another, and no others [SEC-080]. */
const features: Readonly<Record<MessagePolicy, string>> = { "sign-only": "signs/1", require: "signed/1" };

/** By which policy a node signs. @param signing what its network asks */
export function policyOf(signing: Signing | undefined): MessagePolicy | "off" {
  if (signing?.features.includes(features.require) === true) return "require";
  return signing?.features.includes(features["sign-only"]) === true ? "sign-only" : "off";
}

/** What a crash makes a node forget is what it heard for so long, in ms. */
const saveAfterMs = 1_000;

/** Messages of one signature: with 64 the signature is a fiftieth of what a message costs, and its path has 6 hashes. */
const batchFrames = 64;
const batchGrowthBytes: number =
  proofBytes(Math.log2(batchFrames)) + headerBytesOf(256) - proofBytes(0) - headerBytesOf(proofBytes(0));

/** Sequence numbers that are noted in the store as used before they are. */
const reserveSequences = 1_048_576;

const whyNot: Readonly<Record<Forgery | LeftAside, readonly [SecureErrorCode, string]>> = {
  unsigned: ["message-unsigned", "is not signed, and this network requires it"],
  malformed: ["message-forged", "has an envelope that cannot be its sender's"],
  misdirected: ["message-forged", "was signed for another receiver"],
  forged: ["message-forged", "was altered, or its sender did not sign it"],
  stale: ["message-stale", "has a time too far from this node's clock"],
  replayed: ["message-replayed", "was heard before, or is older than what was"],
};

export class MessageSigning implements Signing {
  readonly features: readonly string[];
  readonly batchFrames: number = batchFrames;
  readonly batchGrowthBytes: number = batchGrowthBytes;
  readonly #identity: Identity;
  readonly #context: SigningContext;
  readonly #listener: MessageListener;
  readonly #store: Level | undefined;
  readonly #windows: ReplayWindows;
  readonly #judge: MessageJudge;
  #sequence = 0;
  #reserved = Number.POSITIVE_INFINITY;
  #timer: TimerHandle | undefined;
  #saving: Promise<void> | undefined;
  #isDue = false;
  #isOpen = false;

  constructor(
    identity: Identity,
    policy: MessagePolicy,
    options: MessageOptions,
    context: SigningContext,
    listener: MessageListener,
  ) {
    const { replayStore, freshnessMs = defaultFreshnessMs, replaySenders = defaultReplaySenders } = options;
    if (!(freshnessMs > 0)) throw new RangeError("freshnessMs is above 0");
    this.features = [features[policy]];
    this.#identity = identity;
    this.#context = context;
    this.#listener = listener;
    this.#store = replayStore;
    this.#windows = new ReplayWindows(replaySenders);
    const { networkId } = context;
    this.#judge = new MessageJudge({ policy, networkId, freshnessMs, windows: this.#windows });
  }

  async open(): Promise<void> {
    const startUs = Math.floor(this.#context.clock.now() * 1_000);
    this.#sequence = startUs;
    if (this.#store === undefined) return;
    try {
      const before = await readReplayStore(this.#store, this.#windows);
      this.#sequence = Math.max(startUs, before?.nextSequence ?? 0);
      await this.#write(this.#store);
      this.#isOpen = true;
    } catch (cause) {
      throw cause instanceof SecureError ? cause : storeFailed(cause);
    }
  }

  async close(): Promise<void> {
    if (this.#timer !== undefined) this.#context.clock.clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#saving;
    if (this.#store === undefined || !this.#isOpen) return;
    this.#isOpen = false;
    await this.#save(this.#store);
  }

  envelope(to?: NodeId): WireValue {
    this.#sequence += 1;
    if (this.#reserved - this.#sequence < reserveSequences / 2) this.#saveSoon();
    return envelopeItem(this.#identity.publicKey, this.#sequence, to);
  }

  sign(frames: readonly Uint8Array[]): readonly Uint8Array[] {
    return signFrames(frames, (root) => this.#identity.sign("envelope", join([this.#context.networkId, root])));
  }

  judge(body: Body, rawBody: Uint8Array, origin: NodeId, via?: NodeId, to?: NodeId): SigningVerdict {
    const judged = this.#judge.judge(body, rawBody, origin, to, this.#context.clock.now());
    if (judged.verdict === "accept") {
      if (judged.isSigned) this.#saveSoon();
      this.#listener.accepted(origin, judged.isSigned);
      return "accept";
    }
    const [code, text] = whyNot[judged.why];
    const error = new SecureError(code, `a message of ${origin} ${text}`, { peer: via ?? origin });
    if (judged.verdict === "reject") this.#listener.forged(error, origin, via);
    else this.#listener.refused(error, origin, via);
    return judged.verdict;
  }

  #saveSoon(): void {
    this.#isDue = true;
    if (this.#timer !== undefined || this.#saving !== undefined || !this.#isOpen) return;
    this.#timer = this.#context.clock.setTimeout(() => {
      this.#timer = undefined;
      if (this.#store !== undefined) this.#saving = this.#save(this.#store);
    }, saveAfterMs);
  }

  async #save(store: Level): Promise<void> {
    this.#isDue = false;
    try {
      await this.#write(store);
    } catch (cause) {
      this.#listener.failed(storeFailed(cause));
    } finally {
      this.#saving = undefined;
    }
    if (this.#isDue) this.#saveSoon();
  }

  async #write(store: Level): Promise<void> {
    const reserved = this.#sequence + reserveSequences;
    await writeReplayStore(store, this.#windows, reserved);
    this.#reserved = reserved;
  }
}

function storeFailed(cause: unknown): SecureError {
  const text = cause instanceof Error ? cause.message : String(cause);
  return new SecureError("store-failed", `the store of replay windows failed: ${text}`, { cause });
}
