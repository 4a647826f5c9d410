// The session of one connection put to work: takes bodies, performs effects, writes the session's own messages.
import { type Body, closeCodes, type Frame, flags, type WireValue } from "@p2p/wire";
import { BaseError } from "../errors.js";
import { type CloseReason, lostCode, lostReason, ourReason } from "../session/close-reason.js";
import { compareBytes } from "../session/duplicates.js";
import { decodeHandshake } from "../session/handshake.js";
import { Session } from "../session/session.js";
import { decodeClose, decodePing, decodePong } from "../session/session-messages.js";
import { type SessionEffect, type SessionEvent, type SessionState, sessionTable } from "../session/session-table.js";
import type { Connection } from "./connection.js";
import type { LinkOwner } from "./link-owner.js";
import { type PeerRecord, peerRecord } from "./peer-record.js";
import { RoundTrip } from "./round-trip.js";

const { mainTypes, subtypes } = flags;

/** What the hot path compares with instead of walking effects. */
const deliverOnly = sessionTable.message.open.effects;

/** What the talk needs of the connection it belongs to. */
export interface TalkingLink extends Connection {
  readonly isDialledByUs: boolean;
  /** Queues a message of the session. */
  write(type: number, items: readonly WireValue[], time?: number): void;
  handshakeDone(): void;
  /** Takes no more input. */
  ignoreInput(): void;
  /** Fails who waits for room. */
  rejectWaiters(): void;
  /** Sends what is queued, then ends this side. */
  endSending(): void;
  destroyChannel(): void;
  /** Gives back what is held. */
  forgetAll(): void;
  /** Tells who waits for the close. */
  resolveClosed(): void;
}

export class Talk<Link extends TalkingLink> {
  readonly roundTrip: RoundTrip = new RoundTrip();
  /** Once the handshake has come. */
  peer: PeerRecord | undefined;
  /** For the rule of duplicates: time in the dialler's handshake, µs. */
  diallerTime = 0;
  readonly #owner: LinkOwner<Link>;
  readonly #link: Link;
  readonly #session: Session;
  #needsProof = false;
  /** Monotonic ms of the present event. */
  #now: number;

  /** @param startedAt monotonic ms */
  constructor(owner: LinkOwner<Link>, link: Link, startedAt: number) {
    this.#owner = owner;
    this.#link = link;
    this.#session = new Session(owner.limits, startedAt);
    this.#now = startedAt;
  }

  get state(): SessionState {
    return this.#session.state;
  }

  /** Why it ended or is ending; undefined before. */
  get reason(): CloseReason | undefined {
    return this.#session.reason;
  }

