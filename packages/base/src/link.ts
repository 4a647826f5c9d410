// One connection at work: channel, decoder, session and outflow bound together. Made for many: few objects, no timer.
import { type Body, closeCodes, compressFrame, type Frame, flags, type NodeId, type WireValue } from "@p2p/wire";
import type { Admitted } from "./admission.js";
import { defaultMessageType, encodeAppMessage } from "./app-message.js";
import type { BudgetAccount } from "./budget.js";
import { type CloseReason, lostCode, lostReason, ourReason, peerReason } from "./close-reason.js";
import type { Connection, Direction } from "./connection.js";
import { Counters } from "./counters.js";
import { compareBytes } from "./duplicates.js";
import { BaseError } from "./errors.js";
import { decodeHandshake } from "./handshake.js";
import { Inflow, type InflowSink } from "./inflow.js";
import type { LinkOwner } from "./link-owner.js";
import { Outflow } from "./outflow.js";
import { type PeerRecord, peerRecord } from "./peer-record.js";
import { RoundTrip } from "./round-trip.js";
import { Session } from "./session.js";
import { decodeClose, decodePing, decodePong } from "./session-messages.js";
import { type SessionEffect, type SessionEvent, type SessionState, sessionTable } from "./session-table.js";
import type { Channel, ChannelHandler } from "./transport.js";
import { Waiters } from "./waiters.js";

const { mainTypes, subtypes } = flags;
const headerBytes = 4;

/** What the hot path compares with instead of walking effects. */
const deliverOnly = sessionTable.message.open.effects;
const nothing: readonly never[] = Object.freeze([]);

export interface LinkStart {
  readonly channel: Channel;
  readonly direction: Direction;
  readonly dialledAddress?: string;
  readonly isTemporary?: boolean;
  /** The id that the security layer proved, or that the dialled address is pinned to. */
  readonly expectedId?: NodeId;
  /** When the connection began, monotonic ms; counts for the handshake's deadline. */
  readonly startedAt: number;
}

export class Link implements Connection, ChannelHandler, InflowSink {
  readonly direction: Direction;
  readonly dialledAddress: string | undefined;
  readonly isTemporary: boolean;
  readonly expectedId: NodeId | undefined;
  counters: Counters = new Counters();
  readonly account: BudgetAccount;
  /** The place it takes in the limits of connections. */
  ticket: Admitted | undefined;
  /** Monotonic ms of the last application message or request, either way; of temporary connections only. */
  lastUseAt: number;
  /** For the rule of duplicates: time in the dialler's handshake, µs. */
  diallerTime = 0;
  readonly #owner: LinkOwner;
  readonly #channel: Channel;
  readonly #session: Session;
  readonly #out: Outflow;
  readonly #roundTrip = new RoundTrip();
  /** Until input is ignored. */
  #in: Inflow | undefined;
  #peer: PeerRecord | undefined;
  #closeWaiters: Waiters | undefined;
  #isScheduled = false;
  #needsProof = false;
  #holds = 0;
  /** Monotonic ms of the present event. */
  #now: number;

  constructor(owner: LinkOwner, start: LinkStart) {
    const { clock, limits, budget } = owner;
    this.#owner = owner;
    this.#channel = start.channel;
    this.direction = start.direction;
    this.dialledAddress = start.dialledAddress;
    this.isTemporary = start.isTemporary ?? false;
    this.expectedId = start.expectedId;
    this.#now = start.startedAt;
    this.lastUseAt = start.startedAt;
    this.#session = new Session(limits, start.startedAt);
    this.#in = new Inflow(limits, owner.codecs, this);
    this.#out = new Outflow(start.channel, clock, limits.sendBufferBytes / 2);
    this.account = budget.account();
  }

  /** Opens the channel and sends the handshake. */
  start(): void {
    this.#channel.open(this);
    const time = this.#owner.times.next();
    if (this.direction === "outbound") this.diallerTime = time;
    this.#write(mainTypes.whisper, [subtypes.handshake, this.#owner.greeting()], time);
  }

