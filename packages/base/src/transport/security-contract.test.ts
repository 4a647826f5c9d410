// A security layer fits the seam: a toy one, over both transports, keeps the contract of all transports.
import { describe, expect, test } from "vitest";
import { securedTransport, transportContract } from "../testing/index.js";
import { MemoryNetwork, memoryTransport } from "./memory.js";
import { tcpTransport } from "./tcp.js";
import type { Channel, ChannelHandler, SecureChannel, Security, SecurityContext } from "./transport.js";

/** Each side sends one key byte, and is done when it has the peer's; all bytes after are mixed with the sender's key. */
const toySecurity: Security = {
  name: "Toy",
  secure: (channel, _role, context) =>
    new Promise<SecureChannel>((resolve, reject) => new ToyChannel(channel, context, resolve, reject)),
};

class ToyChannel implements Channel, ChannelHandler {
  readonly #inner: Channel;
  readonly #ownKey: number;
  #peerKey: number | undefined;
  #outer: ChannelHandler | undefined;
  #early: Uint8Array | undefined;
  /** By the owner: it may pause in the very turn of `open`. */
  #isPaused = false;
  #close: { readonly error: Error | undefined } | undefined;
  readonly #settle: (error?: unknown) => void;

  constructor(
    inner: Channel,
    { signal, random }: SecurityContext,
    resolve: (result: SecureChannel) => void,
    reject: (reason: unknown) => void,
  ) {
    this.#inner = inner;
    this.#ownKey = random.bytes(1)[0] ?? 0;
    const onAbort = (): void => {
      inner.destroy();
      reject(signal.reason);
    };
    signal.addEventListener("abort", onAbort, { once: true });
    this.#settle = (error) => {
      signal.removeEventListener("abort", onAbort);
      if (error === undefined) resolve({ channel: this });
      else reject(error);
    };
    inner.open(this);
    inner.write([Uint8Array.of(this.#ownKey)]);
    if (signal.aborted) onAbort();
  }

  get remoteAddress(): string {
    return this.#inner.remoteAddress;
  }
  get localAddress(): string {
    return this.#inner.localAddress;
  }
  get bufferedBytes(): number {
    return this.#inner.bufferedBytes;
  }

  open(handler: ChannelHandler): void {
    if (this.#outer !== undefined) throw new TypeError("a channel is opened once");
    this.#outer = handler;
    const early = this.#early;
    this.#early = undefined;
    queueMicrotask(() => {
      if (early !== undefined && this.#close === undefined) handler.onData(early);
      if (this.#close !== undefined) handler.onClose(this.#close.error);
      else if (!this.#isPaused) this.#inner.resume();
    });
  }

  write(chunks: readonly Uint8Array[]): boolean {
    return this.#inner.write(chunks.map((chunk) => mix(chunk, this.#ownKey)));
  }
  pause(): void {
    this.#isPaused = true;
    this.#inner.pause();
  }
  resume(): void {
    this.#isPaused = false;
    if (this.#outer !== undefined) this.#inner.resume();
  }
  end(): void {
    this.#inner.end();
  }
  destroy(error?: Error): void {
    this.#inner.destroy(error);
  }

  onData(chunk: Uint8Array): void {
    let data = chunk;
    if (this.#peerKey === undefined) {
      // The inner channel stays paused until the node opens this one.
      this.#inner.pause();
      this.#peerKey = data[0] ?? 0;
      data = data.subarray(1);
      this.#settle();
    }
    if (data.length === 0) return;
    const plain = mix(data, this.#peerKey);
    if (this.#outer === undefined) this.#early = plain;
    else this.#outer.onData(plain);
  }
  onDrain(): void {
    this.#outer?.onDrain();
  }
  onEnd(): void {
    if (this.#outer?.onEnd === undefined) this.#inner.end();
    else this.#outer.onEnd();
  }
  onClose(error?: Error): void {
    this.#close = { error };
    if (this.#peerKey === undefined) this.#settle(error ?? new Error("the peer left during the handshake"));
    this.#outer?.onClose(error);
  }
}

function mix(bytes: Uint8Array, key: number): Uint8Array {
  return bytes.map((byte) => byte ^ key);
}

describe("[BASE-103] a security layer over memory", () => {
  const transport = securedTransport(memoryTransport({ network: new MemoryNetwork() }), toySecurity);
  transportContract({ test, transport, listenAddress: "memory://secured:0" });
});

describe("[BASE-103] a security layer over tcp", () => {
  const transport = securedTransport(tcpTransport(), toySecurity);
  transportContract({ test, transport, listenAddress: "tcp://127.0.0.1:0" });
});

test("[BASE-112] an abort during the security handshake rejects with its reason", async () => {
  const plain = memoryTransport({ network: new MemoryNetwork() });
  const accepted: Channel[] = [];
  // A peer that accepts, and then says nothing.
  const listener = await plain.listen("memory://silent:0", (channel) => accepted.push(channel));
  const controller = new AbortController();
  const dial = securedTransport(plain, toySecurity).dial(listener.address, { signal: controller.signal });
  const reason = new Error("too slow");
  const failure = dial.catch((error: unknown) => error);
  while (accepted.length === 0) await new Promise((resolve) => setImmediate(resolve));
  controller.abort(reason);
  expect(await failure).toBe(reason);
  await listener.close();
});
