// Performs a handshake over a channel: reads, sends, and gives the encrypted channel in the end [SEC-035] to [SEC-039].
import type { Channel, SecureChannel, SecurityContext, TimerHandle } from "@p2p/base";
import { SecureError } from "../errors.js";
import { join } from "../primitives/join.js";
import { EncryptedChannel } from "./encrypted-channel.js";
import { type Handshake, type HandshakeStep, maxHandshakeMessageBytes, type Secured } from "./handshake.js";
import { MessageCutter } from "./message-cutter.js";
import { encodePayload } from "./payload.js";
import { RecordOpener, RecordSealer, type RekeyLimits } from "./records.js";
import { type Receiver, Relay } from "./relay.js";

/** How long a refused peer has to read why, in ms. */
const farewellMs = 1_000;

export interface HandshakeRunOptions {
  readonly inner: Channel;
  readonly role: "dialer" | "acceptor";
  readonly handshake: Handshake;
  readonly context: SecurityContext;
  readonly rekey: RekeyLimits;
  readonly onBroken: (error: SecureError, secured: Secured) => void;
}

/** @throws SecureError, BaseError; `signal.reason`. The channel is destroyed then. */
export function runHandshake(
  options: HandshakeRunOptions,
): Promise<SecureChannel & Required<Pick<SecureChannel, "remoteId">>> {
  return new Promise((resolve, reject) => {
    new HandshakeRun(options, resolve, reject).start();
  });
}

class HandshakeRun implements Receiver {
  readonly #options: HandshakeRunOptions;
  readonly #cutter = new MessageCutter();
  readonly #relay = new Relay(this);
  readonly #resolve: (secured: SecureChannel & Required<Pick<SecureChannel, "remoteId">>) => void;
  readonly #reject: (error: unknown) => void;
  #isFirst = true;
  /** Why it failed, while the peer is still being told. */
  #farewell: { readonly error: Error; readonly timer: TimerHandle } | undefined;
  #isOver = false;

  constructor(
    options: HandshakeRunOptions,
    resolve: (secured: SecureChannel & Required<Pick<SecureChannel, "remoteId">>) => void,
    reject: (error: unknown) => void,
  ) {
    this.#options = options;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  start(): void {
    const { inner, context, role, handshake } = this.#options;
    inner.open(this.#relay);
    if (context.signal.aborted) {
      this.#onAbort();
      return;
    }
    context.signal.addEventListener("abort", this.#onAbort, { once: true });
    if (role === "dialer") this.#send(handshake.first());
  }

  onData(chunk: Uint8Array): void {
    if (this.#isOver || this.#farewell !== undefined) return;
    this.#cutter.push(chunk);
    while (!this.#isOver && this.#farewell === undefined) {
      const fault = this.#lengthFault();
      if (fault !== undefined) {
        this.#fail(fault);
        return;
      }
      const message = this.#cutter.next();
      if (message === undefined) return;
      this.#isFirst = false;
      this.#step(join(message));
    }
  }

  onDrain(): void {}

  onEnd(): void {
    this.#fail(this.#farewell?.error ?? this.#cut());
  }

  onClose(error?: Error): void {
    this.#fail(this.#farewell?.error ?? this.#cut(error));
  }

  /** What fails here, such as an identity that was destroyed, must not fail in the transport that called. */
  #step(message: Uint8Array): void {
    try {
      this.#take(this.#options.handshake.step(message));
    } catch (error) {
      this.#fail(error);
    }
  }

  #take(step: HandshakeStep): void {
    switch (step.kind) {
      case "answer":
        this.#send(step.message);
        return;
      case "done":
        if (step.message !== undefined) this.#send(step.message);
        this.#succeed(step.secured);
        return;
      case "refuse": {
        const { code, text } = step.refusal;
        if (step.message !== undefined) this.#send(step.message);
        if (step.send !== undefined) {
          const now = this.#options.context.clock.monotonic();
          const sealer = new RecordSealer(step.send, this.#options.rekey, now);
          this.#options.inner.write(sealer.last("close", encodePayload({ kind: "refusal", code, text }), now));
        }
        this.#bidFarewell(step.refusal.error);
        return;
      }
      case "fail":
        this.#fail(step.error);
    }
  }

  #succeed(secured: Secured): void {
    const { inner, context, rekey, onBroken } = this.#options;
    const { clock } = context;
    // Until the owner opens the new channel.
    inner.pause();
    const channel = new EncryptedChannel({
      inner,
      sealer: new RecordSealer(secured.send, rekey, clock.monotonic()),
      opener: new RecordOpener(secured.receive),
      cutter: this.#cutter,
      clock,
      onBroken: (error) => onBroken(error, secured),
    });
    this.#finish();
    this.#relay.target = channel;
    this.#resolve({ channel, remoteId: secured.remoteId });
  }

  /** Lets what was sent go out before the channel is dropped. */
  #bidFarewell(error: Error): void {
    const { inner, context } = this.#options;
    this.#farewell = { error, timer: context.clock.setTimeout(() => this.#fail(error), farewellMs) };
    inner.end();
  }

  #fail(error: unknown): void {
    if (this.#isOver) return;
    this.#finish();
    this.#options.inner.destroy();
    this.#reject(error);
  }

  #finish(): void {
    const { context } = this.#options;
    this.#isOver = true;
    context.signal.removeEventListener("abort", this.#onAbort);
    if (this.#farewell !== undefined) context.clock.clearTimeout(this.#farewell.timer);
  }

  readonly #onAbort = (): void => this.#fail(this.#options.context.signal.reason);

  #send(message: Uint8Array): void {
    this.#options.inner.write([join([Uint8Array.of(message.length >>> 8, message.length & 255), message])]);
  }

  /** Told by the length alone, before a byte of the message is waited for. */
  #lengthFault(): SecureError | undefined {
    const length = this.#cutter.nextLength;
    const peer = this.#options.inner.remoteAddress;
    // A node without security begins with a length of 32 bits, and no first message of it has 64 KiB.
    if (length === 0 && this.#isFirst) {
      const text = `${peer} speaks without encryption; give it the same security, this node does not talk without`;
      return new SecureError("not-secure", text, { peer });
    }
    if (length === undefined || length <= maxHandshakeMessageBytes) return undefined;
    const text = `${peer} announces a handshake message of ${length} bytes; ${maxHandshakeMessageBytes} are allowed`;
    return new SecureError("bad-handshake", text, { peer });
  }

  #cut(cause?: Error): SecureError {
    const peer = this.#options.inner.remoteAddress;
    const text = `${peer} left during the handshake; it may be busy, or have other security or another network key`;
    return new SecureError("handshake-cut", text, cause === undefined ? { peer } : { peer, cause });
  }
}
