// The messages of a 0.7 table: what follows type, sender and time, read and written. [SYNC-301 to SYNC-307]
import { flags } from "@p2p/wire";
import { type Dialect, type Message07, toForm, type Value07 } from "@p2p/wire/legacy";
import { isMap } from "./table.js";

const { broadcast, renegotiate, whisper } = flags.mainTypes;
const { subtypes } = flags;

/** A member as peers lists tell of it. */
export interface Member07 {
  readonly host: string;
  readonly port: number;
  /** Base58 text. */
  readonly id: string;
}

/** What a message says. Ids are text; `…OnWire` is how they came. */
export type Legacy =
  | {
      readonly kind: "handshake";
      readonly member: Member07;
      readonly idOnWire: string | Uint8Array;
      readonly networkId: string;
      readonly networkIdOnWire: string | Uint8Array;
    }
  | { readonly kind: "peers"; readonly members: readonly Member07[] }
  | { readonly kind: "peersWanted" }
  | { readonly kind: "renegotiation" }
  | { readonly kind: "store"; readonly key: string; readonly value: Value07 }
  | { readonly kind: "delta"; readonly key: string; readonly fields: Readonly<Record<string, Value07>> }
  | {
      readonly kind: "state";
      readonly key: string;
      readonly value: Value07;
      readonly owner: string;
      readonly ownerOnWire: string | Uint8Array;
      readonly time: number;
    }
  /** Something that this node has no use for. */
  | { readonly kind: "other" };

const other: Legacy = { kind: "other" };
/** Members of one list that are looked at. */
const maxMembers = 32;
const longestId = 128;
const strictText = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const utf8 = new TextEncoder();

/** Reads a message. What is not as it should be is `other`: 0.7 nodes differ among themselves. */
export function readLegacy({ type, items }: Message07): Legacy {
  const [subtype] = items;
  if (type === renegotiate && subtype === subtypes.compression) return { kind: "renegotiation" };
  if (type === broadcast && subtype === subtypes.store && items.length === 3) return readStore(items);
  if (type === broadcast && subtype === subtypes.delta && items.length === 3) return readDelta(items);
  if (type !== whisper) return other;
  if (subtype === subtypes.handshake && items.length === 5) return readHandshake(items);
  if (subtype === subtypes.peers && items.length === 2) return readPeers(items);
  if (subtype === subtypes.request && items.length === 2)
    return textOf(items[1]) === "*" ? { kind: "peersWanted" } : other;
  if (subtype === subtypes.store && items.length === 5) return readState(items);
  return other;
}

function readHandshake([, id, network, address]: readonly Value07[]): Legacy {
  if (!isId(id) || !isId(network)) return other;
  const member = memberOf(address, id);
  const networkId = idText(network);
  if (member === undefined || networkId === undefined) return other;
  return { kind: "handshake", member, idOnWire: id, networkId, networkIdOnWire: network };
}

function readPeers([, list]: readonly Value07[]): Legacy {
  if (!Array.isArray(list)) return other;
  const members = list.slice(0, maxMembers).flatMap((item: Value07) => {
    const member = Array.isArray(item) ? memberOf(item[0], item[1]) : undefined;
    return member === undefined ? [] : [member];
  });
  return { kind: "peers", members };
}

function readStore([, keyOnWire, value = null]: readonly Value07[]): Legacy {
  const key = textOf(keyOnWire);
  return key === undefined ? other : { kind: "store", key, value };
}

function readDelta([, keyOnWire, fields = null]: readonly Value07[]): Legacy {
  const key = textOf(keyOnWire);
  return key === undefined || !isMap(fields) ? other : { kind: "delta", key, fields };
}

function readState([, keyOnWire, value = null, owner, time]: readonly Value07[]): Legacy {
  const key = textOf(keyOnWire);
  if (key === undefined || !isId(owner)) return other;
  const text = idText(owner);
  if (text === undefined || typeof time !== "number" || !Number.isSafeInteger(time) || time < 0) return other;
  return { kind: "state", key, value, owner: text, ownerOnWire: owner, time };
}

function memberOf(address: Value07 | undefined, id: Value07 | undefined): Member07 | undefined {
  if (!Array.isArray(address) || !isId(id)) return undefined;
  const [host, port] = address as readonly Value07[];
  const text = idText(id);
  if (typeof host !== "string" || host.length > 255 || text === undefined) return undefined;
  if (typeof port !== "number" || !Number.isInteger(port) || port < 0 || port > 65_535) return undefined;
  return { host, port, id: text };
}

function isId(value: Value07 | undefined): value is string | Uint8Array {
  return (typeof value === "string" || value instanceof Uint8Array) && value.length > 0 && value.length <= longestId;
}

/** The text of an id, if it can be one. */
export function idText(id: string | Uint8Array): string | undefined {
  const text = textOf(id);
  return text !== undefined && /^[1-9A-HJ-NP-Za-km-z]+$/.test(text) ? text : undefined;
}

/** Text that may come as bytes; undefined for what is no UTF-8. [SYNC-304] */
function textOf(value: Value07 | undefined): string | undefined {
  if (typeof value === "string") return value;
  if (!(value instanceof Uint8Array)) return undefined;
  try {
    return strictText.decode(value);
  } catch {
    return undefined;
  }
}

/** Items of a handshake that offers no compression, so that frames in flight can always be read. */
export function handshakeItems({ host, port, id }: Member07, networkId: string, dialect: Dialect): readonly Value07[] {
  return [subtypes.handshake, toForm(id, dialect.nodeIds), toForm(networkId, dialect.networkIds), [host, port], []];
}

export function peersItems(members: readonly Member07[], dialect: Dialect): readonly Value07[] {
  return [subtypes.peers, members.map(({ host, port, id }) => [[host, port], toForm(id, dialect.nodeIds)])];
}

export function storeItems(key: string, value: Value07): readonly Value07[] {
  return [subtypes.store, utf8.encode(key), value];
}

export function deltaItems(key: string, fields: Readonly<Record<string, Value07>>): readonly Value07[] {
  return [subtypes.delta, utf8.encode(key), fields];
}

/** The owner goes out as it came in. */
export function stateItems(key: string, value: Value07, owner: string | Uint8Array, time: number): readonly Value07[] {
  return [subtypes.store, utf8.encode(key), value, owner, time];
}

/** The answer to a wish to compress: no method at all. */
export const noCompressionItems: readonly Value07[] = [subtypes.compression, []];