  /** Opens the channel only to tell the peer why it is not taken. */
  refuse(reason: CloseReason): void {
    this.#channel.open(this);
    this.apply("close-asked", reason);
  }

  /** Whether the peer's handshake has come, so that it has an id. */
  get hasHandshake(): boolean {
    return this.#peer !== undefined;
  }

  get id(): NodeId {
    return this.#known.id;
  }

  get idBytes(): Uint8Array {
    return this.#known.idBytes;
  }

  get boot(): string {
    return this.#known.boot;
  }

  get isDialledByUs(): boolean {
    return this.direction === "outbound";
  }

  get addresses(): readonly string[] {
    return this.#peer?.addresses ?? nothing;
  }

  get features(): readonly string[] {
    return this.#peer?.features ?? nothing;
  }

  get codecs(): readonly number[] {
    return this.#peer?.codecs ?? nothing;
  }

  get maxFrameBytes(): number {
    return this.#peer?.maxFrameBytes ?? 0;
  }

  get remoteAddress(): string {
    return this.#channel.remoteAddress;
  }

  get isOpen(): boolean {
    return this.#session.state === "open";
  }

  get state(): SessionState {
    return this.#session.state;
  }

  get closeReason(): CloseReason | undefined {
    return this.#session.reason;
  }

  get rttMs(): number | undefined {
    return this.#roundTrip.rttMs;
  }

  get clockOffsetMs(): number | undefined {
    return this.#roundTrip.offsetMs;
  }

  get bufferedBytes(): number {
    return this.#out.bufferedBytes;
  }

  sendMessage(data: WireValue, type: string = defaultMessageType): boolean {
    return this.sendWhisper(encodeAppMessage(data, type));
  }

