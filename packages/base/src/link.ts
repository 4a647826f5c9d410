// One connection at work: channel, decoder, session and outbox bound together. Made for many: few objects, no timer.
import {
  type Body,
  closeCodes,
  compressFrame,
  decodeBody,
  type Frame,
  FrameDecoder,
  flags,
  inflateFrame,
  type NodeId,
  WireError,
  type WireValue,
} from "@p2p/wire";
import type { Admitted } from "./admission.js";
import { defaultMessageType, encodeAppMessage } from "./app-message.js";
import type { BudgetAccount } from "./budget.js";
import { type CloseReason, lostCode, lostReason, ourReason, peerReason } from "./close-reason.js";
import type { Connection, Direction } from "./connection.js";
import { Counters } from "./counters.js";
import { compareBytes } from "./duplicates.js";
import { BaseError } from "./errors.js";
import { decodeHandshake, OpeningGate } from "./handshake.js";
import type { LinkOwner } from "./link-owner.js";
import { Outbox } from "./outbox.js";
import { PeerClock } from "./peer-clock.js";
import { reachableAddresses } from "./reachable-addresses.js";
import { Session } from "./session.js";
import { type SessionEffect, type SessionEvent, sessionTable } from "./session-table.js";
import type { Channel, ChannelHandler } from "./transport.js";
import { Waiters } from "./waiters.js";

const { mainTypes, subtypes } = flags;

/** Queued bytes from which a connection is flushed within the turn. */
const flushAboveBytes = 65_536;
/** Bytes given to a channel at once, so that a slow reader shows progress. */
const writeBytes = 262_144;
/** What the hot path compares with instead of walking effects. */
const deliverOnly = sessionTable.message.open.effects;

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

interface Ping {
  readonly nonce: number;
  readonly sentUs: number;
  readonly sentAt: number;
}

export class Link implements Connection, ChannelHandler {
  readonly direction: Direction;
  readonly dialledAddress: string | undefined;
  readonly isTemporary: boolean;
  readonly expectedId: NodeId | undefined;
  counters: Counters = new Counters();
  readonly account: BudgetAccount;
  /** The place it takes in the limits of connections. */
  ticket: Admitted | undefined;
  readonly #owner: LinkOwner;
  readonly #channel: Channel;
  readonly #session: Session;
  readonly #outbox = new Outbox();
  #gate: OpeningGate | undefined = new OpeningGate();
  #decoder: FrameDecoder | undefined;
  #features: readonly string[] = [];
  #maxFrameBytes = 0;
  #boot = "";
  #addresses: readonly string[] = [];
  #id: NodeId | undefined;
  #idBytes: Uint8Array | undefined;
  #codecs: readonly number[] = [];
  #diallerTime: number;
  #ping: Ping | undefined;
  #peerClock: PeerClock | undefined;
  #drainWaiters: Waiters | undefined;
  #closeWaiters: Waiters | undefined;
  /** The channel said wait, since then. */
  #blockedAt: number | undefined;
  /** A send was answered by false. */
  #isAwaited = false;
  #isScheduled = false;
  #needsProof = false;
  #hasEnded = false;
  #holds = 0;
  #now: number;
  /** Monotonic ms of the last application message or request, either way: for temporary connections. */
  lastUseAt: number;

  constructor(owner: LinkOwner, start: LinkStart) {
    this.#owner = owner;
    this.#channel = start.channel;
    this.direction = start.direction;
    this.dialledAddress = start.dialledAddress;
    this.isTemporary = start.isTemporary ?? false;
    this.expectedId = start.expectedId;
    this.#now = start.startedAt;
    this.lastUseAt = start.startedAt;
    this.#session = new Session(owner.limits, start.startedAt);
    this.#decoder = new FrameDecoder(owner.limits);
    this.account = owner.budget.account();
    this.#diallerTime = 0;
  }