  /** Sends the handshake. */
  greet(): void {
    const time = this.#owner.times.next();
    if (this.#link.isDialledByUs) this.diallerTime = time;
    this.#link.write(mainTypes.whisper, [subtypes.handshake, this.#owner.greeting()], time);
  }

  /** What follows happens now: read once for all frames of a chunk. */
  setNow(): void {
    this.#now = this.#owner.clock.monotonic();
  }

  /** Pings the peer, and tells the owner when a frame has come after that. */
  askForProof(): void {
    this.#needsProof = true;
    this.apply("probe");
  }

  /** Takes an event, and does what follows from it. */
  apply(event: SessionEvent, reason?: CloseReason, body?: Body): void {
    this.setNow();
    const from = this.#session.state;
    const effects = this.#session.step(event, this.#now, reason);
    const { trace } = this.#owner;
    if (trace.isActive) {
      const to = this.#session.state;
      trace.publish({ kind: "session", connection: this.#link, event, from, to, reason: this.#session.reason });
    }
    this.#performAll(effects, reason, body);
  }

  /** Time has passed. @param isHeld whether this node does not read: then silence is its own doing [BASE-043] */
  tick(now: number, isHeld: boolean): void {
    const event = this.#session.due(now);
    if (event === "silent" && isHeld) this.#session.excuse(now);
    else if (event !== undefined) this.apply(event);
  }

  /** This node reads again. */
  excuse(): void {
    this.#session.excuse(this.#owner.clock.monotonic());
  }

  /** @throws BaseError `bad-message` */
  takeBody(body: Body, frame: Frame, rawBody: Uint8Array): void {
    const subtype = body.type === mainTypes.whisper ? body.items[0] : undefined;
    if (this.#owner.trace.isActive) this.#traceBody(body, rawBody.length);
    if (subtype === subtypes.handshake) this.#takeHandshake(body);
    else if (subtype === subtypes.close || body.type === mainTypes.ping || body.type === mainTypes.pong) {
      this.#takeOwn(body);
    } else {
      const effects = this.#session.step("message", this.#now);
      if (this.#needsProof) this.#proven();
      if (effects === deliverOnly || effects[0] === "deliver") this.#owner.deliver(this.#link, body, frame, rawBody);
      else this.#performAll(effects, undefined, undefined);
    }
  }

  /** What concerns the connection itself comes from the peer itself [BASE-026]. */
  #takeOwn(body: Body): void {
    if (this.peer !== undefined && compareBytes(body.sender, this.peer.idBytes) !== 0) {
      throw new BaseError("bad-message", "a message of the session in the name of another node");
    }
    if (body.type === mainTypes.whisper) {
      this.apply("close", decodeClose(body.items));
      return;
    }
    const isPing = body.type === mainTypes.ping;
    if (isPing) decodePing(body.items);
    else decodePong(body.items);
    this.apply(isPing ? "ping" : "pong", undefined, body);
    if (this.#needsProof) this.#proven();
  }

  #takeHandshake(body: Body): void {
    if (this.#session.state !== "handshaking") {
      this.apply("handshake");
      return;
    }
    const handshake = decodeHandshake(body.items[1]);
    this.peer = peerRecord(handshake, body.sender, this.#link.remoteAddress, this.#owner);
    if (!this.#link.isDialledByUs) this.diallerTime = body.time;
    const verdict = this.#owner.judge(this.#link, handshake);
    if (verdict !== undefined && verdict.name !== "duplicate") {
      this.apply("refusal", verdict);
      return;
    }
    this.#link.handshakeDone();
    this.apply(verdict === undefined ? "handshake" : "duplicate", verdict);
  }

  #proven(): void {
    this.#needsProof = false;
    if (this.#session.state === "open") this.#owner.proven(this.#link);
  }

  #performAll(effects: readonly SessionEffect[], reason: CloseReason | undefined, body: Body | undefined): void {
    for (const effect of effects) this.#perform(effect, reason, body);
    if (this.#session.state === "draining" || this.#session.state === "closed") this.#link.ignoreInput();
  }

  #perform(effect: SessionEffect, reason: CloseReason | undefined, body: Body | undefined): void {
    const owner = this.#owner;
    switch (effect) {
      case "open":
        owner.opened(this.#link);
        break;
      case "fail":
        owner.failed(this.#link, this.#session.reason ?? lostReason());
        break;
      case "leave":
        this.#link.rejectWaiters();
        owner.left(this.#link, this.#session.reason ?? lostReason());
        break;
      case "deliver":
        break;
      case "send-ping":
        this.#sendPing();
        break;
      case "send-pong":
        if (body !== undefined) this.#sendPong(body);
        break;
      case "send-close":
        this.#sendClose(reason ?? this.#session.reason ?? ourReason("normal", ""));
        break;
      case "measure":
        if (body !== undefined) this.#measure(body);
        break;
      case "end":
        this.#link.endSending();
        break;
      case "destroy":
        this.#link.destroyChannel();
        break;
      case "gone":
        this.#link.forgetAll();
        owner.gone(this.#link);
        this.#link.resolveClosed();
        break;
      default:
        effect satisfies never;
    }
  }

  #traceBody({ type, items }: Body, bytes: number): void {
    const hasSubtype = type === mainTypes.whisper || type === mainTypes.broadcast;
    const subtype = hasSubtype ? Number(items[0]) : undefined;
    this.#owner.trace.publish({ kind: "received", connection: this.#link, type, subtype, bytes });
  }

  #sendPing(): void {
    const { times, clock } = this.#owner;
    const time = times.next();
    this.roundTrip.sent(time, clock.now() * 1_000, this.#now);
    this.#link.write(mainTypes.ping, [time], time);
  }

  #sendPong(ping: Body): void {
    // Answered at once, so both times are the same; and the body's may be ahead of the clock after a burst of messages.
    const time = this.#owner.times.next();
    this.#link.write(mainTypes.pong, [decodePing(ping.items), time], time);
  }

  #sendClose(reason: CloseReason): void {
    // An answer to the peer's close repeats its code; what it said is not sent back.
    const code = reason.code === lostCode ? closeCodes.normal : reason.code;
    this.#link.write(mainTypes.whisper, [subtypes.close, code, reason.byUs ? reason.text : ""]);
  }

  #measure(pong: Body): void {
    const [nonce, cameUs] = decodePong(pong.items);
    this.roundTrip.answered(nonce, cameUs, pong.time, this.#now);
  }
}