  sendWhisper(items: readonly WireValue[]): boolean {
    if (!this.isOpen) return false;
    const { writer, idBytes, times } = this.#owner;
    const frame = writer.write(mainTypes.whisper, idBytes, times.next(), items);
    if (frame.length - headerBytes > this.maxFrameBytes) {
      const text = `a message of ${frame.length - headerBytes} bytes; ${this.id} takes ${this.maxFrameBytes}: split it`;
      throw new BaseError("message-too-large", text, { peer: this.id });
    }
    this.touch();
    return this.sendFrame(this.#compress(frame));
  }

  sendFrame(frame: Uint8Array): boolean {
    if (!this.isOpen) return false;
    if (frame.length - headerBytes > this.maxFrameBytes) {
      this.counters.errors++;
      return false;
    }
    this.#push(frame);
    if (this.#out.bufferedBytes < this.#owner.limits.sendBufferBytes) return true;
    this.#out.await();
    this.#dropWhenOverfull();
    return false;
  }

  drained(signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true) return Promise.reject(signal.reason);
    return this.isOpen ? this.#out.room(signal) : Promise.reject(this.#closedError());
  }

  hold(): void {
    if (this.#in !== undefined && this.#holds++ === 0) this.#channel.pause();
  }

  release(): void {
    if (this.#holds === 0 || --this.#holds > 0) return;
    this.#session.excuse(this.#owner.clock.monotonic());
    this.#channel.resume();
  }

  close(code = 0, text = ""): Promise<void> {
    return this.closeFor({ ...peerReason(code, text), byUs: true });
  }

  closeFor(reason: CloseReason): Promise<void> {
    if (this.#session.state === "closed") return Promise.resolve();
    this.#closeWaiters ??= new Waiters();
    const closed = this.#closeWaiters.wait();
    this.apply("close-asked", reason);
    return closed;
  }

  /** Drops the channel without sending anything more. */
  drop(reason: CloseReason): void {
    this.apply("drop-asked", reason);
  }

  /** Pings the peer, and tells the owner when a frame has come after that. */
  askForProof(): void {
    this.#needsProof = true;
    this.apply("probe");
  }

  /** The application used it. */
  touch(): void {
    if (this.isTemporary) this.lastUseAt = this.#owner.clock.monotonic();
  }

  /** Time has passed; called for every connection by one timer. */
  tick(now: number): void {
    if (this.isOpen && this.#out.isStalled(now, this.#owner.limits.stallTimeoutMs)) {
      this.drop(ourReason("slow", "it took nothing for too long"));
      return;
    }
    const event = this.#session.due(now);
    // While this node does not read, silence is its own doing [BASE-043].
    if (event === "silent" && this.#holds > 0) this.#session.excuse(now);
    else if (event !== undefined) this.apply(event);
  }

  /** Gives what is queued to the channel. */
  flush(): void {
    this.#isScheduled = false;
    this.#out.flush();
    // What the channel took without asking to wait is as good as sent.
    if (this.#out.isBlocked || this.account.heldBytes > 0) this.#reserve();
  }

  onData(chunk: Uint8Array): void {
    const inflow = this.#in;
    if (inflow === undefined) return;
    this.#now = this.#owner.clock.monotonic();
    this.counters.bytesIn += chunk.length;
    inflow.onChunk(chunk);
    if (inflow.bufferedBytes > 0 || this.account.heldBytes > 0) this.#reserve();
  }

  onDrain(): void {
    const isRoom = this.#out.drained();
    this.#reserve();
    if (isRoom && this.isOpen) this.#owner.drained(this);
  }

  onEnd(): void {
    this.apply("ended");
  }

  onClose(error?: Error): void {
    this.apply("lost", error === undefined ? undefined : lostReason(error));
  }

  /** Takes an event of the session, and does what follows from it. */
  apply(event: SessionEvent, reason?: CloseReason, body?: Body): void {
    this.#now = this.#owner.clock.monotonic();
    this.#performAll(this.#session.step(event, this.#now, reason), reason, body);
  }

  takeBody(body: Body, frame: Frame, rawBody: Uint8Array): void {
    this.counters.messagesIn++;
    const subtype = body.type === mainTypes.whisper ? body.items[0] : undefined;
    if (subtype === subtypes.handshake) this.#takeHandshake(body);
    else if (subtype === subtypes.close || body.type === mainTypes.ping || body.type === mainTypes.pong) {
      this.#takeOwn(body);
    } else {
      const effects = this.#session.step("message", this.#now);
      if (this.#needsProof) this.#proven();
      if (effects === deliverOnly || effects[0] === "deliver") this.#owner.deliver(this, body, frame, rawBody);
      else this.#performAll(effects, undefined, undefined);
    }
  }

  refuseInput(reason: CloseReason): void {
    this.counters.errors++;
    this.apply("bad", reason);
  }

  reportFailure(error: unknown): void {
    this.counters.errors++;
    this.#owner.report(error, this);
  }

  /** The peer, for who may ask only once it is known. */
  get #known(): PeerRecord {
    if (this.#peer === undefined) throw new TypeError("the handshake has not come yet");
    return this.#peer;
  }

  /** What concerns the connection itself comes from the peer itself [BASE-026]. */
  #takeOwn(body: Body): void {
    if (this.#peer !== undefined && compareBytes(body.sender, this.#peer.idBytes) !== 0) {
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
    this.#peer = peerRecord(handshake, body.sender, this.remoteAddress, this.#owner);
    if (this.direction === "inbound") this.diallerTime = body.time;
    const verdict = this.#owner.judge(this, handshake);
    if (verdict !== undefined && verdict.name !== "duplicate") {
      this.apply("refusal", verdict);
      return;
    }
    this.#in?.handshakeDone();
    this.apply(verdict === undefined ? "handshake" : "duplicate", verdict);
  }

  #proven(): void {
    this.#needsProof = false;
    if (this.isOpen) this.#owner.proven(this);
  }

  #performAll(effects: readonly SessionEffect[], reason: CloseReason | undefined, body: Body | undefined): void {
    for (const effect of effects) this.#perform(effect, reason, body);
    if (this.#session.state === "draining" || this.#session.state === "closed") this.#ignoreInput();
  }

  #perform(effect: SessionEffect, reason: CloseReason | undefined, body: Body | undefined): void {
    const owner = this.#owner;
    switch (effect) {
      case "open":
        owner.opened(this);
        break;
      case "fail":
        owner.failed(this, this.#session.reason ?? lostReason());
        break;
      case "leave":
        this.#out.reject(() => this.#closedError());
        owner.left(this, this.#session.reason ?? lostReason());
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
        this.#out.end();
        this.#reserve();
        break;
      case "destroy":
        this.#out.drop();
        this.account.releaseAll();
        this.#channel.destroy();
        break;
      case "gone":
        this.#out.drop();
        this.account.releaseAll();
        owner.gone(this);
        this.#closeWaiters?.resolveAll();
        break;
      default:
        effect satisfies never;
    }
  }

  #sendPing(): void {
    const time = this.#owner.times.next();
    this.#roundTrip.sent(time, this.#now);
    this.#write(mainTypes.ping, [time], time);
  }

  #sendPong(ping: Body): void {
    // Answered at once, so both times are the same; and the body's may be ahead of the clock after a burst of messages.
    const time = this.#owner.times.next();
    this.#write(mainTypes.pong, [decodePing(ping.items), time], time);
  }

  #sendClose(reason: CloseReason): void {
    // An answer to the peer's close repeats its code; what it said is not sent back.
    const code = reason.code === lostCode ? closeCodes.normal : reason.code;
    this.#write(mainTypes.whisper, [subtypes.close, code, reason.byUs ? reason.text : ""]);
  }

  #measure(pong: Body): void {
    const [nonce, cameUs] = decodePong(pong.items);
    this.#roundTrip.answered(nonce, cameUs, pong.time, this.#now);
  }

  #write(type: number, items: readonly WireValue[], time: number = this.#owner.times.next()): void {
    this.#push(this.#owner.writer.write(type, this.#owner.idBytes, time, items));
    // A peer that pings and never reads makes a node buffer answers: they are bounded like all else [BASE-074].
    if (this.isOpen) this.#dropWhenOverfull();
  }

  #dropWhenOverfull(): void {
    const { sendBufferBytes, maxFrameBytes } = this.#owner.limits;
    const buffered = this.#out.bufferedBytes;
    if (buffered > 2 * sendBufferBytes + maxFrameBytes) this.drop(ourReason("slow", `${buffered} bytes wait for it`));
  }

  #push(frame: Uint8Array): void {
    const out = this.#out;
    if (out.hasEnded) return;
    out.push(frame);
    this.counters.messagesOut++;
    this.counters.bytesOut += frame.length;
    if (out.isRipe) {
      out.flush();
      this.#reserve();
    } else if (!this.#isScheduled) {
      this.#isScheduled = true;
      this.#owner.schedule(this);
    }
  }

