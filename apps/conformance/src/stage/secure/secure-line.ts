// One TCP connection under security, as the suite sees it: length-prefixed messages, then records, each of which a case can
// build and alter. What comes out of the records can be given to a raw peer.
import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import type { Cipher } from "../../reference/secure/noise.js";
import { concat } from "../../reference/value.js";
import { deferred } from "../../runner/deferred.js";
import { CaseFailure } from "../../runner/expect.js";
import { Inbox } from "../inbox.js";
import type { Interference, Link } from "../interference.js";

export const recordKind = { data: 0, end: 1, rekey: 2, close: 3 } as const;

export interface SecureRecord {
  readonly kind: number;
  readonly body: Uint8Array;
}

export interface SecureLineParts {
  readonly socket: Socket;
  readonly deadlineMs: number;
  readonly interference: Interference;
  readonly link: Link;
}

export class SecureLine {
  /** Records that came, as far as they verified. */
  readonly records: Inbox<SecureRecord>;
  readonly #parts: SecureLineParts;
  readonly #messages: Inbox<Uint8Array>;
  readonly #ended = deferred<void>();
  #rest: Uint8Array = new Uint8Array(0);
  #all: Uint8Array = new Uint8Array(0);
  #sending: Cipher | undefined;
  #receiving: Cipher | undefined;
  #duplex: Duplex | undefined;

  constructor(parts: SecureLineParts) {
    const { socket, deadlineMs, interference, link } = parts;
    this.#parts = parts;
    this.#messages = new Inbox(deadlineMs);
    this.records = new Inbox(deadlineMs);
    const ended = (how: "end" | "reset"): void => {
      if (interference.hidesEnd?.(link) === true) return;
      this.#ended.resolve();
      this.#messages.end(`the node ended the connection (${how})`);
      this.records.end(`the node ended the connection (${how})`);
      this.#duplex?.push(null);
    };
    socket.setNoDelay(true);
    socket.on("data", (chunk) => this.#read(new Uint8Array(chunk)));
    socket.on("end", () => ended("end"));
    socket.on("error", () => ended("reset"));
    socket.on("close", () => ended("reset"));
  }

  /** Everything that the node wrote so far, as it came. */
  get received(): Uint8Array {
    return this.#all;
  }

  sendBytes(bytes: Uint8Array): void {
    if (!this.#parts.socket.destroyed) this.#parts.socket.write(bytes);
  }

  /** Writes the length in 16 bits, and the message. */
  sendMessage(message: Uint8Array): void {
    this.sendBytes(concat([Uint8Array.of(message.length >> 8, message.length & 255), message]));
  }

  nextMessage(what: string): Promise<Uint8Array> {
    return this.#messages.next(() => true, what);
  }

  /** From now on what comes are records. */
  startRecords({ sending, receiving }: { readonly sending: Cipher; readonly receiving: Cipher }): void {
    this.#sending = sending;
    this.#receiving = receiving;
    for (const sealed of this.#messages.waiting(() => true)) this.#take(sealed);
  }

  /** Seals a record, which takes a number; to be sent by {@link sendMessage}. */
  seal(kind: number, body: Uint8Array = new Uint8Array(0)): Uint8Array {
    if (this.#sending === undefined) throw new TypeError("no records before the handshake");
    return this.#sending.seal(concat([Uint8Array.of(kind), body]));
  }

  /** Seals bytes as a record, whatever they are. */
  sealBytes(plaintext: Uint8Array): Uint8Array {
    if (this.#sending === undefined) throw new TypeError("no records before the handshake");
    return this.#sending.seal(plaintext);
  }

  sendRecord(kind: number, body?: Uint8Array): void {
    const plaintext = concat([Uint8Array.of(kind), body ?? new Uint8Array(0)]);
    const { interference, link } = this.#parts;
    for (const one of interference.recordToNode?.(plaintext, link) ?? [plaintext]) {
      this.sendMessage(this.sealBytes(one));
    }
  }

  rekeySending(): void {
    this.#sending?.rekey();
  }

  nextRecord(kind: number, what: string): Promise<SecureRecord> {
    return this.records.next((record) => record.kind === kind, what);
  }

  /** The node must end the connection. */
  async nextEnd(): Promise<void> {
    const late = deferred<never>();
    const { deadlineMs } = this.#parts;
    const timer = setTimeout(
      () => late.reject(new CaseFailure(`the node did not end the connection within ${deadlineMs} ms`)),
      deadlineMs,
    );
    await Promise.race([this.#ended.promise, late.promise]).finally(() => clearTimeout(timer));
  }

  /** Ends this side without a word. */
  end(): void {
    this.#parts.socket.end();
  }

  destroy(): void {
    this.#parts.socket.destroy();
  }

  /** What the data records carry, as the socket of a raw peer. */
  asSocket(): Socket {
    const duplex = new Duplex({
      allowHalfOpen: true,
      read: () => undefined,
      write: (chunk: Uint8Array, _encoding, done) => {
        for (let at = 0; at < chunk.length; at += 65_518)
          this.sendRecord(0, new Uint8Array(chunk.subarray(at, at + 65_518)));
        done();
      },
      final: (done) => {
        this.sendRecord(recordKind.end);
        this.#parts.socket.end();
        done();
      },
      destroy: (error, done) => {
        this.destroy();
        done(error);
      },
    });
    this.#duplex = duplex;
    for (const { kind, body } of this.records.all) this.#give(kind, body);
    // A raw peer asks of a socket no more than a stream has, and these two.
    const socket = Object.assign(duplex, { setNoDelay: () => socket, resetAndDestroy: () => duplex.destroy() });
    return socket as unknown as Socket;
  }

  #read(chunk: Uint8Array): void {
    this.#all = concat([this.#all, chunk]);
    this.#rest = concat([this.#rest, chunk]);
    for (;;) {
      const length = ((this.#rest[0] ?? 0) << 8) | (this.#rest[1] ?? 0);
      if (this.#rest.length < 2 + length || this.#rest.length < 2) return;
      const message = this.#rest.slice(2, 2 + length);
      this.#rest = this.#rest.slice(2 + length);
      if (this.#receiving === undefined) this.#messages.push(message);
      else this.#take(message);
    }
  }

  #take(sealed: Uint8Array): void {
    const plaintext = this.#receiving?.open(sealed);
    if (plaintext === undefined) {
      this.records.end("a record of the node does not verify");
      return;
    }
    // The key is replaced whatever the suite is shown.
    if (plaintext[0] === recordKind.rekey) this.#receiving?.rekey();
    const { interference, link } = this.#parts;
    for (const one of interference.recordToSuite?.(plaintext, link) ?? [plaintext]) {
      const record = { kind: one[0] ?? -1, body: one.subarray(1) };
      this.records.push(record);
      this.#give(record.kind, record.body);
    }
  }

  #give(kind: number, body: Uint8Array): void {
    if (kind === recordKind.data) this.#duplex?.push(body);
    if (kind === recordKind.end) this.#duplex?.push(null);
  }
}
