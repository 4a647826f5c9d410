// All connections of a node: who is taken, who is connected by which id, one timer and one flush a turn for all.
import {
  type Body,
  type Frame,
  FrameWriter,
  flags,
  frameBody,
  type NodeId,
  NodeIdCache,
  Timestamper,
  WireError,
  type WireValue,
} from "@p2p/wire";
import { Link, type LinkStart } from "../connection/link.js";
import type { LinkOwner } from "../connection/link-owner.js";
import { SharedLists } from "../connection/shared-lists.js";
import { TurnEnd } from "../connection/turn-end.js";
import { BaseError } from "../errors.js";
import { Admission, type AdmissionRefusal } from "../limits/admission.js";
import { MemoryBudget } from "../limits/budget.js";
import { CounterLedger, Counters } from "../limits/counters.js";
import type { NodeLimits } from "../limits/limits.js";
import type { NodeTraceEvent } from "../node-trace.js";
import type { ResolvedNodeOptions } from "../options.js";
import type { Clock, TimerHandle } from "../runtime/clock.js";
import { Trace } from "../runtime/diagnostics.js";
import { Waiters } from "../runtime/waiters.js";
import { type CloseReason, ourReason } from "../session/close-reason.js";
import { isReplacedBy } from "../session/duplicates.js";
import { encodeHandshake, type Handshake, judgeHandshake } from "../session/handshake.js";
import type { Channel } from "../transport/transport.js";
import { Directory } from "./directory.js";

/** What the hub tells the node. */
export interface HubListener {
  /** This node's handshake as of now. */
  handshake(): Handshake;
  connected(link: Link): void;
  /** A node connected that was started anew: it knows nothing of what was asked before. */
  restarted(id: NodeId): void;
  disconnected(link: Link, reason: CloseReason): void;
  /** A connection that never came up. */
  failed(link: Link, reason: CloseReason): void;
  deliver(link: Link, body: Body, frame: Frame, rawBody: Uint8Array): void;
  drained(link: Link): void;
  /** Whether somebody waits for something over the connection. */
  isInUse(link: Link): boolean;
  report(error: unknown, link?: Link): void;
}

/** A timer that is so late, in ms, tells that the process was stopped, or busy with something else. */
const lateMs = 2_000;

/** Refused channels that are being told so; beyond them a channel is dropped without a word. */
const maxRefusing = 32;

const refusalTexts: Readonly<Record<AdmissionRefusal, string>> = {
  connections: "as many connections as the limits allow",
  "pending-handshakes": "too many handshakes in progress",
  address: "too many connections of your address",
  subnet: "too many connections of your network",
  rate: "too many new connections of your address",
};

export class Hub implements LinkOwner<Link> {
  readonly clock: Clock;
  readonly limits: NodeLimits;
  readonly budget: MemoryBudget;
  readonly writer: FrameWriter;
  readonly times: Timestamper;
  readonly names: NodeIdCache = new NodeIdCache(4_096);
  readonly lists: SharedLists = new SharedLists();
  readonly idBytes: Uint8Array;
  readonly codecs: readonly number[];
  readonly compressAboveBytes: number;
  readonly turnEnd: TurnEnd<Link>;
  readonly trace: Trace<NodeTraceEvent> = new Trace<NodeTraceEvent>();
  readonly admission: Admission;
  readonly ledger: CounterLedger<NodeId> = new CounterLedger();
  readonly #options: ResolvedNodeOptions;
  readonly #listener: HubListener;
  readonly #links = new Set<Link>();
  readonly #directory = new Directory();
  readonly #tickMs: number;
  #refusing = 0;
  #timer: TimerHandle | undefined;
  /** Monotonic ms at which the timer should run. */
  #tickDueAt = 0;
  #emptied: Waiters | undefined;
  #greeting: WireValue | undefined;

  constructor(options: ResolvedNodeOptions, listener: HubListener) {
    const { clock, limits } = options;
    this.#options = options;
    this.#listener = listener;
    this.clock = clock;
    this.limits = limits;
    this.budget = new MemoryBudget(limits.memoryBudgetBytes);
    this.writer = new FrameWriter({ limits });
    this.turnEnd = new TurnEnd(clock);
    this.times = new Timestamper(() => clock.now());
    this.idBytes = options.idBytes;
    this.codecs = options.codecs;
    this.compressAboveBytes = options.compressAboveBytes;
    this.admission = new Admission(limits);
    this.#tickMs = tickMsOf(limits);
  }

