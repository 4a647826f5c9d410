// One end of a simulated stream [BASE-104] to [BASE-111]. A stream never loses, repeats or reorders bytes silently: what
// the network does to packets is seen as delay, and beyond a bound as a reset, as over TCP.
import { BaseError, type Channel, type ChannelHandler } from "@p2p/base";
import type { VirtualEvent } from "./event-queue.js";
import type { Host, HostedChannel, Incarnation } from "./host.js";
import type { Network } from "./network.js";
import { fnv } from "./trace.js";

/** A chunk on its way, or the end of the stream. */
interface Segment {
  readonly chunk: Uint8Array | undefined;
  retransmissions: number;
  /** When it was sent last, in virtual microseconds. */
  sentUs: number;
  hasArrived: boolean;
}

/** Longer chunks go in parts, so that over slow links they are seen to come bit by bit. */
const maxSegmentBytes = 16_384;

interface EndPoint {
  readonly host: Host;
  readonly address: string;
}

/** Makes the two ends of a channel; `near` belongs to the dialler. */
export function createPair(
  network: Network,
  near: EndPoint,
  far: EndPoint,
): readonly [SimulatedChannel, SimulatedChannel] {
  const nearEnd = new SimulatedChannel(network, near, far);
  const farEnd = new SimulatedChannel(network, far, near);
  nearEnd.connect(farEnd);
  farEnd.connect(nearEnd);
  return [nearEnd, farEnd];
}

export class SimulatedChannel implements Channel, HostedChannel {
  readonly localAddress: string;
  readonly remoteAddress: string;
  readonly peerHost: string;
  readonly #network: Network;
  readonly #host: Host;
  readonly #life: Incarnation;
  #far: SimulatedChannel | undefined;
  #handler: ChannelHandler | undefined;
  /** Sent and not yet at the peer's, in order; a segment that arrives before an earlier one waits for it. */
  #flight: Segment[] = [];
  /** Of these, the bytes on their way; beyond the window segments wait until others have arrived. */
  #flightBytes = 0;
  #unsent: Segment[] = [];
  /** Bytes written that the peer's owner has not read. */
  #unreadBytes = 0;
  #inbox: Uint8Array[] = [];
  #isPaused = false;
  /** A write answered false and no `onDrain` has come since. */
  #isWaiting = false;
  #isTurnQueued = false;
  /** When it reads on, if its machine reads slowly. */
  #nextRead: VirtualEvent | undefined;
  /** This side has ended; its end was told to the peer's owner; the peer's end has come; it was told to the owner here. */
  #hasEnded = false;
  #isEndRead = false;
  #hasPeerEnded = false;
  #isEndTold = false;
  #isClosed = false;
  #isCloseTold = false;
  #closeError: Error | undefined;

  constructor(network: Network, local: EndPoint, remote: EndPoint) {
    this.#network = network;
    this.#host = local.host;
    this.#life = local.host.life;
    this.localAddress = local.address;
    this.remoteAddress = remote.address;
    this.peerHost = remote.host.name;
    local.host.channels.add(this);
  }

  connect(far: SimulatedChannel): void {
    this.#far = far;
  }

  get bufferedBytes(): number {
    return this.#unreadBytes;
  }

