// Tables under test, peers that have one too, and the messages of tables as the suite writes and recognises them (spec/sync.md).
import type { Packable } from "../../reference/msgpack.js";
import type { Value } from "../../reference/value.js";
import type { Message } from "../../stage/message.js";
import { isWhisper, subtype } from "../../stage/messages.js";
import type { RawPeer } from "../../stage/raw-peer.js";
import type { OpenOptions, PeerOptions, Stage } from "../../stage/stage.js";
import type { TestNode } from "../../stage/test-node.js";
import { meshPeer } from "../mesh/links.js";

export const isUpdate = (message: Message): boolean => message.type === 0 && message.subtype === subtype.store;
export const isOpen: (message: Message) => boolean = isWhisper(subtype.tableOpen);
export const isAccept: (message: Message) => boolean = isWhisper(subtype.tableAccept);
export const isTurn: (message: Message) => boolean = isWhisper(subtype.tableTurn);

export const usualLeaseMs = 3_600_000;
export const second = 1_000_000;

/** A table whose clock stands, at the beginning of a second that is about now: neighbours' clocks agree with it. */
export interface StagedTable {
  readonly node: TestNode;
  /** Its time, in µs. */
  readonly nowUs: number;
}

export async function openTable(stage: Stage, options: OpenOptions = {}): Promise<StagedTable> {
  const node = await stage.open({ kind: "sync", clock: "manual", ...options });
  const nowMs = Math.floor(Date.now() / 1_000) * 1_000;
  await node.call({ do: "set-wall", ms: nowMs });
  return { node, nowUs: nowMs * 1_000 };
}

/** An id below that of any node: its owner is the one to begin comparisons, so the node begins none by itself. */
export function lowId(number = 1): Uint8Array {
  const id = new Uint8Array(48);
  id[47] = number;
  return id;
}

/** An id above that of any node. */
export function highId(number = 1): Uint8Array {
  const id = new Uint8Array(48).fill(255);
  id[47] = number;
  return id;
}

export interface TablePeerOptions extends PeerOptions {
  readonly leases?: boolean;
}

/** A neighbour with a table. */
export function tablePeer(stage: Stage, node: TestNode, options: TablePeerOptions = {}): Promise<RawPeer> {
  const { leases = true, id = lowId(), ...rest } = options;
  return meshPeer(stage, node, { features: tableFeatures(leases), id, ...rest });
}

export function tableFeatures(leases: boolean): string[] {
  return ["mesh/1", "requests/1", "sync/1", leases ? "leases/1" : "no-leases/1"];
}

export interface UpdateFields {
  /** Default: the peer. */
  readonly origin?: Uint8Array;
  readonly stampUs: number;
  readonly beforeUs?: number;
  readonly entries: readonly Packable[];
}

/** A write of some keys, as its origin told it. */
export function sendUpdate(peer: RawPeer, { origin, stampUs, beforeUs = 0, entries }: UpdateFields): void {
  peer.sendAs(origin ?? peer.id, 0, subtype.store, stampUs, beforeUs, entries);
}

/** An update as it came. */
export interface ReadUpdate {
  readonly stampUs: number;
  readonly beforeUs: number;
  readonly entries: readonly ReadEntry[];
}

export interface ReadEntry {
  readonly key: string;
  readonly kind: number;
  readonly value: Value | undefined;
  readonly epoch: number;
  readonly claimUs: number;
  readonly leaseMs: number;
  readonly freedUs: number;
}

export function readUpdate({ items }: Message): ReadUpdate {
  const [, stampUs, beforeUs, entries] = items;
  return {
    stampUs: Number(stampUs),
    beforeUs: Number(beforeUs),
    entries: (entries as Value[]).map((entry) => readEntry(entry as Value[], Number(stampUs))),
  };
}

/** The items before the terms: set, delete, delta, renewal. */
const fixedItems = [3, 2, 4, 2];

function readEntry(items: readonly Value[], stampUs: number): ReadEntry {
  const kind = Number(items[1]);
  const [rise = 0, ageUs = 0, leaseMs = usualLeaseMs, freedUs = 0] = items.slice(fixedItems[kind]).map(Number);
  const claimUs = stampUs - ageUs;
  return {
    key: String(items[0]),
    kind,
    value: kind === 0 || kind === 2 ? items[2] : undefined,
    epoch: Math.floor(claimUs / second) + rise,
    claimUs,
    leaseMs,
    freedUs,
  };
}

/** The next update that has an entry of the key. */
export async function nextUpdateOf(peer: RawPeer, key: string): Promise<ReadUpdate & { readonly entry: ReadEntry }> {
  const message = await peer.next(
    (one) => isUpdate(one) && readUpdate(one).entries.some((entry) => entry.key === key),
    `an update of "${key}"`,
  );
  const update = readUpdate(message);
  const entry = update.entries.find((one) => one.key === key);
  return { ...update, entry: entry as ReadEntry }; // it was found just now
}
