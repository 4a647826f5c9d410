// TLS as a security layer, made of nothing but node:tls and the seam, keeps the contract of all transports [BASE-103].
import { Duplex } from "node:stream";
import { connect, TLSSocket } from "node:tls";
import { describe, test } from "vitest";
import { securedTransport, transportContract } from "../testing/index.js";
import { MemoryNetwork, memoryTransport } from "./memory.js";
import { tcpTransport } from "./tcp.js";
import type { Channel, ChannelHandler, Security } from "./transport.js";

// Self-signed, for this test alone: openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes
// -days 36500 -subj /CN=p2p-test -addext subjectAltName=IP:127.0.0.1
const key = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgEq6XvY2EKvMrgz1T
D9Mfj33PrqtVXB2P94W24xL5fQShRANCAAR2T/JPsc1djAYRcFvRPteLSITbpHOV
ifX5rN5LDn7rUKPn78ykgGTpvP6xlh3E0BgQJ/Zq2ifUZSBrJw/sx6aG
-----END PRIVATE KEY-----`;
const cert = `-----BEGIN CERTIFICATE-----
MIIBjjCCATSgAwIBAgIUHmO4pTYbYXbGSaBm4kD9KWprXd0wCgYIKoZIzj0EAwIw
EzERMA8GA1UEAwwIcDJwLXRlc3QwIBcNMjYxMTIxMTMzNzU3WhgPMjEyNjEwMjgx
MzM3NTdaMBMxETAPBgNVBAMMCHAycC10ZXN0MFkwEwYHKoZIzj0CAQYIKoZIzj0D
AQcDQgAEdk/yT7HNXYwGEXBb0T7Xi0iE26RzlYn1+azeSw5+61Cj5+/MpIBk6bz+
sZYdxNAYECf2aton1GUgaycP7MemhqNkMGIwHQYDVR0OBBYEFCz3OwxjBTG6JToU
XmJqRYb8XSkJMB8GA1UdIwQYMBaAFCz3OwxjBTG6JToUXmJqRYb8XSkJMA8GA1Ud
EwEB/wQFMAMBAf8wDwYDVR0RBAgwBocEfwAAATAKBggqhkjOPQQDAgNIADBFAiEA
wZIdf7A7cBWLzaNrEOFnba3bvR5RFhDc8gFdxetxeagCIGEQR2KQx/GAhbwjX45H
pat4RLfxIDirsmgsGY215/i6
-----END CERTIFICATE-----`;

const tlsSecurity: Security = {
  name: "Tls",
  secure: (inner, role, { signal }) =>
    new Promise((resolve, reject) => {
      const stream = new ChannelStream(inner);
      const tls =
        role === "dialer"
          ? connect({ socket: stream, ca: cert, host: "127.0.0.1" })
          : new TLSSocket(stream, { isServer: true, key, cert });
      tls.pause();
      const fail = (error: unknown): void => {
        inner.destroy();
        tls.destroy();
        reject(error);
      };
      const onAbort = (): void => fail(signal.reason);
      signal.addEventListener("abort", onAbort, { once: true });
      if (signal.aborted) onAbort();
      const channel = new TlsChannel(inner, stream, tls);
      tls.once("error", fail);
      tls.once(role === "dialer" ? "secureConnect" : "secure", () => {
        signal.removeEventListener("abort", onAbort);
        resolve({ channel });
      });
    }),
};

/** A channel as a node stream, which is what node:tls takes. */
class ChannelStream extends Duplex implements ChannelHandler {
  readonly #channel: Channel;
  #written: (() => void) | undefined;
  /** Why the channel closed, if not in order. */
  failure: Error | undefined;

  constructor(channel: Channel) {
    super({ allowHalfOpen: true });
    this.#channel = channel;
    channel.open(this);
  }

  onData(chunk: Uint8Array): void {
    if (!this.push(chunk)) this.#channel.pause();
  }
  onDrain(): void {
    const written = this.#written;
    this.#written = undefined;
    written?.();
  }
  onEnd(): void {
    this.push(null);
  }
  onClose(error?: Error): void {
    this.failure = error;
    this.destroy();
  }

  override _read(): void {
    this.#channel.resume();
  }
  override _write(chunk: Uint8Array, _encoding: string, done: () => void): void {
    if (this.#channel.write([chunk])) done();
    else this.#written = done;
  }
  override _final(done: () => void): void {
    this.#channel.end();
    done();
  }
  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    // Once this side has ended, the channel is left to send what it buffers and to hear the end of the peer.
    if (!this.writableFinished) this.#channel.destroy();
    done(error);
  }
}

class TlsChannel implements Channel {
  readonly #inner: Channel;
  readonly #tls: TLSSocket;
  #handler: ChannelHandler | undefined;
  #error: Error | undefined;
  #isDestroyed = false;

  constructor(inner: Channel, stream: ChannelStream, tls: TLSSocket) {
    this.#inner = inner;
    this.#tls = tls;
    tls.on("error", (error) => {
      if (!this.#isDestroyed) this.#error ??= stream.failure ?? error;
    });
    stream.on("close", () => {
      if (!this.#isDestroyed) this.#error ??= stream.failure;
      tls.destroy();
    });
  }

  get remoteAddress(): string {
    return this.#inner.remoteAddress;
  }
  get localAddress(): string {
    return this.#inner.localAddress;
  }
  get bufferedBytes(): number {
    return this.#tls.writableLength;
  }

  open(handler: ChannelHandler): void {
    if (this.#handler !== undefined) throw new TypeError("a channel is opened once");
    this.#handler = handler;
    const tls = this.#tls;
    const close = (): void => {
      this.#isDestroyed = true;
      handler.onClose(this.#error);
    };
    if (tls.closed) {
      process.nextTick(close);
      return;
    }
    tls.on("data", (chunk: Uint8Array) => this.#isDestroyed || handler.onData(chunk));
    tls.on("drain", () => this.#isDestroyed || handler.onDrain());
    tls.on("end", () => {
      if (this.#isDestroyed) return;
      if (handler.onEnd === undefined) tls.end();
      else handler.onEnd();
    });
    tls.on("close", close);
    tls.resume();
  }

  write(chunks: readonly Uint8Array[]): boolean {
    if (!this.#tls.writable) return false;
    this.#tls.cork();
    for (const chunk of chunks) this.#tls.write(chunk);
    this.#tls.uncork();
    return this.#tls.writableLength < this.#tls.writableHighWaterMark;
  }

  pause(): void {
    this.#tls.pause();
  }
  resume(): void {
    this.#tls.resume();
  }
  end(): void {
    if (this.#tls.writable) this.#tls.end();
  }

  destroy(error?: Error): void {
    if (this.#isDestroyed) return;
    this.#isDestroyed = true;
    this.#error ??= error;
    this.#inner.destroy();
    this.#tls.destroy();
  }
}

describe("[BASE-103] TLS over tcp", () => {
  const transport = securedTransport(tcpTransport(), tlsSecurity);
  transportContract({ test, transport, listenAddress: "tcp://127.0.0.1:0" });
});

describe("[BASE-103] TLS over memory", () => {
  const transport = securedTransport(memoryTransport({ network: new MemoryNetwork() }), tlsSecurity);
  transportContract({ test, transport, listenAddress: "memory://tls:0" });
});
