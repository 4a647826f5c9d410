// Direct messages to nodes that are not neighbours: performs what the router decides, and reads what comes routed.
// [MESH-055] [MESH-056] [MESH-060 to MESH-070]
import type { Node, TimerHandle } from "@p2p/base";
import { type Body, decodeBody, flags, messageKey, type NodeId, nodeIdToBytes, type WireValue } from "@p2p/wire";
import { MeshError } from "./errors.js";
import type { Link } from "./link.js";
import { decodeReceipt, decodeRouted, encodeReceipt, encodeRouted, type Routed } from "./messages.js";
import type { MeshLimits } from "./options.js";
import { ReceiptProofs } from "./receipt-proofs.js";
import { Router, type RouterEffect } from "./router.js";
import type { SeenCache } from "./seen.js";

const { mainTypes, subtypes } = flags;

/** Whispers of applications: what may come routed. */
const innerSubtypes: ReadonlySet<unknown> = new Set([
  subtypes.whisper,
  subtypes.request,
  subtypes.response,
  subtypes.error,
  subtypes.forward,
  subtypes.redirected,
]);

export interface DirectParts {
  readonly node: Node;
  readonly links: ReadonlyMap<NodeId, Link>;
  readonly seen: SeenCache;
  readonly limits: MeshLimits;
  /** A link takes no more for now. */
  readonly onBlocked: (link: Link) => void;
  /** A link brought a message that its origin cannot have sent. */
  readonly onRejected: (link: Link) => void;
}

/** Whose body goes out: the origin of what is passed on, or this node. */
interface Origin {
  readonly sender: Uint8Array;
  readonly time: number;
}

export class DirectMessages {
  readonly #parts: DirectParts;
  readonly #seams: Node["seams"];
  readonly #router: Router;
  readonly #proofs: ReceiptProofs;
  #timer: TimerHandle | undefined;
  #timerAtMs = Number.POSITIVE_INFINITY;
  #dropped = 0;
  #isClosed = false;