  /** The open connections, one for each node. */
  get connections(): IterableIterator<Link> {
    return this.#directory.values();
  }

  get connectionCount(): number {
    return this.#directory.size;
  }

  /** Connections in any state. */
  get links(): ReadonlySet<Link> {
    return this.#links;
  }

  connectionTo(id: NodeId): Link | undefined {
    return this.#directory.get(id);
  }

  /** Starts a connection over a channel that was admitted. */
  start(start: LinkStart, ticket: Link["ticket"]): Link {
    const link = new Link(this, start);
    link.ticket = ticket;
    this.#add(link);
    link.start();
    return link;
  }

  /** Tells the other end of a fresh inbound channel why it is not taken; under security without a word that all can read. */
  refuse(channel: Channel, refusal: AdmissionRefusal): void {
    if (this.#refusing >= maxRefusing || this.#options.security !== undefined) {
      channel.open(silent);
      channel.destroy();
      return;
    }
    this.#refusing++;
    const link = new Link(this, { channel, direction: "inbound", startedAt: this.clock.monotonic() });
    this.#add(link);
    link.refuse(ourReason(refusal === "rate" ? "rate" : "busy", refusalTexts[refusal]));
  }

  /** What this node says of itself has changed. */
  forgetGreeting(): void {
    this.#greeting = undefined;
  }

