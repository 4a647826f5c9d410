// One connection at work: channel, inflow, session and outflow bound together. Made for many: few objects, no timer.
import { type Body, compressFrame, type Frame, type NodeId, type WireValue } from "@p2p/wire";
import { BaseError } from "../errors.js";
import type { Admitted } from "../limits/admission.js";
import type { BudgetAccount } from "../limits/budget.js";
import { Counters } from "../limits/counters.js";
import { defaultMessageType, encodeAppMessage } from "../messages/app-message.js";
import { Waiters } from "../runtime/waiters.js";
import { type CloseReason, lostCode, lostReason, ourReason, peerReason } from "../session/close-reason.js";
import type { SessionEvent, SessionState } from "../session/session-table.js";
import type { Channel, ChannelHandler } from "../transport/transport.js";
import type { Direction } from "./connection.js";
import { Inflow, type InflowSink } from "./inflow.js";
import type { LinkOwner } from "./link-owner.js";
import { Outflow } from "./outflow.js";
import type { PeerRecord } from "./peer-record.js";
import { Talk, type TalkingLink } from "./talk.js";

const headerBytes = 4;

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

export class Link implements TalkingLink, ChannelHandler, InflowSink {
  readonly direction: Direction;
  readonly dialledAddress: string | undefined;
  isTemporary: boolean;
  readonly expectedId: NodeId | undefined;
  counters: Counters = new Counters();
  readonly account: BudgetAccount;
  /** The place it takes in the limits of connections. */
  ticket: Admitted | undefined;
  /** Monotonic ms of the last application message or request, either way; of temporary connections only. */
  lastUseAt: number;
  readonly #owner: LinkOwner<Link>;
  readonly #channel: Channel;
  readonly #talk: Talk<Link>;
  readonly #out: Outflow;
  /** Until input is ignored. */
  #in: Inflow | undefined;
  #closeWaiters: Waiters | undefined;
  #isScheduled = false;
  #holds = 0;

  constructor(owner: LinkOwner<Link>, start: LinkStart) {
    const { clock, limits, budget } = owner;
    this.#owner = owner;
    this.#channel = start.channel;
    this.direction = start.direction;
    this.dialledAddress = start.dialledAddress;
    this.isTemporary = start.isTemporary ?? false;
    this.expectedId = start.expectedId;
    this.lastUseAt = start.startedAt;
    this.#talk = new Talk(owner, this, start.startedAt);
    this.#in = new Inflow(limits, owner.codecs, this);
    this.#out = new Outflow(start.channel, clock, limits.sendBufferBytes / 2);
    this.account = budget.account();
  }

  /** Opens the channel and sends the handshake. */
  start(): void {
    this.#channel.open(this);
    this.#talk.greet();
  }

  /** Opens the channel only to tell the peer why it is not taken. */
  refuse(reason: CloseReason): void {
    this.#channel.open(this);
    this.apply("close-asked", reason);
  }

