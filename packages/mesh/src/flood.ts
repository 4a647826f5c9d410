// The three rules: the origin sends to all its neighbours; each node sends on to all but the one it came from; nobody
// sends on twice. The hot path: no promise, closure or text is made for a message unless somebody looks at it.
// [MESH-002] [MESH-003] [MESH-004] [MESH-005] [MESH-006] [MESH-007] [MESH-008] [MESH-009] [MESH-016] [MESH-053] [MESH-054] [MESH-055]
import type { Signing } from "@p2p/base";
import { type Body, type Frame, frameOf, messageKey, type NodeId, type NodeIdCache } from "@p2p/wire";
import type { Carrier } from "./carrier.js";
import { MeshError } from "./errors.js";
import { Broadcast } from "./message.js";
import { isBroadcastItems } from "./messages.js";
import type { SeenCache } from "./seen.js";
import type { Validator, Validators, Verdict } from "./validators.js";

/** What flooding needs of a neighbour. */
export interface FloodLink {
  readonly id: NodeId;
  /** Whether the neighbour reads frames of this codec. */
  readsCodec(codec: number): boolean;
  /** Queues a frame. False: it is taken, but the link can take no more for now. */
  sendFrame(frame: Uint8Array): boolean;
}

/** Where the effects of flooding go. A sink, not a list: a list for each message would cost as much as the rest. */
export interface FloodSink<Link extends FloodLink> {
  /** For the application. */
  deliver(message: Broadcast): void;
  /** The origin's messages come first over this link. */
  learned(origin: NodeId, link: Link): void;
  /** The link takes no more for now. */
  blocked(link: Link): void;
  /** A broadcast that came over this link was rejected, or has no signature that holds. */
  rejected(link: Link): void;
  /** A validator failed. */
  failed(error: MeshError): void;
  /** Verdicts are awaited, `count` of them, for `bytes` of messages. */
  waiting(count: number, bytes: number): void;
}

export interface FloodParts<Link extends FloodLink> {
  /** This node's id. */
  readonly self: Uint8Array;
  /** The neighbours of the moment, kept up to date by the owner. */
  readonly links: ReadonlyMap<NodeId, Link>;
  readonly seen: SeenCache;
  readonly validators: Validators;
  readonly names: NodeIdCache;
  /** Of a network whose messages are signed. */
  readonly signing: Signing | undefined;
  readonly monotonic: () => number;
  readonly sink: FloodSink<Link>;
}

/** A frame whose body is compressed. */
export interface Compressed {
  readonly frame: Uint8Array;
  readonly codec: number;
}

/** Figures of one mesh's broadcasts. */
export interface FloodCounters {
  /** Broadcasts that this node began. */
  originated: number;
  /** Broadcasts of others, handed to the application or accepted by a protocol on top. */
  delivered: number;
  /** Broadcasts that had been received before, or were this node's own. */
  duplicates: number;
  /** Frames sent: own broadcasts and those passed on, one for each neighbour. */
  framesSent: number;
  /** Broadcasts that a validator, a protocol on top, or the layer of signatures ignored or rejected. */
  refused: number;
}

export class Flood<Link extends FloodLink> {
  readonly #parts: FloodParts<Link>;
  readonly #self: Uint8Array;
  readonly #sink: FloodSink<Link>;
  readonly #signing: Signing | undefined;
  readonly #carriers = new Map<unknown, Carrier>();
  #lastOrigin: NodeId | undefined;
  #lastLink: Link | undefined;
  #waitingCount = 0;
  #waitingBytes = 0;
  #isClosed = false;
  readonly counters: FloodCounters = { originated: 0, delivered: 0, duplicates: 0, framesSent: 0, refused: 0 };

  constructor(parts: FloodParts<Link>) {
    this.#parts = parts;
    this.#self = parts.self;
    this.#sink = parts.sink;
    this.#signing = parts.signing;
  }

