// A peer made of bytes: one TCP connection whose frames are built and read by the suite's own codec.
import { randomBytes } from "node:crypto";
import type { Socket } from "node:net";
import { toBase58 } from "../reference/base58.js";
import { frame } from "../reference/frame.js";
import { type Packable, pack } from "../reference/msgpack.js";
import { concat } from "../reference/value.js";
import { deferred } from "../runner/deferred.js";
import { CaseFailure, check, checkEqual } from "../runner/expect.js";
import { FrameSplitter } from "./frame-splitter.js";
import { Inbox } from "./inbox.js";
import type { Interference, Link } from "./interference.js";
import { type Message, readMessage } from "./message.js";
import { type HandshakeFields, handshakeItems, isClose, isHandshake, isPing, isPong, subtype } from "./messages.js";

export interface RawPeerOptions {
  readonly socket: Socket;
  readonly deadlineMs: number;
  readonly interference: Interference;
  readonly links: Link[];
  /** 48 bytes; random if absent. */
  readonly id?: Uint8Array;
  /** Does not end its side when the node ends its own. */
  readonly keepsOpen?: boolean;
}

export class RawPeer {
  readonly id: Uint8Array;
  readonly inbox: Inbox<Message>;
  /** Resolves when the node has ended or reset the connection. */
  readonly ended: Promise<"end" | "reset">;
  /** Answers the node's pings at once, as every sound peer does. */
  isAnsweringPings = true;
  /** Told of every message that comes, before anybody who waits for it: for peers that answer by themselves. */
  onMessage: (message: Message) => void = () => undefined;
  readonly #socket: Socket;
  readonly #interference: Interference;
  readonly #splitter = new FrameSplitter();
  readonly #link: Link;
  readonly #deadlineMs: number;
  readonly #ended = deferred<"end" | "reset">();
  readonly #keepsOpen: boolean;
  readonly #gone = deferred<void>();
  #isGone = false;
  #lastTime = 0;
  #hasEnded = false;