  /** Whether the peer's handshake has come, so that it has an id. */
  get hasHandshake(): boolean {
    return this.#talk.peer !== undefined;
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

  /** For the rule of duplicates: time in the dialler's handshake, µs. */
  get diallerTime(): number {
    return this.#talk.diallerTime;
  }

  get isDialledByUs(): boolean {
    return this.direction === "outbound";
  }

  get addresses(): readonly string[] {
    return this.#talk.peer?.addresses ?? nothing;
  }

  get features(): readonly string[] {
    return this.#talk.peer?.features ?? nothing;
  }

  get codecs(): readonly number[] {
    return this.#talk.peer?.codecs ?? nothing;
  }

  get maxFrameBytes(): number {
    return this.#talk.peer?.maxFrameBytes ?? 0;
  }

  get remoteAddress(): string {
    return this.#channel.remoteAddress;
  }

  get isOpen(): boolean {
    return this.#talk.state === "open";
  }

  get state(): SessionState {
    return this.#talk.state;
  }

  get closeReason(): CloseReason | undefined {
    return this.#talk.reason;
  }

  get rttMs(): number | undefined {
    return this.#talk.roundTrip.rttMs;
  }

  get clockOffsetMs(): number | undefined {
    return this.#talk.roundTrip.offsetMs;
  }

  get bufferedBytes(): number {
    return this.#out.bufferedBytes;
  }

  sendMessage(data: WireValue, type: string = defaultMessageType): boolean {
    return this.sendWhisper(encodeAppMessage(data, type));
  }

  sendWhisper(items: readonly WireValue[]): boolean {
    if (!this.isOpen) return false;
    const frame = this.#owner.whisper(items);
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
    if (!this.#out.mustWait(this.#owner.limits.sendBufferBytes)) return true;
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
    this.#talk.excuse();
    this.#channel.resume();
  }

  close(code = 0, text = ""): Promise<void> {
    if (!Number.isSafeInteger(code) || code < 0 || code === lostCode) {
      throw new RangeError(`close code ${code}: it is an integer from 0 up, and not ${lostCode}`);
    }
    return this.closeFor({ ...peerReason(code, text), byUs: true });
  }

  closeFor(reason: CloseReason): Promise<void> {
    if (this.#talk.state === "closed") return Promise.resolve();
    // What was said before is for this peer, too.
    this.#owner.finish();
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
    this.#talk.askForProof();
  }

  /** The application used it. */
  touch(): void {
    if (this.isTemporary) this.lastUseAt = this.#owner.clock.monotonic();
  }

  /** This node could neither read nor write for a while: that is not the peer's silence, nor its slowness [BASE-043]. */
  excuse(): void {
    this.#talk.excuse();
    this.#out.excuse();
  }

  /** Time has passed; called for every connection by one timer. */
  tick(now: number): void {
    if (this.isOpen && this.#out.isStalled(now, this.#owner.limits.stallTimeoutMs)) {
      this.drop(ourReason("slow", "it took nothing for too long"));
      return;
    }
    this.#talk.tick(now, this.#holds > 0);
  }

  /** Gives what is queued to the channel. */
  flush(): void {
    this.#isScheduled = false;
    const isRoom = this.#out.flush();
    // What the channel took without asking to wait is as good as sent.
    if (this.#out.isBlocked || this.account.heldBytes > 0) this.#reserve();
    if (isRoom && this.isOpen) this.#owner.drained(this);
  }

  onData(chunk: Uint8Array): void {
    const inflow = this.#in;
    if (inflow === undefined) return;
    this.#talk.setNow();
    this.counters.bytesIn += chunk.length;
    inflow.onChunk(chunk);
    if (inflow.bufferedBytes > 0 || this.account.heldBytes > 0) this.#reserve();
  }

  /** The channel holds more of what came, or less. */
  onHeld(): void {
    if (this.#in !== undefined) this.#reserve();
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
    // A security layer knows more than that the channel is gone.
    const known = error instanceof BaseError ? error.reason : undefined;
    this.apply("lost", known ?? (error === undefined ? undefined : lostReason(error)));
  }

  /** Takes an event of the session, and does what follows from it. */
  apply(event: SessionEvent, reason?: CloseReason): void {
    this.#talk.apply(event, reason);
  }

  takeBody(body: Body, frame: Frame, rawBody: Uint8Array): void {
    this.counters.messagesIn++;
    this.#talk.takeBody(body, frame, rawBody);
  }

  refuseInput(reason: CloseReason): void {
    this.counters.errors++;
    this.apply("bad", reason);
  }

  reportFailure(error: unknown): void {
    this.counters.errors++;
    this.#owner.report(error, this);
  }

  /** The peer's handshake was taken. */
  handshakeDone(): void {
    this.#in?.handshakeDone();
  }

  /** Nothing that comes from now on counts, but the end of it. */
  ignoreInput(): void {
    if (this.#in === undefined) return;
    this.#in.stop();
    this.#in = undefined;
    // The rest of the peer's stream has to be read for its end to be seen.
    if (this.#holds > 0) this.#channel.resume();
    this.#holds = 0;
  }

  /** Nobody will get room any more. */
  rejectWaiters(): void {
    this.#out.reject(() => this.#closedError());
  }

  endSending(): void {
    this.#out.end();
    this.#reserve();
  }

  destroyChannel(): void {
    this.forgetAll();
    this.#channel.destroy();
  }

  /** Forgets what is queued. */
  forgetAll(): void {
    this.#out.drop();
    this.account.releaseAll();
  }

  resolveClosed(): void {
    this.#closeWaiters?.resolveAll();
  }

  /** The peer, for who may ask only once it is known. */
  get #known(): PeerRecord {
    if (this.#talk.peer === undefined) throw new TypeError("the handshake has not come yet");
    return this.#talk.peer;
  }

  /** Queues a message of the session. */
  write(type: number, items: readonly WireValue[], time: number = this.#owner.times.next()): void {
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
    const { trace } = this.#owner;
    if (trace.isActive) trace.publish({ kind: "queued", connection: this, bytes: frame.length });
    if (out.isRipe) {
      out.flush();
      this.#reserve();
    } else if (!this.#isScheduled) {
      this.#isScheduled = true;
      this.#owner.schedule(this);
    }
  }

  #compress(frame: Uint8Array): Uint8Array {
    const minBytes = this.#owner.compressAboveBytes;
    const codec = this.codecs[0];
    return codec === undefined || frame.length < minBytes ? frame : compressFrame(frame, codec, { minBytes });
  }

  #closedError(): BaseError {
    const peer = this.#talk.peer?.id ?? this.dialledAddress ?? this.remoteAddress;
    const reason = this.#talk.reason ?? lostReason();
    const text = `the connection to ${peer} is closed: ${reason.name}, ${reason.text}; dial it again if it is needed`;
    return new BaseError("connection-closed", text, { peer, reason });
  }

  /** Brings what is reserved of the budget up to date. */
  #reserve(): void {
    const held = this.account.heldBytes;
    const unfinished = (this.#in?.bufferedBytes ?? 0) + (this.#channel.heldBytes ?? 0);
    const wanted = this.#out.bufferedBytes + unfinished;
    if (wanted === held) return;
    if (wanted < held) this.account.release(held - wanted);
    else if (!this.account.reserve(wanted - held)) this.#owner.overBudget(this, wanted - held);
  }
}