  /** Closes all connections. Resolves when nothing is left of them. */
  async closeAll(reason: CloseReason): Promise<void> {
    // First, so that none of them takes the place of one that is closed.
    for (const link of this.#directory.takeAllStandbys()) void link.closeFor(reason);
    for (const link of [...this.#links]) void link.closeFor(reason);
    while (this.#links.size > 0) {
      this.#emptied ??= new Waiters();
      await this.#emptied.wait();
    }
  }

  whisper(items: readonly WireValue[]): Uint8Array {
    this.finish();
    try {
      return this.writer.write(flags.mainTypes.whisper, this.idBytes, this.times.next(), items);
    } catch (cause) {
      if (!(cause instanceof WireError) || cause.code !== "frame-too-large") throw cause;
      const text = `a message of more than ${this.limits.maxFrameBytes} bytes; split it, or raise maxFrameBytes`;
      throw new BaseError("message-too-large", text, { cause });
    }
  }

  /** The body of a whisper that reaches its node by way of others: signed, where this node signs. */
  routedWhisper(to: NodeId, items: readonly WireValue[]): Uint8Array {
    const { signing } = this.#options;
    if (signing === undefined) return frameBody(this.whisper(items));
    const frame = this.whisper([...items, signing.envelope(to)]);
    signing.sign([frame]);
    return frameBody(frame);
  }

  greeting(): WireValue {
    this.#greeting ??= encodeHandshake(this.#listener.handshake());
    return this.#greeting;
  }

  judge(link: Link, handshake: Handshake): CloseReason | undefined {
    const own = { id: this.idBytes, handshake: this.#listener.handshake() };
    const wrong = judgeHandshake(own, { id: link.idBytes, handshake });
    if (wrong !== undefined) return wrong;
    if (link.expectedId !== undefined && link.expectedId !== link.id) {
      return ourReason("security", `${link.id} answers, ${link.expectedId} was expected`);
    }
    const refused = this.#refusedByPolicy(link, handshake);
    if (refused !== undefined) return refused;
    const existing = this.#directory.get(link.id);
    if (existing === undefined || isReplacedBy(existing, link, this.idBytes, link.idBytes)) return undefined;
    return duplicateReason();
  }

  opened(link: Link): void {
    if (link.ticket !== undefined) this.admission.handshakeDone(link.ticket);
    const old = this.#directory.opened(link);
    this.ledger.open(link.id, link.counters);
    if (old !== undefined && old.boot !== link.boot) this.#listener.restarted(link.id);
    this.#listener.connected(link);
    old?.apply("duplicate", duplicateReason());
  }

  proven(link: Link): void {
    this.#directory.proven(link);
  }

  failed(link: Link, reason: CloseReason): void {
    if (link.ticket !== undefined) this.admission.handshakeDone(link.ticket);
    if (link.state === "standby") this.#directory.standBy(link);
    this.#listener.failed(link, reason);
  }

  left(link: Link, reason: CloseReason): void {
    this.ledger.close(link.counters);
    if (link.state === "standby") {
      // Should it come up again, it counts anew.
      link.counters = new Counters();
      this.#directory.standBy(link);
    } else this.#directory.left(link);
    this.#listener.disconnected(link, reason);
  }

  gone(link: Link): void {
    if (link.ticket !== undefined) this.admission.release(link.ticket);
    else this.#refusing--;
    this.#links.delete(link);
    if (this.#links.size > 0) return;
    if (this.#timer !== undefined) this.clock.clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#emptied?.resolveAll();
  }

  deliver(link: Link, body: Body, frame: Frame, rawBody: Uint8Array): void {
    // What still comes over a connection that lost belongs to the one that stays.
    const current = link.isOpen ? link : (this.#directory.get(link.id) ?? link);
    this.#listener.deliver(current, body, frame, rawBody);
  }

  drained(link: Link): void {
    this.#listener.drained(link);
  }

  schedule(link: Link): void {
    this.turnEnd.schedule(link);
  }

  finish(): void {
    this.turnEnd.finish();
  }

  report(error: unknown, link: Link): void {
    this.#listener.report(error, link);
  }

  overBudget(link: Link, bytes: number): void {
    // Whoever holds most pays: the slowest reader, not the one that asked last [BASE-075].
    for (;;) {
      let heaviest = link;
      let most = link.account.heldBytes + bytes;
      for (const other of this.#links) {
        if (other.account.heldBytes <= most) continue;
        heaviest = other;
        most = other.account.heldBytes;
      }
      heaviest.drop(ourReason("budget", `${most} bytes wait for it, and the memory of the node is spent`));
      if (heaviest === link || link.account.reserve(bytes)) return;
    }
  }

  #refusedByPolicy(link: Link, { features }: Handshake): CloseReason | undefined {
    const { accept } = this.#options;
    if (accept === undefined) return undefined;
    const { id, direction, remoteAddress, addresses } = link;
    // Of callers without types anything may come: only true lets a peer in.
    let verdict: unknown = false;
    try {
      verdict = accept({ id, direction, remoteAddress, addresses, features });
    } catch (error) {
      this.#listener.report(error);
    }
    if (verdict === true) return undefined;
    return ourReason("refused", typeof verdict === "string" ? verdict : "refused by the node's policy");
  }

  readonly #tick = (): void => {
    const now = this.clock.monotonic();
    // This process stood still: what peers sent and took meanwhile is seen only after this turn.
    const isLate = now - this.#tickDueAt > lateMs;
    this.#timer = undefined;
    this.writer.rest();
    if (this.#links.size > 0) this.#startTimer();
    const { temporaryIdleMs } = this.#options;
    for (const link of this.#links) {
      if (isLate) link.excuse();
      link.tick(now);
      if (!link.isTemporary || !link.isOpen) continue;
      if (this.#listener.isInUse(link) || link.bufferedBytes > 0) link.lastUseAt = now;
      else if (now - link.lastUseAt >= temporaryIdleMs) {
        void link.closeFor(ourReason("normal", "a temporary connection, not used any more"));
      }
    }
  };

  #add(link: Link): void {
    this.#links.add(link);
    if (this.#timer === undefined) this.#startTimer();
  }

  #startTimer(): void {
    this.#tickDueAt = this.clock.monotonic() + this.#tickMs;
    this.#timer = this.clock.setTimeout(this.#tick, this.#tickMs);
  }
}

/** A quarter of the shortest time that is watched, so that nothing comes much too late. */
function tickMsOf(limits: NodeLimits): number {
  const { pingIntervalMs, handshakeTimeoutMs, stallTimeoutMs, closeTimeoutMs, deadAfterMs } = limits;
  const shortest = Math.min(pingIntervalMs, handshakeTimeoutMs, stallTimeoutMs, closeTimeoutMs, deadAfterMs);
  return Math.max(10, Math.min(1_000, shortest / 4));
}

function duplicateReason(): CloseReason {
  return ourReason("duplicate", "another connection between the two nodes stays");
}

const silent = { onData: () => {}, onDrain: () => {}, onClose: () => {} };