  #ignoreInput(): void {
    if (this.#in === undefined) return;
    this.#in.stop();
    this.#in = undefined;
    // The rest of the peer's stream has to be read for its end to be seen.
    if (this.#holds > 0) this.#channel.resume();
    this.#holds = 0;
  }

  #compress(frame: Uint8Array): Uint8Array {
    const minBytes = this.#owner.compressAboveBytes;
    const codec = this.codecs[0];
    return codec === undefined || frame.length < minBytes ? frame : compressFrame(frame, codec, { minBytes });
  }

  #closedError(): BaseError {
    const peer = this.#peer?.id ?? this.dialledAddress ?? this.remoteAddress;
    const reason = this.#session.reason ?? lostReason();
    const text = `the connection to ${peer} is closed: ${reason.name}, ${reason.text}; dial it again if it is needed`;
    return new BaseError("connection-closed", text, { peer, reason });
  }

  /** Brings what is reserved of the budget up to date. */
  #reserve(): void {
    const held = this.account.heldBytes;
    const wanted = this.#out.bufferedBytes + (this.#in?.bufferedBytes ?? 0);
    if (wanted === held) return;
    if (wanted < held) this.account.release(held - wanted);
    else if (!this.account.reserve(wanted - held)) this.#owner.overBudget(this, wanted - held);
  }
}
