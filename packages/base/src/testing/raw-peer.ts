// A peer that speaks by hand: any bytes, frames or bodies over any transport, and a record of what comes back.
import {
  type Body,
  closeCodes,
  decodeBody,
  encodeValue,
  FrameDecoder,
  flags,
  inflateFrame,
  type WireValue,
} from "@p2p/wire";
import type { Channel, Transport } from "../transport/transport.js";

const { mainTypes, subtypes } = flags;

export interface RawPeerOptions {
  /** 48 bytes. Default: 48 times 0xee. */
  readonly id?: Uint8Array;
  /** 32 bytes that the handshake states. Default: zeros. */
  readonly networkId?: Uint8Array;
  /** Features that the handshake states. Default: `requests/1`. */
  readonly features?: readonly string[];
}

/** What a node said last. */
export interface RawClose {
  /** Of {@link closeCodes}. */
  readonly code: number;
  readonly reason: string;
}

const encoder = new TextEncoder();

/** One connection to a node under test. Everything received is kept; nothing is answered unless a test does it. */
export class RawPeer {
  readonly id: Uint8Array;
  readonly channel: Channel;
  readonly bodies: Body[] = [];
  readonly #networkId: Uint8Array;
  readonly #features: readonly string[];
  readonly #decoder = new FrameDecoder();
  #time = 1_700_000_000_000_000;
  #isClosed = false;
  #closeError: Error | undefined;
  #waiting: { readonly holds: () => boolean; readonly resolve: () => void }[] = [];

  constructor(channel: Channel, options: RawPeerOptions = {}) {
    this.channel = channel;
    this.id = options.id ?? new Uint8Array(48).fill(0xee);
    this.#networkId = options.networkId ?? new Uint8Array(32);
    this.#features = options.features ?? ["requests/1"];
    channel.open({
      onData: (chunk) => {
        this.#decoder.push(chunk, (frame) => this.bodies.push(decodeBody(inflateFrame(frame))));
        this.#look();
      },
      onDrain: () => this.#look(),
      onClose: (error) => {
        this.#isClosed = true;
        this.#closeError = error;
        this.#look();
      },
    });
  }

  /** Dials a node; sends nothing yet. */
  static async dial(transport: Transport, address: string, options: RawPeerOptions = {}): Promise<RawPeer> {
    return new RawPeer(await transport.dial(address, { signal: new AbortController().signal }), options);
  }

