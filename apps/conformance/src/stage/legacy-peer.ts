// A peer of a 0.7 network made of bytes, on a raw connection: frames with a checksum, ids in a dialect.
import { createHash } from "node:crypto";
import { bigEndian, type Packable, pack } from "../reference/msgpack.js";
import { unpack } from "../reference/unpack.js";
import { concat, isSameBytes, type Value } from "../reference/value.js";
import { deferred } from "../runner/deferred.js";
import { CaseFailure } from "../runner/expect.js";
import type { RawPeer } from "./raw-peer.js";

/** A message of profile 0.7 as it came. */
export interface Message07 {
  /** All of the frame. */
  readonly frame: Uint8Array;
  readonly type: number;
  readonly sender: Value;
  readonly time: number;
  readonly items: readonly Value[];
}

/** Whether node ids, and network ids, are bytes on the wire. */
export interface Dialect07 {
  readonly hasByteIds: boolean;
  readonly hasByteNetworks: boolean;
}

/** How the three originals write ids. */
export const dialects07 = {
  bin: { hasByteIds: true, hasByteNetworks: true },
  mixed: { hasByteIds: true, hasByteNetworks: false },
  str: { hasByteIds: false, hasByteNetworks: false },
} as const;

export const subtype07 = {
  compression: 1,
  handshake: 5,
  peers: 7,
  request: 8,
  store: 11,
  delta: 17,
} as const;

/** An uncompressed frame of a message. */
export function frame07(elements: readonly Packable[]): Uint8Array {
  const packed = pack(elements);
  const body = concat([new Uint8Array(createHash("sha256").update(packed).digest()), packed]);
  return concat([bigEndian(BigInt(body.length), 4), body]);
}

/** Undefined for what is no sound frame. */
export function read07(frame: Uint8Array): Message07 | undefined {
  const packed = frame.subarray(36);
  if (packed.length === 0) return undefined;
  const checksum = new Uint8Array(createHash("sha256").update(packed).digest());
  if (!isSameBytes(checksum, frame.subarray(4, 36))) return undefined;
  const elements = unpacked(packed);
  if (!Array.isArray(elements)) return undefined;
  const [type, sender = null, time, ...items] = elements as readonly Value[];
  return { frame, type: Number(type), sender, time: Number(time), items };
}

function unpacked(packed: Uint8Array): Value | undefined {
  try {
    return unpack(packed);
  } catch {
    return undefined;
  }
}

/** Text, whether it came as text or as bytes. */
export function text07(value: Value | undefined): string {
  return value instanceof Uint8Array ? new TextDecoder().decode(value) : String(value);
}

export function bytes07(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

export class LegacyPeer {
  readonly raw: RawPeer;
  /** Base58 text. */
  readonly id: string;
  readonly dialect: Dialect07;

  constructor(raw: RawPeer, id: string, dialect: Dialect07) {
    this.raw = raw;
    this.id = id;
    this.dialect = dialect;
  }

  /** An id as this peer writes it. */
  idOf(id: string): Packable {
    return this.dialect.hasByteIds ? bytes07(id) : id;
  }

  /** Sends a message as its own, at the time of the case, in seconds. Returns the frame. */
  send(type: number, time: number, ...items: readonly Packable[]): Uint8Array {
    return this.sendAs(this.idOf(this.id), type, time, ...items);
  }

  /** Sends a message that names another sender. Returns the frame. */
  sendAs(sender: Packable, type: number, time: number, ...items: readonly Packable[]): Uint8Array {
    const frame = frame07([type, sender, time, ...items]);
    this.raw.sendBytes(frame);
    return frame;
  }

  sendHandshake(networkId: string, time: number): void {
    const network = this.dialect.hasByteNetworks ? bytes07(networkId) : networkId;
    this.send(2, time, subtype07.handshake, this.idOf(this.id), network, ["127.0.0.1", 9], []);
  }

  /** The next message that matches. */
  async next(matches: (message: Message07) => boolean, what: string): Promise<Message07> {
    const found = deferred<Message07>();
    await this.raw.next((message) => {
      const read = read07(message.frame);
      const isIt = read !== undefined && matches(read);
      if (isIt) found.resolve(read);
      return isIt;
    }, what);
    return found.promise;
  }

  /** Messages not yet taken. */
  waiting(matches: (message: Message07) => boolean): Message07[] {
    return this.raw.inbox
      .waiting(() => true)
      .map(({ frame }) => read07(frame))
      .filter((message): message is Message07 => message !== undefined && matches(message));
  }

  /** The node has dealt with all that this peer sent: it answers a wish for peers. */
  async fence(time: number): Promise<void> {
    if (this.raw.hasEnded) throw new CaseFailure("the node ended the connection");
    this.send(2, time, subtype07.request, "*");
    await this.next(isPeers07, "the peers that were asked for");
  }
}

export const isHandshake07 = (message: Message07): boolean =>
  message.type === 2 && message.items[0] === subtype07.handshake;
export const isPeers07 = (message: Message07): boolean => message.type === 2 && message.items[0] === subtype07.peers;
export const isBroadcast07 = (message: Message07): boolean => message.type === 0;
export const isState07 = (message: Message07): boolean => message.type === 2 && message.items[0] === subtype07.store;
