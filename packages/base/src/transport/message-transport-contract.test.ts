// A transport over sockets of messages, as WebSocket is, fits the seam: no half close, no drain event [BASE-103].
import { test } from "vitest";
import { BaseError } from "../errors.js";
import { systemClock } from "../runtime/clock.js";
import { transportContract } from "../testing/index.js";
import { MemoryNetwork, memoryTransport } from "./memory.js";
import type { Channel, ChannelHandler, Transport } from "./transport.js";

/** The part of a WebSocket that an adapter uses (that of the npm package ws, whose send calls back). */
class MessageSocket {
  onMessage: (data: Uint8Array) => void = () => {};
  onClose: (isClean: boolean) => void = () => {};
  bufferedAmount = 0;
  peer: MessageSocket | undefined;
  isPaused = false;
  #events: (() => void)[] = [];
  #isClosed = false;

  send(data: Uint8Array, sent: () => void): void {
    this.bufferedAmount += data.length;
    this.peer?.receive(() => {
      this.bufferedAmount -= data.length;
      systemClock.queue(sent);
      this.peer?.onMessage(data);
    });
  }
  /** Closes both ways when the peer has read what was sent. */
  close(): void {
    this.peer?.receive(() => {
      this.peer?.finish(true);
      this.finish(true);
    });
  }
  terminate(): void {
    systemClock.queue(() => this.finish(true));
    const peer = this.peer;
    systemClock.queue(() => peer?.finish(false));
  }
  pause(): void {
    this.isPaused = true;
  }
  resume(): void {
    this.isPaused = false;
    systemClock.queue(() => this.run());
  }
  receive(event: () => void): void {
    this.#events.push(event);
    systemClock.queue(() => this.run());
  }
  finish(isClean: boolean): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#events = [];
    this.onClose(isClean);
  }
  run(): void {
    while (!this.isPaused && !this.#isClosed) {
      const event = this.#events.shift();
      if (event === undefined) return;
      event();
    }
  }
}

class MessageChannelAdapter implements Channel {
  readonly #socket: MessageSocket;
  readonly remoteAddress: string;
  readonly localAddress: string;
  #handler: ChannelHandler | undefined;
  #error: Error | undefined;
  #hasEnded = false;
  #isDestroyed = false;
  #isClosed = false;
  #isWaiting = false;

  constructor(socket: MessageSocket, localAddress: string, remoteAddress: string) {
    this.#socket = socket;
    this.localAddress = localAddress;
    this.remoteAddress = remoteAddress;
    socket.pause();
    socket.onMessage = (data) => this.#isDestroyed || this.#handler?.onData(data);
    socket.onClose = (isClean) => {
      this.#hasEnded = true;
      this.#isClosed = true;
      if (!isClean && !this.#isDestroyed)
        this.#error ??= new BaseError("channel-reset", "the peer is gone; dial it again");
      this.#handler?.onClose(this.#error);
    };
  }

  get bufferedBytes(): number {
    return this.#socket.bufferedAmount;
  }
  open(handler: ChannelHandler): void {
    if (this.#handler !== undefined) throw new TypeError("a channel is opened once");
    this.#handler = handler;
    if (this.#isClosed) queueMicrotask(() => handler.onClose(this.#error));
    else this.#socket.resume();
  }
  write(chunks: readonly Uint8Array[]): boolean {
    if (this.#hasEnded) return false;
    for (const chunk of chunks) this.#socket.send(chunk, this.#onSent);
    this.#isWaiting ||= this.bufferedBytes >= 65_536;
    return !this.#isWaiting;
  }
  pause(): void {
    this.#socket.pause();
  }
  resume(): void {
    this.#socket.resume();
  }
  end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#socket.close();
  }
  destroy(error?: Error): void {
    if (this.#isClosed || this.#isDestroyed) return;
    this.#hasEnded = true;
    this.#isDestroyed = true;
    this.#error ??= error;
    this.#socket.terminate();
  }

  readonly #onSent = (): void => {
    if (!this.#isWaiting || this.#isDestroyed || this.#isClosed || this.bufferedBytes > 0) return;
    this.#isWaiting = false;
    this.#handler?.onDrain();
  };
}

/** Who meets whom is left to the memory transport; its channels stay unused. */
function messageTransport(): Transport {
  const meeting = memoryTransport({ network: new MemoryNetwork() });
  const sockets = new Map<string, MessageSocket>();
  return {
    scheme: meeting.scheme,
    async dial(address, options) {
      const { localAddress, remoteAddress } = await meeting.dial(address, options);
      const socket = sockets.get(localAddress);
      if (socket === undefined) throw new Error("the listener made no socket");
      return new MessageChannelAdapter(socket, localAddress, remoteAddress);
    },
    listen: (address, onChannel) =>
      meeting.listen(address, ({ localAddress, remoteAddress }) => {
        const near = new MessageSocket();
        const far = new MessageSocket();
        near.peer = far;
        far.peer = near;
        sockets.set(remoteAddress, near);
        onChannel(new MessageChannelAdapter(far, localAddress, remoteAddress));
      }),
  };
}

transportContract({
  test,
  transport: messageTransport(),
  listenAddress: "memory://messages:0",
  hasHalfClose: false,
});