  constructor(options: RawPeerOptions) {
    this.id = options.id ?? new Uint8Array(randomBytes(48));
    this.#keepsOpen = options.keepsOpen ?? false;
    this.#socket = options.socket;
    this.#interference = options.interference;
    this.#deadlineMs = options.deadlineMs;
    this.inbox = new Inbox(options.deadlineMs);
    this.ended = this.#ended.promise;
    this.#link = {
      index: options.links.length,
      memory: new Map(),
      siblings: options.links,
      toSuite: (bytes) => this.#deliver(bytes),
      toNode: (bytes) => void this.#socket.write(bytes),
      endToSuite: () => this.#finish("end"),
    };
    options.links.push(this.#link);
    this.#socket.setNoDelay(true);
    this.#socket.on("data", (chunk) => this.#read(chunk));
    this.#socket.on("end", () => this.#nodeEnded("end"));
    this.#socket.on("error", () => this.#nodeEnded("reset"));
    this.#socket.on("close", () => {
      this.#isGone = true;
      this.#gone.resolve();
      this.#nodeEnded("reset");
    });
  }

  /** The id as base58 text. */
  get name(): string {
    return toBase58(this.id);
  }

  /** Microseconds, strictly increasing. */
  time(): number {
    this.#lastTime = Math.max(this.#lastTime + 1, Date.now() * 1000);
    return this.#lastTime;
  }

  /** Writes bytes as they are. */
  sendBytes(bytes: Uint8Array): void {
    const parts = this.#interference.toNode?.(bytes, readMessage(bytes), this.#link) ?? [bytes];
    for (const part of parts) if (!this.#socket.destroyed) this.#socket.write(part);
  }

  /** Writes a piece of something, past the interference: for cases about cut bytes. */
  sendPiece(piece: Uint8Array): void {
    const parts = this.#interference.toNodePiece?.(piece, this.#link) ?? [piece];
    for (const part of parts) if (!this.#socket.destroyed) this.#socket.write(part);
  }

  /** Resolves when the system has taken all that was written. */
  async flushed(): Promise<void> {
    await new Promise<void>((resolve) => this.#socket.write(new Uint8Array(0), () => resolve()));
  }

  /** Writes an uncompressed frame around `body`. */
  sendBody(body: Uint8Array): void {
    this.sendBytes(frame(body));
  }

  /** Writes the message `[type, own id, time, ...items]` and returns its body. */
  send(type: number, ...items: readonly Packable[]): Uint8Array {
    const body = pack([type, this.id, this.time(), ...items]);
    this.sendBody(body);
    return body;
  }

  /** Writes a message that names another sender, and returns its body. */
  sendAs(sender: Packable, type: number, ...items: readonly Packable[]): Uint8Array {
    const body = pack([type, sender, this.time(), ...items]);
    this.sendBody(body);
    return body;
  }

  /** Writes the message `[type, own id, time, ...items]` with a time of the case's choice. */
  sendBodyOf(type: number, time: number, ...items: readonly Packable[]): void {
    this.sendBody(pack([type, this.id, time, ...items]));
  }

  /** Writes a whisper of the given subtype and returns its body. */
  whisper(kind: number, ...items: readonly Packable[]): Uint8Array {
    return this.send(2, kind, ...items);
  }

  sendHandshake(fields: HandshakeFields): void {
    const time = fields.time ?? this.time();
    this.sendBody(pack([2, this.id, time, subtype.handshake, ...handshakeItems(fields)]));
  }

  next(matches: (message: Message) => boolean, what: string): Promise<Message> {
    return this.inbox.next(matches, what);
  }

  nextHandshake(): Promise<Message> {
    return this.next(isHandshake, "a handshake from the node");
  }

  /** A ping and its pong: what the node wrote on this connection before the answer has now arrived. */
  async barrier(): Promise<Message> {
    const nonce = randomBytes(4).readUInt32BE();
    this.send(3, nonce);
    return this.next((message) => isPong(message) && message.items[0] === nonce, "the pong of a ping");
  }

  /** The node has judged this side's handshake: it answers a ping, or closes. */
  async judged(): Promise<void> {
    const nonce = randomBytes(4).readUInt32BE();
    this.send(3, nonce);
    const isAnswer = (message: Message): boolean => isPong(message) && message.items[0] === nonce;
    const first = await this.inbox.glance((message) => isAnswer(message) || isClose(message), "the node's judgement");
    if (isAnswer(first)) await this.next(isAnswer, "the pong of a ping");
  }

  /** The node must send the close message with this code (any of these) and end the connection. */
  async nextClose(...codes: readonly number[]): Promise<Message> {
    const close = await this.next(isClose, `a close with code ${codes.join(" or ")}`);
    const [, code, reason] = close.items;
    check(
      codes.length === 0 || codes.includes(code as number),
      `close code: wanted ${codes.join(" or ")}, got ${String(code)} (${String(reason)})`,
    );
    await this.nextEnd();
    return close;
  }

  /** The node must end the connection. */
  async nextEnd(): Promise<void> {
    const late = deferred<never>();
    const timer = setTimeout(
      () => late.reject(new CaseFailure(`the node did not end the connection within ${this.#deadlineMs} ms`)),
      this.#deadlineMs,
    );
    await Promise.race([this.#ended.promise, late.promise]).finally(() => clearTimeout(timer));
  }

  /** Whether the channel is over, both ways. */
  get isGone(): boolean {
    return this.#isGone;
  }

  /** The node must drop the channel: bytes written to it find nobody. */
  async gone(): Promise<void> {
    const late = deferred<never>();
    const timer = setTimeout(
      () => late.reject(new CaseFailure(`the node did not drop the channel within ${this.#deadlineMs} ms`)),
      this.#deadlineMs,
    );
    const knock = setInterval(() => this.#knock(), 20);
    await Promise.race([this.#gone.promise, late.promise]).finally(() => {
      clearTimeout(timer);
      clearInterval(knock);
    });
  }

  /** A dropped channel answers a byte with a reset, which is the only way to see from here that it was dropped. */
  #knock(): void {
    if (!this.#socket.destroyed && this.#interference.hidesEnd?.(this.#link) !== true)
      this.#socket.write(Uint8Array.of(0));
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** The connection must still serve: a ping is answered. */
  async checkAlive(): Promise<void> {
    checkEqual(this.#hasEnded, false, "the node ended the connection");
    await this.barrier();
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** Ends this side; the node may still write. */
  end(): void {
    this.#socket.end();
  }

  /** Drops the connection with a reset. */
  reset(): void {
    this.#socket.resetAndDestroy();
  }

  destroy(): void {
    this.#socket.destroy();
    this.inbox.end("the suite dropped the connection");
  }

  #read(chunk: Uint8Array): void {
    for (const whole of this.#splitter.push(chunk)) {
      const message = readMessage(whole);
      const parts = this.#interference.toSuite?.(whole, message, this.#link) ?? [whole];
      for (const part of parts) this.#deliver(part);
    }
  }

  #deliver(whole: Uint8Array): void {
    if (this.#hasEnded) return;
    const message = readMessage(whole);
    if (!message) {
      this.inbox.push({ ...unreadable, frame: whole, body: whole.subarray(4) });
      return;
    }
    if (isPing(message) && this.isAnsweringPings) {
      const [nonce] = message.items;
      const now = this.time();
      this.sendBytes(frame(pack([4, this.id, now, nonce ?? 0, now])));
    }
    this.onMessage(message);
    this.inbox.push(message);
  }

  #nodeEnded(how: "end" | "reset"): void {
    if (this.#hasEnded || this.#interference.hidesEnd?.(this.#link) === true) return;
    this.#finish(how);
  }

  #finish(how: "end" | "reset"): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#ended.resolve(how);
    this.inbox.end(how === "end" ? "the node ended the connection" : "the connection was reset");
    if (!this.#keepsOpen) this.#socket.end();
  }
}

const unreadable: Message = {
  frame: concat([]),
  codec: -1,
  body: concat([]),
  type: -1,
  sender: concat([]),
  time: Number.NaN,
  items: [],
  subtype: -1,
};