  constructor(parts: DirectParts) {
    const { node, limits, links } = parts;
    this.#parts = parts;
    this.#seams = node.seams;
    this.#proofs = new ReceiptProofs(parts);
    this.#router = new Router(
      {
        self: node.id,
        attempts: limits.routeAttempts,
        timeoutMs: limits.routeTimeoutMs,
        maxRoutes: limits.maxRoutes,
        maxPending: limits.maxRouted,
      },
      links,
    );
  }

  /** Messages to this node that were dropped, as they were none of an application. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Own messages whose receipt has not come. */
  get pending(): number {
    return this.#router.pending;
  }

  /**
   * Sends a whisper towards a node; resolves when it is acknowledged there.
   *
   * @param body with this node as sender
   * @throws MeshError `unreachable`, `too-many-routed`, `closed`
   */
  send(to: NodeId, body: Uint8Array): Promise<void> {
    const { node, limits } = this.#parts;
    if (to === node.id) return Promise.reject(new RangeError("a message to this node itself"));
    if (this.#isClosed) return Promise.reject(new MeshError("closed", "the mesh is closed"));
    if (this.#router.isFull) {
      const text = `${limits.maxRouted} direct messages wait for their receipts; send more slowly, or raise maxRouted`;
      return Promise.reject(new MeshError("too-many-routed", text, { peer: to }));
    }
    return new Promise((resolve, reject) => {
      const onDone = (isDelivered: boolean): void => {
        if (isDelivered) resolve();
        else if (this.#isClosed) reject(new MeshError("closed", "the mesh was closed before the receipt came"));
        else
          reject(
            new MeshError(
              "unreachable",
              `no receipt from ${to} after ${limits.routeAttempts} attempts; it may have left, or got the message nonetheless`,
              { peer: to },
            ),
          );
      };
      const key = messageKey(body);
      try {
        this.#performOwn(this.#router.send(to, body, key, this.#seams.clock.monotonic(), onDone));
      } catch (error) {
        this.#router.cancel(key);
        reject(error);
      }
      this.#arm();
    });
  }

  /** @throws MeshError `bad-message` */
  routed(link: Link, body: Body): void {
    const { node, seen } = this.#parts;
    const { clock, names } = this.#seams;
    const routed = decodeRouted(body.items);
    const origin = names.toText(body.sender);
    if (origin === node.id) return;
    const innerKey = messageKey(routed.inner);
    const nowMs = clock.monotonic();
    const isNew = seen.add(routedKey(routed, innerKey), nowMs);
    let inner: Body | undefined;
    if (isNew && routed.destination === node.id) {
      // Without a receipt the origin tries again, when a reader that is behind may have caught up [MESH-064].
      if (!node.hasRoom) return;
      inner = this.#readInner(routed.inner, origin);
      if (inner === undefined) {
        this.#dropped += 1;
        return;
      }
    }
    if (isNew && this.#seams.signing !== undefined && !this.#isGenuine(link, routed, inner, origin, innerKey)) return;
    const isNewInner = inner !== undefined && seen.add(innerKey, nowMs);
    const effects = this.#router.routed(link.id, origin, routed, isNew, isNewInner, bytesOf(innerKey));
    for (const effect of effects) {
      if (effect.kind !== "deliver") this.#perform(effect, body);
      else if (inner === undefined || !this.#deliver(inner, routed.inner)) return;
    }
  }

  /** @throws MeshError `bad-message` */
  receipt(link: Link, body: Body): void {
    const { clock, names } = this.#seams;
    const receipt = decodeReceipt(body.items);
    const sender = names.toText(body.sender);
    if (sender === this.#parts.node.id || !this.#proofs.isGenuine(link, receipt, body, sender)) return;
    const key = String.fromCharCode(...receipt.innerId);
    for (const effect of this.#router.receipt(link.id, sender, receipt, key, clock.monotonic())) {
      this.#perform(effect, body);
    }
  }

  /** A message of that origin came first over this link. */
  learn(origin: NodeId, link: Link): void {
    this.#router.routes.learn(origin, link.id);
  }

  linkDown(link: Link): void {
    this.#router.routes.forgetLink(link.id);
  }

  close(): void {
    this.#isClosed = true;
    if (this.#timer !== undefined) this.#seams.clock.clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#router.close();
  }

  /** What was routed here, if it is a whisper of the application from the very origin. */
  #readInner(raw: Uint8Array, origin: NodeId): Body | undefined {
    const { limits, names } = this.#seams;
    try {
      const body = decodeBody(raw, limits);
      const isOfOrigin = names.toText(body.sender) === origin;
      if (isOfOrigin && body.type === mainTypes.whisper && innerSubtypes.has(body.items[0])) return body;
    } catch {
      // The origin's doing, not the neighbour's: nobody here is to blame.
    }
    return undefined;
  }

  /** Whether the origin signed it for its destination. Asked once, however many attempts bring it. */
  #isGenuine(link: Link, routed: Routed, read: Body | undefined, origin: NodeId, innerKey: string): boolean {
    const { seen, onRejected } = this.#parts;
    const { signing, clock } = this.#seams;
    if (signing === undefined || seen.has(innerKey, clock.monotonic())) return true;
    // What cannot be read is not passed on. Nobody is blamed: a neighbour whose limits are wider may have read it.
    const inner = read ?? this.#readInner(routed.inner, origin);
    if (inner === undefined) return false;
    const verdict = signing.judge(inner, routed.inner, origin, link.id, routed.destination);
    if (verdict === "reject") onRejected(link);
    // The destination remembers it when it delivers it.
    if (verdict === "accept" && read === undefined) seen.add(innerKey, clock.monotonic());
    return verdict === "accept";
  }

  #deliver(inner: Body, raw: Uint8Array): boolean {
    try {
      this.#parts.node.deliver(inner, raw, true);
      return true;
    } catch {
      this.#dropped += 1;
      return false;
    }
  }

  #performOwn(effects: readonly RouterEffect[]): void {
    const { node } = this.#parts;
    for (const effect of effects) this.#perform(effect, { sender: node.idBytes, time: this.#seams.times.next() });
  }

  #perform(effect: RouterEffect, origin: Origin): void {
    const { node } = this.#parts;
    switch (effect.kind) {
      case "pass":
        this.#sendTo(effect.to, origin, encodeRouted(effect.routed));
        return;
      case "passReceipt":
        this.#sendTo([effect.to], origin, encodeReceipt(effect.receipt));
        return;
      case "acknowledge":
        this.#sendTo(
          [effect.to],
          { sender: node.idBytes, time: this.#seams.times.next() },
          encodeReceipt(this.#proofs.proven(effect.receipt)),
        );
        return;
      case "deliver":
        return;
      default:
        effect satisfies never;
    }
  }

  #sendTo(to: readonly NodeId[], { sender, time }: Origin, items: readonly WireValue[]): void {
    const { links, onBlocked } = this.#parts;
    const frame = this.#seams.writer.write(mainTypes.whisper, sender, time, items);
    for (const id of to) {
      const link = links.get(id);
      if (link !== undefined && !link.sendFrame(frame)) onBlocked(link);
    }
  }

  #arm(): void {
    const { clock } = this.#seams;
    const atMs = this.#router.nextDeadlineMs;
    if (atMs >= this.#timerAtMs || this.#isClosed) return;
    if (this.#timer !== undefined) clock.clearTimeout(this.#timer);
    this.#timerAtMs = atMs;
    this.#timer = clock.setTimeout(() => this.#expire(), Math.max(0, atMs - clock.monotonic()));
  }

  #expire(): void {
    this.#timer = undefined;
    this.#timerAtMs = Number.POSITIVE_INFINITY;
    this.#performOwn(this.#router.expire(this.#seams.clock.monotonic()));
    this.#arm();
  }
}

/** Tells one attempt from another. The first byte is none that a body begins with, so that no message id is alike. */
function routedKey({ destination, attempt }: Routed, innerKey: string): string {
  const bytes = new Uint8Array(2 + 48 + 32);
  bytes[0] = 0x52;
  bytes[1] = attempt;
  bytes.set(nodeIdToBytes(destination), 2);
  bytes.set(bytesOf(innerKey), 50);
  return messageKey(bytes);
}

function bytesOf(key: string): Uint8Array {
  return Uint8Array.from(key, (character) => character.charCodeAt(0));
}