  open(handler: ChannelHandler): void {
    if (this.#handler !== undefined) throw new TypeError("a channel is opened once");
    this.#handler = handler;
    this.#queueTurn();
  }

  write(chunks: readonly Uint8Array[]): boolean {
    if (this.#hasEnded || this.#isClosed) return false;
    for (const chunk of chunks) {
      this.#unreadBytes += chunk.length;
      for (let start = 0; start < chunk.length; start += maxSegmentBytes) {
        this.#send(chunk.length <= maxSegmentBytes ? chunk : chunk.subarray(start, start + maxSegmentBytes));
      }
    }
    if (this.#unreadBytes < this.#network.streams.bufferBytes) return true;
    this.#isWaiting = true;
    return false;
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.#queueTurn();
  }

  end(): void {
    if (this.#hasEnded || this.#isClosed) return;
    this.#hasEnded = true;
    this.#send(undefined);
  }

  destroy(error?: Error): void {
    if (this.#isClosed) return;
    this.#close(error);
    this.#sendReset();
  }

  kill(isSilent: boolean): void {
    if (this.#isClosed) return;
    this.#close(undefined);
    this.#isCloseTold = true;
    if (!isSilent) this.#sendReset();
  }

  lose(): void {
    this.#reset("the connection was lost");
  }

  readAnew(): void {
    if (this.#nextRead === undefined) return;
    this.#network.queue.cancel(this.#nextRead);
    this.#nextRead = undefined;
    this.#queueTurn();
  }

  #send(chunk: Uint8Array | undefined): void {
    const segment: Segment = { chunk, retransmissions: 0, sentUs: 0, hasArrived: false };
    const { trace } = this.#network;
    if (trace.hasBytes) trace.record("send", this.#host.name, { to: this.peerHost, ...described(chunk) });
    if (this.#unsent.length === 0 && this.#hasWindow) this.#launch(segment);
    else this.#unsent.push(segment);
  }

  get #hasWindow(): boolean {
    return this.#flightBytes < this.#network.streams.windowBytes;
  }

  #launch(segment: Segment): void {
    this.#flight.push(segment);
    this.#flightBytes += segment.chunk?.length ?? 0;
    this.#transmit(segment);
  }

  /** Sends what waits, as far as the window has room for it. */
  #launchUnsent(): void {
    while (this.#hasWindow) {
      const segment = this.#unsent.shift();
      if (segment === undefined) return;
      this.#launch(segment);
    }
  }

  #transmit(segment: Segment): void {
    const retry = (): void => this.#retry(segment);
    segment.sentUs = this.#network.queue.nowUs;
    const bytes = segment.chunk?.length ?? 0;
    this.#network.carry(this.#host.name, this.peerHost, bytes, () => this.#arrive(segment), retry);
  }

  /** The packet was lost, or the peer's acknowledgement: the wait counts from when it was sent. */
  #retry(segment: Segment): void {
    if (this.#isClosed) return;
    const { maxRetransmissions, retransmitMs } = this.#network.streams;
    if (segment.retransmissions >= maxRetransmissions) {
      this.#reset(`no answer to ${maxRetransmissions} retransmissions`);
      this.#sendReset();
      return;
    }
    const dueUs = segment.sentUs + 1_000 * retransmitMs * 2 ** segment.retransmissions++;
    const { queue } = this.#network;
    queue.schedule(dueUs - queue.nowUs, () => {
      if (!this.#isClosed) this.#transmit(segment);
    });
  }

  /** A segment is at the peer's machine. */
  #arrive(segment: Segment): void {
    const far = this.#far;
    if (far === undefined) return;
    if (!far.#host.hasPower) {
      this.#retry(segment);
      return;
    }
    const network = this.#network;
    if (!segment.hasArrived) {
      if (far.#isClosed) {
        // Its machine knows no such connection, and says so.
        const onReset = (): void => this.#reset("the peer knows no such connection");
        network.carry(this.peerHost, this.#host.name, 0, onReset, () => this.#retry(segment));
        return;
      }
      segment.hasArrived = true;
      this.#flightBytes -= segment.chunk?.length ?? 0;
      this.#launchUnsent();
      this.#handOver(far);
    }
    if (network.isCut(this.peerHost, this.#host.name)) this.#retry(segment);
  }

  /** Gives the peer what has arrived without a gap. */
  #handOver(far: SimulatedChannel): void {
    let count = 0;
    for (; this.#flight[count]?.hasArrived === true; count++) {
      const chunk = this.#flight[count]?.chunk;
      if (chunk === undefined) far.#hasPeerEnded = true;
      else far.#inbox.push(chunk);
    }
    this.#flight.splice(0, count);
    if (count > 0) far.#turn();
  }

  #sendReset(): void {
    const far = this.#far;
    if (far === undefined) return;
    const onReset = (): void => far.#reset("the peer reset it");
    // A reset that is lost is not sent again: the peer's end is then half open.
    this.#network.carry(this.#host.name, this.peerHost, 0, onReset, () => {});
  }

  #reset(why: string): void {
    if (this.#isClosed) return;
    this.#network.trace.record("reset", this.#host.name, { peer: this.remoteAddress, why });
    const message = `the channel with ${this.remoteAddress} was reset, ${why}; dial it again if it should be kept`;
    this.#close(new BaseError("channel-reset", message, { peer: this.remoteAddress }));
  }

  /** Drops all state but what `onClose`, and segments on their way, need. */
  #close(error: Error | undefined): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#closeError = error;
    this.#hasEnded = true;
    this.#inbox = [];
    this.#unsent = [];
    this.#unreadBytes = 0;
    this.#host.channels.delete(this);
    this.#queueTurn();
  }

  #queueTurn(): void {
    if (this.#isTurnQueued || this.#handler === undefined) return;
    this.#isTurnQueued = true;
    const run = (): void => {
      this.#isTurnQueued = false;
      this.#turn();
    };
    this.#network.queue.schedule(0, run, this.#life);
  }

  /** All that this end has to tell its owner now. A call may pause, end or destroy: each step looks again. */
  #turn(): void {
    const handler = this.#handler;
    if (handler === undefined || this.#isCloseTold || this.#life.isOver) return;
    if (this.#life.isPaused) {
      this.#queueTurn();
      return;
    }
    this.#deliver(handler);
    if (this.#hasPeerEnded && !this.#isEndTold && !this.#isPaused && this.#inbox.length === 0 && !this.#isClosed) {
      this.#isEndTold = true;
      this.#tellEnd(handler);
    }
    // Both ways are over when each side's end was told: what this end sent is then read as well.
    if (this.#isEndTold && this.#isEndRead) this.#close(undefined);
    if (!this.#isClosed || this.#isCloseTold) return;
    this.#isCloseTold = true;
    handler.onClose(this.#closeError);
  }

  #tellEnd(handler: ChannelHandler): void {
    const far = this.#far;
    if (this.#network.trace.hasBytes) this.#network.trace.record("read-end", this.#host.name, { from: this.peerHost });
    if (handler.onEnd === undefined) this.end();
    else handler.onEnd();
    if (far === undefined) return;
    const onEndRead = (): void => {
      far.#isEndRead = true;
      far.#turn();
    };
    this.#network.notify(this.#host.name, this.peerHost, onEndRead, () => !far.#isClosed);
  }

  /** Hands over what has come, as fast as the machine reads. */
  #deliver(handler: ChannelHandler): void {
    const { queue, trace } = this.#network;
    const { name, readBytesPerSecond } = this.#host;
    let read = 0;
    while (!this.#isPaused && !this.#isClosed) {
      const chunk = this.#inbox[read];
      if (chunk === undefined) break;
      if (readBytesPerSecond !== Number.POSITIVE_INFINITY) {
        if (queue.nowUs < this.#host.readFreeUs) {
          this.#readLater(this.#host.readFreeUs - queue.nowUs);
          break;
        }
        this.#host.readFreeUs = queue.nowUs + Math.ceil((1_000_000 * chunk.length) / readBytesPerSecond);
      }
      read++;
      if (trace.hasBytes) trace.record("receive", name, { from: this.peerHost, ...described(chunk) });
      this.#wasRead(chunk.length);
      handler.onData(chunk);
    }
    if (!this.#isClosed) this.#inbox.splice(0, read);
  }

  #readLater(delayUs: number): void {
    if (this.#nextRead !== undefined) return;
    const read = (): void => {
      this.#nextRead = undefined;
      this.#turn();
    };
    this.#nextRead = this.#network.queue.schedule(delayUs, read, this.#life);
  }

  /** Makes room at the writer, who is told when it waits for that and all is read. */
  #wasRead(bytes: number): void {
    const far = this.#far;
    if (far === undefined || far.#isClosed) return;
    far.#unreadBytes -= bytes;
    if (!far.#isWaiting || far.#unreadBytes > 0) return;
    far.#isWaiting = false;
    const drain = (): void => {
      if (!far.#isClosed) far.#handler?.onDrain();
    };
    const onRoom = (): void => this.#network.queue.act(far.#life, drain);
    this.#network.notify(this.#host.name, this.peerHost, onRoom, () => !far.#isClosed);
  }
}

function described(chunk: Uint8Array | undefined): Record<string, string | number> {
  return chunk === undefined ? { end: 1 } : { bytes: chunk.length, hash: fnv(chunk).toString(16) };
}
