// The messages of the base chapter as the suite writes and recognises them.
import { randomBytes } from "node:crypto";
import { networkId } from "../reference/ids.js";
import type { Packable } from "../reference/msgpack.js";
import type { Value } from "../reference/value.js";
import type { Message } from "./message.js";

export const subtype = {
  broadcast: 0,
  message: 2,
  handshake: 5,
  peers: 7,
  request: 8,
  response: 10,
  store: 11,
  close: 0x30,
  error: 0x31,
  forward: 0x32,
  routed: 0x33,
  receipt: 0x34,
  neighbour: 0x35,
  shuffle: 0x36,
  redirected: 0x37,
  tableOpen: 0x38,
  tableAccept: 0x39,
  tableTurn: 0x3a,
  contender: 0x3b,
  clockAhead: 0x3c,
  standing: 0x48,
  question: 0x49,
  answer: 0x4a,
  neighbourhood: 0x4b,
  find: 0x4c,
  found: 0x4d,
  hint: 0x4e,
  leave: 0x4f,
} as const;

export const closeCode = {
  normal: 0,
  protocol: 1,
  badFrame: 2,
  tooLarge: 3,
  handshakeTimeout: 4,
  wrongNetwork: 5,
  version: 6,
  featureMissing: 7,
  duplicate: 8,
  self: 9,
  busy: 10,
  idle: 11,
  slow: 12,
  budget: 13,
  refused: 14,
  rejected: 15,
  rate: 16,
  viewFull: 17,
  security: 18,
} as const;

/** Fields of a handshake; those left out get a sound value. */
export interface HandshakeFields {
  readonly network: string;
  readonly v?: Packable;
  readonly net?: Packable;
  readonly addrs?: Packable;
  readonly codecs?: Packable;
  readonly features?: Packable;
  readonly boot?: Packable;
  readonly max?: Packable;
  /** Time of the message, in µs; the peer's clock if absent. */
  readonly time?: number;
  /** Keys to leave out. */
  readonly without?: readonly string[];
  /** Keys to add. */
  readonly extra?: { readonly [key: string]: Packable };
}

/** The items after the subtype: the one map. */
export function handshakeItems(fields: HandshakeFields): readonly Packable[] {
  // Not `??`: a case may want a field to be nil.
  const {
    v = [1, 0],
    net = networkId({ name: fields.network, security: "Plaintext" }),
    addrs = [],
    codecs = [],
    features = [],
    boot = new Uint8Array(randomBytes(8)),
    max = 1_048_576,
  } = fields;
  const map: { [key: string]: Packable } = { v, net, addrs, codecs, features, boot, max, ...fields.extra };
  for (const key of fields.without ?? []) delete map[key];
  return [map];
}

export const isWhisper =
  (kind: number) =>
  (message: Message): boolean =>
    message.type === 2 && message.subtype === kind;

export const isHandshake: (message: Message) => boolean = isWhisper(subtype.handshake);
export const isClose: (message: Message) => boolean = isWhisper(subtype.close);
export const isPing = (message: Message): boolean => message.type === 3;
export const isPong = (message: Message): boolean => message.type === 4;
export const isMessage: (message: Message) => boolean = isWhisper(subtype.message);
export const isBroadcast = (message: Message): boolean => message.type === 0;

/** The map of a handshake message, empty when there is none. */
export function handshakeMap(message: Message): { readonly [key: string]: Value } {
  const map = message.items[1];
  const isMap = typeof map === "object" && map !== null && !Array.isArray(map) && !(map instanceof Uint8Array);
  return isMap ? (map as { readonly [key: string]: Value }) : {};
}