  /** Dials a node, sends a handshake, and waits until the node has taken it. */
  static async join(transport: Transport, address: string, options: RawPeerOptions = {}): Promise<RawPeer> {
    const peer = await RawPeer.dial(transport, address, options);
    peer.sendHandshake();
    await peer.ping(0);
    return peer;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Why the channel closed, when it did not end in order. */
  get closeError(): Error | undefined {
    return this.#closeError;
  }

  /** The node's handshake. */
  get handshake(): Body | undefined {
    return this.bodies.find((body) => isWhisper(body, subtypes.handshake));
  }

  /** The close message of the node, once it came. */
  get closeMessage(): RawClose | undefined {
    const items = this.bodies.find((body) => isWhisper(body, subtypes.close))?.items;
    return items === undefined ? undefined : { code: Number(items[1]), reason: String(items[2]) };
  }

  /** The name of the close code received, "end" or "reset" when the channel ended without, undefined while open. */
  get closedWith(): keyof typeof closeCodes | "end" | "reset" | undefined {
    const code = this.closeMessage?.code;
    // The names are the keys of closeCodes: Object.keys forgets that.
    const names = Object.keys(closeCodes) as (keyof typeof closeCodes)[];
    if (code !== undefined) return names.find((name) => closeCodes[name] === code);
    if (!this.#isClosed) return undefined;
    return this.#closeError === undefined ? "end" : "reset";
  }

  /** Any bytes. @returns what `Channel.write` does */
  sendBytes(...chunks: readonly Uint8Array[]): boolean {
    return this.channel.write(chunks);
  }

  /** A frame around a payload; `length` lies about it. */
  sendFrame(payload: Uint8Array, options: { readonly codec?: number; readonly length?: number } = {}): boolean {
    return this.sendBytes(frameOf(payload, options));
  }

  /** Any value as a body, so also what is none. */
  sendValue(value: WireValue): boolean {
    return this.sendFrame(encodeValue(value));
  }

  /** A body with sender and time of this peer. */
  sendBody(type: number, ...items: readonly WireValue[]): boolean {
    return this.sendValue([type, this.id, ++this.#time, ...items]);
  }

  /** A whisper. */
  whisper(subtype: number, ...items: readonly WireValue[]): boolean {
    return this.sendBody(mainTypes.whisper, subtype, ...items);
  }

  /** A handshake; `overrides` replace keys, undefined removes them. */
  sendHandshake(overrides: Readonly<Record<string, WireValue | undefined>> = {}): boolean {
    return this.whisper(subtypes.handshake, this.handshakeMap(overrides));
  }

  /** The map of a valid handshake with changes. */
  handshakeMap(overrides: Readonly<Record<string, WireValue | undefined>> = {}): { readonly [key: string]: WireValue } {
    const map: Record<string, WireValue> = {
      v: [1, 0],
      net: this.#networkId,
      addrs: [],
      codecs: [],
      features: [...this.#features],
      boot: new Uint8Array(8).fill(1),
      max: 1_048_576,
    };
    for (const [key, value] of Object.entries(overrides)) {
      if (value === undefined) delete map[key];
      else map[key] = value;
    }
    return map;
  }

  /** Sends a ping and waits for its pong: all that was sent before has been read then. @returns whether one came */
  async ping(nonce = 1): Promise<boolean> {
    const isPong = (body: Body): boolean => body.type === mainTypes.pong && body.items[0] === nonce;
    this.sendBody(mainTypes.ping, nonce);
    await this.until(() => this.isClosed || this.bodies.some(isPong));
    return this.bodies.some(isPong);
  }

  /** Bodies of whispers with this subtype. */
  whispers(subtype: number): readonly Body[] {
    return this.bodies.filter((body) => isWhisper(body, subtype));
  }

  /** Resolves when `holds`; looked at now and whenever something arrives or the channel closes. */
  until(holds: () => boolean): Promise<void> {
    if (holds()) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ holds, resolve }));
  }

  /** Resolves when the node has closed the connection; with its code. */
  async closed(): Promise<RawPeer["closedWith"]> {
    await this.until(() => this.isClosed);
    return this.closedWith;
  }

  /** Drops the connection. */
  destroy(): void {
    this.channel.destroy();
  }

  #look(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const waiter of waiting) {
      if (waiter.holds()) waiter.resolve();
      else this.#waiting.push(waiter);
    }
  }
}

/** A frame: header and payload, whose stated length may lie. */
export function frameOf(
  payload: Uint8Array,
  options: { readonly codec?: number; readonly length?: number } = {},
): Uint8Array {
  const { codec = 0, length = payload.length } = options;
  const frame = new Uint8Array(4 + payload.length);
  new DataView(frame.buffer).setUint32(0, codec * 0x1000_0000 + length);
  frame.set(payload, 4);
  return frame;
}

/** Bytes, lists of bytes, and text as UTF-8, joined: for payloads that no encoder writes. */
export function bytesOf(...parts: readonly (Uint8Array | readonly number[] | string)[]): Uint8Array {
  const arrays = parts.map((part) => (typeof part === "string" ? encoder.encode(part) : Uint8Array.from(part)));
  const all = new Uint8Array(arrays.reduce((sum, array) => sum + array.length, 0));
  let offset = 0;
  for (const array of arrays) {
    all.set(array, offset);
    offset += array.length;
  }
  return all;
}

function isWhisper(body: Body, subtype: number): boolean {
  return body.type === mainTypes.whisper && body.items[0] === subtype;
}