  /** Opens the channel and sends the handshake. */
  start(): void {
    this.#channel.open(this);
    const time = this.#owner.times.next();
    if (this.direction === "outbound") this.#diallerTime = time;
    this.#write(mainTypes.whisper, [subtypes.handshake, this.#owner.greeting()], time);
  }

  /** Opens the channel only to tell the peer why it is not taken. */
  refuse(reason: CloseReason): void {
    this.#channel.open(this);
    this.apply("close-asked", reason);
  }

  get id(): NodeId {
    if (this.#id === undefined) throw new TypeError("the handshake has not come yet");
    return this.#id;
  }

  get idBytes(): Uint8Array {
    if (this.#idBytes === undefined) throw new TypeError("the handshake has not come yet");
    return this.#idBytes;
  }

  /** Whether the peer's handshake has come, so that it has an id. */
  get hasHandshake(): boolean {
    return this.#id !== undefined;
  }

  /** For the rule of duplicates; once the handshake has come. */
  get isDialledByUs(): boolean {
    return this.direction === "outbound";
  }

  get boot(): string {
    return this.#boot;
  }

  get diallerTime(): number {
    return this.#diallerTime;
  }

  get addresses(): readonly string[] {
    return this.#addresses;
  }

  get remoteAddress(): string {
    return this.#channel.remoteAddress;
  }

  get features(): readonly string[] {
    return this.#features;
  }

  get codecs(): readonly number[] {
    return this.#codecs;
  }

  get maxFrameBytes(): number {
    return this.#maxFrameBytes;
  }

  get isOpen(): boolean {
    return this.#session.state === "open";
  }

  get state(): Session["state"] {
    return this.#session.state;
  }

  get closeReason(): CloseReason | undefined {
    return this.#session.reason;
  }

  get rttMs(): number | undefined {
    return this.#peerClock?.rttMs;
  }

  get clockOffsetMs(): number | undefined {
    return this.#peerClock?.offsetMs;
  }

  get bufferedBytes(): number {
    return this.#outbox.queuedBytes + this.#channel.bufferedBytes;
  }

  sendMessage(data: WireValue, type: string = defaultMessageType): boolean {
    return this.sendWhisper(encodeAppMessage(data, type));
  }

  sendWhisper(items: readonly WireValue[]): boolean {
    if (!this.isOpen) return false;
    const owner = this.#owner;
    const frame = owner.writer.write(mainTypes.whisper, owner.idBytes, owner.times.next(), items);
    if (frame.length - 4 > this.maxFrameBytes) {
      const text = `a message of ${frame.length - 4} bytes; ${this.id} takes ${this.maxFrameBytes}: split it`;
      throw new BaseError("message-too-large", text, { peer: this.id });
    }
    this.touch();
    return this.sendFrame(this.#compress(frame));
  }

  sendFrame(frame: Uint8Array): boolean {
    if (!this.isOpen) return false;
    if (frame.length - 4 > this.maxFrameBytes) {
      this.counters.errors++;
      return false;
    }
    this.#push(frame);
    if (this.bufferedBytes < this.#owner.limits.sendBufferBytes) return true;
    this.#isAwaited = true;
    this.#dropWhenOverfull();
    return false;
  }

  drained(signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true) return Promise.reject(signal.reason);
    if (!this.isOpen) return Promise.reject(this.closedError());
    if (!this.#isFull()) return Promise.resolve();
    this.#drainWaiters ??= new Waiters();
    return this.#drainWaiters.wait(signal);
  }

  hold(): void {
    if (this.#holds++ === 0) this.#channel.pause();
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

  /** Pings the peer, and tells the owner when a frame has come after that. */
  askForProof(): void {
    this.#needsProof = true;
    this.apply("probe");
  }

  /** Drops the channel without sending anything more. */
  drop(reason: CloseReason): void {
    this.#drop(reason);
  }

  /** The error for who waits for a connection that is closed, or never came up. */
  closedError(): BaseError {
    const peer = this.#id ?? this.dialledAddress ?? this.remoteAddress;
    const reason = this.#session.reason ?? lostReason();
    return new BaseError("connection-closed", `the connection to ${peer} is closed: ${reason.name}, ${reason.text}`, {
      peer,
      reason,
    });
  }

  /** The application used it. */
  touch(): void {
    if (this.isTemporary) this.lastUseAt = this.#owner.clock.monotonic();
  }

  /** Time has passed; called for every connection by one timer. */
  tick(now: number): void {
    if (this.#blockedAt !== undefined && now - this.#blockedAt >= this.#owner.limits.stallTimeoutMs) {
      if (this.#session.state === "open") {
        this.#drop(ourReason("slow", "it took nothing for too long"));
        return;
      }
    }
    const event = this.#session.due(now);
    // While this node does not read, silence is its own doing [BASE-043].
    if (event === "silent" && this.#holds > 0) this.#session.excuse(now);
    else if (event !== undefined) this.apply(event);
  }

  /** Gives what is queued to the channel. */
  flush(): void {
    this.#isScheduled = false;
    this.#flush(this.#hasEnded);
    if (this.#outbox.queuedBytes > 0 || this.account.heldBytes > 0) this.#reserve();
  }

  onData(chunk: Uint8Array): void {
    const decoder = this.#decoder;
    if (decoder === undefined) return;
    this.#now = this.#owner.clock.monotonic();
    this.counters.bytesIn += chunk.length;
    if (this.#gate !== undefined) {
      const wrong = this.#gate.look(chunk, this.#owner.limits.maxHandshakeBytes);
      if (wrong !== undefined) {
        this.apply("bad", wrong);
        return;
      }
    }
    try {
      decoder.push(chunk, this.#onFrame);
    } catch (error) {
      this.#refuseInput(error);
    }
    if (decoder.bufferedBytes > 0 || this.account.heldBytes > 0) this.#reserve();
  }

  onDrain(): void {
    this.#blockedAt = undefined;
    this.#flush(this.#hasEnded);
    this.#reserve();
    if (this.#isAwaited && !this.#isFull()) this.#tellDrained();
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
    const effects = this.#session.step(event, this.#now, reason);
    for (const effect of effects) this.#perform(effect, reason, body);
    if (this.#session.state === "draining" || this.#session.state === "closed") this.#ignoreInput();
  }

  readonly #onFrame = (frame: Frame): void => {
    // A frame of the same chunk may have ended the session.
    if (this.#decoder === undefined) return;
    this.counters.messagesIn++;
    try {
      const rawBody = this.#inflate(frame);
      this.#take(decodeBody(rawBody, this.#owner.limits), frame, rawBody);
    } catch (error) {
      this.#refuseInput(error);
    }
  };

  #take(body: Body, frame: Frame, rawBody: Uint8Array): void {
    switch (body.type) {
      case mainTypes.ping:
        this.#takeProbe("ping", body);
        return;
      case mainTypes.pong:
        this.#takeProbe("pong", body);
        return;
      case mainTypes.whisper:
        if (body.items[0] === subtypes.handshake) {
          this.#takeHandshake(body);
          return;
        }
        if (body.items[0] === subtypes.close) {
          this.#takeClose(body);
          return;
        }
    }
    const effects = this.#session.step("message", this.#now);
    if (this.#needsProof) this.#proven();
    if (effects === deliverOnly || effects[0] === "deliver") this.#owner.deliver(this, body, frame, rawBody);
    else {
      for (const effect of effects) this.#perform(effect, undefined, undefined);
      this.#ignoreInput();
    }
  }

  #takeHandshake(body: Body): void {
    if (this.#session.state !== "handshaking") {
      this.apply("handshake");
      return;
    }
    const handshake = decodeHandshake(body.items[1]);
    this.#boot = String.fromCharCode(...handshake.boot);
    this.#maxFrameBytes = handshake.maxFrameBytes;
    this.#features = this.#owner.shared(handshake.features);
    this.#addresses = reachableAddresses(handshake.addresses, this.remoteAddress);
    this.#idBytes = body.sender.slice();
    this.#id = this.#owner.names.toText(this.#idBytes);
    if (this.direction === "inbound") this.#diallerTime = body.time;
    const verdict = this.#owner.judge(this, handshake);
    if (verdict === undefined) {
      this.#codecs = this.#owner.shared(this.#owner.codecs.filter((codec) => handshake.codecs.includes(codec)));
      this.#gate = undefined;
      this.apply("handshake");
    } else if (verdict.name === "duplicate") {
      this.#gate = undefined;
      this.apply("duplicate", verdict);
    } else this.apply("refusal", verdict);
  }

  #takeClose(body: Body): void {
    if (this.#idBytes !== undefined) this.#checkSender(body);
    const [, code, text] = body.items;
    if (typeof code !== "number" || !Number.isSafeInteger(code) || code < 0 || typeof text !== "string") {
      throw new BaseError("bad-message", "a close has no code or no text");
    }
    this.apply("close", peerReason(code, text));
  }

  #takeProbe(event: "ping" | "pong", body: Body): void {
    if (this.#session.state !== "handshaking") this.#checkSender(body);
    const [nonce, receivedUs] = body.items;
    const isValid = isUint(nonce) && (event === "ping" || isUint(receivedUs));
    if (!isValid) throw new BaseError("bad-message", `a ${event} has an item that is no unsigned integer`);
    this.apply(event, undefined, body);
    if (this.#needsProof) this.#proven();
  }

  #proven(): void {
    this.#needsProof = false;
    if (this.isOpen) this.#owner.proven(this);
  }

  /** What concerns the connection itself comes from the peer itself. */
  #checkSender(body: Body): void {
    if (compareBytes(body.sender, this.idBytes) !== 0) {
      throw new BaseError("bad-message", "a message of the session in the name of another node");
    }
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
        this.#drainWaiters?.rejectAll(() => this.closedError());
        owner.left(this, this.#session.reason ?? lostReason());
        break;
      case "deliver":
        break;
      case "send-ping":
        this.#sendPing();
        break;
      case "send-pong":
        if (body !== undefined) this.#sendPong(body.items[0] ?? 0);
        break;
      case "send-close":
        this.#sendClose(reason);
        break;
      case "measure":
        if (body !== undefined) this.#measure(body);
        break;
      case "end":
        this.#end();
        break;
      case "destroy":
        this.#outbox.clear();
        this.#hasEnded = true;
        this.account.releaseAll();
        this.#channel.destroy();
        break;
      case "gone":
        this.#outbox.clear();
        this.#hasEnded = true;
        this.account.releaseAll();
        owner.gone(this);
        this.#closeWaiters?.resolveAll();
        break;
      default:
        effect satisfies never;
    }
  }

  #sendPing(): void {
    const owner = this.#owner;
    const sentUs = owner.times.next();
    const ping = { nonce: sentUs, sentUs, sentAt: owner.clock.monotonic() };
    this.#ping = ping;
    this.#write(mainTypes.ping, [ping.nonce], sentUs);
  }

  #sendPong(nonce: WireValue): void {
    // Answered at once, so both times are the same; and the body's may be ahead of the clock after a burst of messages.
    const time = this.#owner.times.next();
    this.#write(mainTypes.pong, [nonce, time], time);
  }

  #measure(body: Body): void {
    const ping = this.#ping;
    const [nonce, peerReceivedUs] = body.items;
    if (ping === undefined || nonce !== ping.nonce || typeof peerReceivedUs !== "number") return;
    this.#ping = undefined;
    const elapsedUs = (this.#owner.clock.monotonic() - ping.sentAt) * 1_000;
    this.#peerClock ??= new PeerClock();
    this.#peerClock.add({ sentUs: ping.sentUs, peerReceivedUs, peerSentUs: body.time, elapsedUs });
  }

  #sendClose(reason: CloseReason | undefined): void {
    const why = reason ?? this.#session.reason ?? ourReason("normal", "");
    // An answer to the peer's close repeats its code; what it said is not sent back.
    const text = why.byUs ? why.text : "";
    const code = why.code === lostCode ? closeCodes.normal : why.code;
    this.#write(mainTypes.whisper, [subtypes.close, code, text]);
  }

  #write(type: number, items: readonly WireValue[], time: number = this.#owner.times.next()): void {
    this.#push(this.#owner.writer.write(type, this.#owner.idBytes, time, items));
    // A peer that pings and never reads makes a node buffer answers: they are bounded like all else [BASE-074].
    if (this.isOpen) this.#dropWhenOverfull();
  }

  #dropWhenOverfull(): void {
    const { sendBufferBytes, maxFrameBytes } = this.#owner.limits;
    const buffered = this.bufferedBytes;
    if (buffered > 2 * sendBufferBytes + maxFrameBytes) this.#drop(ourReason("slow", `${buffered} bytes wait for it`));
  }

  #push(frame: Uint8Array): void {
    if (this.#hasEnded) return;
    this.#outbox.push(frame);
    this.counters.messagesOut++;
    this.counters.bytesOut += frame.length;
    if (this.#outbox.queuedBytes >= flushAboveBytes && this.#blockedAt === undefined) {
      this.#flush(false);
      this.#reserve();
    } else if (!this.#isScheduled) {
      this.#isScheduled = true;
      this.#owner.schedule(this);
    }
  }

  #flush(isLast: boolean): void {
    const outbox = this.#outbox;
    while (outbox.queuedBytes > 0 && (isLast || this.#blockedAt === undefined)) {
      const isWritable = this.#channel.write(outbox.take(writeBytes));
      if (!isWritable) this.#blockedAt ??= this.#owner.clock.monotonic();
    }
  }

  #end(): void {
    if (this.#hasEnded) return;
    this.#flush(true);
    this.#hasEnded = true;
    this.#channel.end();
    this.#reserve();
  }

  #drop(reason: CloseReason): void {
    this.apply("drop-asked", reason);
  }

  #ignoreInput(): void {
    if (this.#decoder === undefined) return;
    this.#decoder.stop();
    this.#decoder = undefined;
    this.#gate = undefined;
    // The rest of the peer's stream has to be read for its end to be seen.
    if (this.#holds > 0) this.#channel.resume();
    this.#holds = 0;
  }

  #refuseInput(error: unknown): void {
    this.counters.errors++;
    if (error instanceof WireError) {
      const isTooLarge = error.code === "frame-too-large" || error.code === "inflate-too-large";
      this.apply("bad", ourReason(isTooLarge ? "tooLarge" : "badFrame", `${error.code}: ${error.message}`));
    } else if (error instanceof BaseError && error.code === "bad-message") {
      this.apply("bad", ourReason("protocol", error.message));
    } else this.#owner.report(error, this);
  }

  #inflate(frame: Frame): Uint8Array {
    if (frame.codec === 0) return frame.payload;
    if (!this.#owner.codecs.includes(frame.codec)) {
      throw new WireError("unsupported-codec", `codec ${frame.codec} was not offered`);
    }
    return inflateFrame(frame, this.#owner.limits);
  }

  #compress(frame: Uint8Array): Uint8Array {
    const minBytes = this.#owner.compressAboveBytes;
    const codec = this.#codecs[0];
    return codec === undefined || frame.length < minBytes ? frame : compressFrame(frame, codec, { minBytes });
  }

  #isFull(): boolean {
    return this.bufferedBytes > this.#owner.limits.sendBufferBytes / 2;
  }

  #tellDrained(): void {
    this.#isAwaited = false;
    this.#drainWaiters?.resolveAll();
    this.#owner.drained(this);
  }

  /** Brings what is reserved of the budget up to date. */
  #reserve(): void {
    const held = this.account.heldBytes;
    const wanted = this.bufferedBytes + (this.#decoder?.bufferedBytes ?? 0);
    if (wanted <= held) this.account.release(held - wanted);
    else if (!this.account.reserve(wanted - held)) this.#owner.overBudget(this, wanted - held);
  }
}

function isUint(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}
