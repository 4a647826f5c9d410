// A node:net socket as a channel; made for many idle ones: no timer, no closure each [BASE-104] to [BASE-111] [BASE-124].
import type { Socket } from "node:net";
import { formatAddress } from "./address.js";
import { formatIp, parseIp } from "./ip.js";
import { channelError } from "./socket-errors-node.js";
import type { Channel, ChannelHandler } from "./transport.js";

const channelOf: unique symbol = Symbol("channel");

/** A socket that knows its channel, so that the listeners below serve all sockets. */
interface ChannelSocket extends Socket {
  [channelOf]: SocketChannel;
}

/** The address text of one end of a socket; an IPv4 address mapped into IPv6 is shown as IPv4. */
export function socketAddress(scheme: string, host: string, port: number): string {
  const ip = parseIp(host);
  const zone = ip?.family === 6 && host.includes("%") ? host.slice(host.indexOf("%")) : "";
  return formatAddress({ scheme, host: ip === undefined ? host : formatIp(ip) + zone, port });
}

/** Wraps a connected, paused socket made with `allowHalfOpen`. */
export class SocketChannel implements Channel {
  readonly remoteAddress: string;
  readonly #socket: Socket;
  readonly #scheme: string;
  #localAddress: string | undefined;
  #handler: ChannelHandler | undefined;
  #error: Error | undefined;
  #isDestroyed = false;

  constructor(socket: Socket, scheme: string) {
    this.#socket = socket;
    this.remoteAddress = socketAddress(scheme, socket.remoteAddress ?? "0.0.0.0", socket.remotePort ?? 0);
    this.#scheme = scheme;
    // The one place that gives a socket its channel, before any listener can look.
    (socket as ChannelSocket)[channelOf] = this;
    socket.on("error", onError);
  }

  /** Looked up when it is asked for, while the socket is open: most channels are never asked. */
  get localAddress(): string {
    const { localAddress = "0.0.0.0", localPort = 0 } = this.#socket;
    this.#localAddress ??= socketAddress(this.#scheme, localAddress, localPort);
    return this.#localAddress;
  }

  get bufferedBytes(): number {
    return this.#socket.writableLength;
  }

  /** Counts what the system took of a long write, too; `writableLength` counts whole writes. */
  get untakenBytes(): number {
    // Undocumented, but what node's own `setTimeout` of sockets looks at; without it nothing is lost but fineness.
    const { _handle: handle, writableLength } = this.#socket as Socket & { _handle?: { writeQueueSize?: number } };
    return handle?.writeQueueSize ?? writableLength;
  }

  open(handler: ChannelHandler): void {
    if (this.#handler !== undefined) throw new TypeError("a channel is opened once");
    this.#handler = handler;
    const socket = this.#socket;
    if (socket.closed) {
      process.nextTick(onClose.bind(socket as ChannelSocket));
      return;
    }
    socket.on("data", onData);
    socket.on("drain", onDrain);
    socket.on("end", onEnd);
    socket.on("close", onClose);
    socket.resume();
  }

  write(chunks: readonly Uint8Array[]): boolean {
    const socket = this.#socket;
    if (!socket.writable) return false;
    if (chunks.length === 1) {
      const [chunk] = chunks;
      if (chunk !== undefined) socket.write(chunk);
    } else {
      // Corked, so that one system call takes all of them.
      socket.cork();
      for (const chunk of chunks) socket.write(chunk);
      socket.uncork();
    }
    // Not what `socket.write` returned: the system has mostly taken the bytes by now, and there is no need to wait.
    return socket.writableLength < socket.writableHighWaterMark;
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  end(): void {
    if (this.#socket.writable) this.#socket.end();
  }

  destroy(error?: Error): void {
    if (this.#isDestroyed) return;
    this.#isDestroyed = true;
    this.#error ??= error;
    this.#socket.resetAndDestroy();
  }

  /** The handler, unless the channel has been destroyed: then it hears of the close only. */
  get receiver(): ChannelHandler | undefined {
    return this.#isDestroyed ? undefined : this.#handler;
  }

  fail(error: Error): void {
    if (!this.#isDestroyed) this.#error ??= channelError(this.remoteAddress, error);
  }

  finish(): void {
    this.#isDestroyed = true;
    this.#handler?.onClose(this.#error);
  }
}

function onData(this: Socket, chunk: Uint8Array): void {
  channel(this).receiver?.onData(chunk);
}

function onDrain(this: Socket): void {
  channel(this).receiver?.onDrain();
}

function onEnd(this: Socket): void {
  const handler = channel(this).receiver;
  if (handler === undefined) return;
  if (handler.onEnd === undefined) this.end();
  else handler.onEnd();
}

function onError(this: Socket, error: Error): void {
  channel(this).fail(error);
}

function onClose(this: Socket): void {
  channel(this).finish();
}

/** These listeners are only ever put on sockets that the constructor gave a channel. */
function channel(socket: Socket): SocketChannel {
  return (socket as ChannelSocket)[channelOf];
}