  /** Gives a subtype to a protocol on top of the mesh. @throws RangeError when it is taken */
  carry(subtype: number, carrier: Carrier): void {
    if (subtype === 0 || this.#carriers.has(subtype))
      throw new RangeError(`broadcasts of subtype ${subtype} are taken`);
    this.#carriers.set(subtype, carrier);
  }

  /**
   * Sends an own broadcast to all neighbours but the excluded.
   *
   * @param compressed the same frame for neighbours that read its codec
   */
  originate(frame: Uint8Array, exclude?: readonly NodeId[], compressed?: Compressed): void {
    this.counters.originated += 1;
    for (const link of this.#parts.links.values()) {
      if (exclude?.includes(link.id) === true) continue;
      this.counters.framesSent += 1;
      const isCompressed = compressed !== undefined && link.readsCodec(compressed.codec);
      if (!link.sendFrame(isCompressed ? compressed.frame : frame)) this.#sink.blocked(link);
    }
  }

  /**
   * Takes a broadcast that came over a link.
   *
   * @param raw the uncompressed body
   * @throws MeshError `bad-message`: the link is to be closed with `protocol`
   */
  receive(link: Link, body: Body, frame: Frame, raw: Uint8Array): void {
    const { seen, validators, names } = this.#parts;
    if (isSame(body.sender, this.#self)) {
      this.counters.duplicates += 1;
      return;
    }
    const isKnownSubtype = body.items[0] === 0;
    if (isKnownSubtype && !isBroadcastItems(body.items)) {
      throw new MeshError("bad-message", "a broadcast has no type, or no data", { peer: link.id });
    }
    const key = messageKey(raw);
    if (!seen.add(key, this.#parts.monotonic())) {
      this.counters.duplicates += 1;
      return;
    }
    const origin = names.toText(body.sender);
    if (this.#signing !== undefined && !this.#isGenuine(this.#signing, link, body, origin, raw)) return;
    if (origin !== this.#lastOrigin || link !== this.#lastLink) {
      this.#lastOrigin = origin;
      this.#lastLink = link;
      this.#sink.learned(origin, link);
    }
    if (!isKnownSubtype) {
      this.#carry(link, body, origin, frame, raw);
      return;
    }
    const message = new Broadcast(body, key, raw.length, link.id, names);
    const validator = validators.isEmpty ? undefined : validators.get(message.type);
    if (validator !== undefined) this.#judge(validator, message, link, frame, raw);
    else this.#accept(message, link, frame, raw);
  }

  /** The routes over a link are void, so the next message is to tell again what it teaches. */
  unlearn(): void {
    this.#lastOrigin = undefined;
    this.#lastLink = undefined;
  }

  /** Verdicts that still come are void: nothing is delivered any more. */
  close(): void {
    this.#isClosed = true;
  }

  /** Asked before anything is made of a message: not even a route is learned from a name that nobody proves. */
  #isGenuine(signing: Signing, from: Link, body: Body, origin: NodeId, raw: Uint8Array): boolean {
    const verdict = signing.judge(body, raw, origin, from.id);
    if (verdict === "accept") return true;
    this.counters.refused += 1;
    if (verdict === "reject") this.#sink.rejected(from);
    return false;
  }

  /** What nobody here has a use for goes on, for those that do. */
  #carry(from: Link, body: Body, origin: NodeId, frame: Frame, raw: Uint8Array): void {
    const { items, time } = body;
    const carrier = this.#carriers.get(items[0]);
    const verdict = carrier?.({ items, from: origin, via: from.id, time, bytes: raw.length });
    if (verdict === undefined || verdict === "accept") this.#relay(from, frame, raw);
    if (verdict === "accept") this.counters.delivered += 1;
    else if (verdict !== undefined) this.counters.refused += 1;
    if (verdict === "reject") this.#sink.rejected(from);
  }

  #accept(message: Broadcast, from: Link, frame: Frame, raw: Uint8Array): void {
    this.#relay(from, frame, raw);
    this.counters.delivered += 1;
    this.#sink.deliver(message);
  }

  #relay(from: Link, frame: Frame, raw: Uint8Array): void {
    const { codec } = frame;
    // Made once: each look at a frame is a new view.
    let received: Uint8Array | undefined;
    let inflated: Uint8Array | undefined;
    for (const link of this.#parts.links.values()) {
      if (link === from || link.id === from.id) continue;
      let bytes: Uint8Array;
      if (codec === 0 || link.readsCodec(codec)) {
        received ??= frame.bytes;
        bytes = received;
      } else {
        inflated ??= frameOf(raw);
        bytes = inflated;
      }
      this.counters.framesSent += 1;
      if (!link.sendFrame(bytes)) this.#sink.blocked(link);
    }
  }

  #judge(validator: Validator, message: Broadcast, from: Link, frame: Frame, raw: Uint8Array): void {
    let verdict: Verdict | Promise<Verdict>;
    try {
      verdict = validator(message);
    } catch (cause) {
      this.#failed(message, cause);
      return;
    }
    if (typeof verdict === "string") {
      this.#settle(verdict, message, from, frame, raw);
      return;
    }
    this.#wait(1, raw.length);
    const done = () => this.#wait(-1, -raw.length);
    Promise.resolve(verdict)
      .then((late) => {
        if (!this.#isClosed) this.#settle(late, message, from, frame, raw);
      })
      .catch((cause: unknown) => {
        if (!this.#isClosed) this.#failed(message, cause);
      })
      .then(done, done);
  }

  #settle(verdict: Verdict, message: Broadcast, from: Link, frame: Frame, raw: Uint8Array): void {
    if (verdict === "accept") {
      this.#accept(message, from, frame, raw);
      return;
    }
    this.counters.refused += 1;
    if (verdict === "reject") this.#sink.rejected(from);
    else if (verdict !== "ignore") {
      const text = `the validator of "${message.type}" answered ${String(verdict)}; it is to answer accept, ignore or reject`;
      this.#sink.failed(new MeshError("validator-failed", text));
    }
  }

  #failed(message: Broadcast, cause: unknown): void {
    this.counters.refused += 1;
    const why = cause instanceof Error ? cause.message : String(cause);
    this.#sink.failed(
      new MeshError("validator-failed", `the validator of "${message.type}" failed: ${why}`, { cause }),
    );
  }

  #wait(count: number, bytes: number): void {
    this.#waitingCount += count;
    this.#waitingBytes += bytes;
    this.#sink.waiting(this.#waitingCount, this.#waitingBytes);
  }
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  // From the end: ids made by one hash differ anywhere, and the first bytes may be chosen alike.
  for (let at = 47; at >= 0; at -= 1) if (a[at] !== b[at]) return false;
  return true;
}
