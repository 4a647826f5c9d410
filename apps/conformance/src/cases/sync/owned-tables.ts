// Tables of nodes with identities, neighbours that have some too, and owned records as the suite makes them (spec/sync.md, section 11).
import type { Packable } from "../../reference/msgpack.js";
import { publicKeyOf } from "../../reference/secure/ed25519.js";
import { idOfKey, seedOf } from "../../reference/secure/identity.js";
import { ownedKeyOf, proofOf } from "../../reference/secure/owned.js";
import type { OwnedStatement } from "../../reference/secure/owned-statement.js";
import { toHex, type Value } from "../../reference/value.js";
import { checkEqual } from "../../runner/expect.js";
import type { RawPeer } from "../../stage/raw-peer.js";
import { secureNetworkId } from "../../stage/secure/shake.js";
import type { OpenOptions, Stage } from "../../stage/stage.js";
import type { TestNode } from "../../stage/test-node.js";
import { isNeighbour, meshFence, sendNeighbour } from "../mesh/links.js";
import { securePeer } from "../secure/channels.js";
import { compare, modes, nextTurn, sendTurn, wrongRoot } from "./comparing.js";
import { isUpdate, openTable, type StagedTable, sendUpdate, tableFeatures } from "./tables.js";

/** The identity of the node under test. */
export const nodeSeed: Uint8Array = seedOf(60);
/** Whose key it is about; it is no neighbour. */
export const ownerSeed: Uint8Array = seedOf(61);
export const ownerId: Uint8Array = idOf(ownerSeed);
export const ownedName: string = ownedKeyOf(ownerSeed, "profile");

export const kinds = { entry: 4, record: 2 } as const;

function idOf(seed: Uint8Array): Uint8Array {
  return idOfKey(publicKeyOf(seed));
}

/** Identities below that of the node: they are the ones to begin comparisons. */
const lowSeeds: readonly Uint8Array[] = Array.from({ length: 40 }, (_, number) => seedOf(100 + number)).filter(
  (seed) => toHex(idOf(seed)) < toHex(idOf(nodeSeed)),
);

export function openOwnedTable(stage: Stage, options: OpenOptions = {}): Promise<StagedTable> {
  return openTable(stage, { security: "noise", seed: toHex(nodeSeed), ...options });
}

export const ownedFeatures: readonly string[] = [...tableFeatures(true), "owned/1"];

/** A neighbour with a table and an identity, which begins comparisons. @param number of several */
export async function ownedPeer(
  stage: Stage,
  node: TestNode,
  number = 0,
  features: readonly string[] = ownedFeatures,
): Promise<RawPeer> {
  const seed = lowSeeds[number];
  if (seed === undefined) throw new RangeError("there are no more identities below that of the node");
  const { peer } = await securePeer(stage, node, { features: [...features], shake: { seed } });
  sendNeighbour(peer, 3, false);
  await peer.next(isNeighbour, "the neighbour message of the node");
  return peer;
}

export interface OwnedParts {
  readonly sequence: number;
  /** Undefined: a removal. */
  readonly value: Packable | undefined;
  /** Default: {@link ownedName}. */
  readonly key?: string;
  /** Who signs. Default: the owner. */
  readonly signer?: Uint8Array;
  /** What is signed, where it is another than what is told. */
  readonly signed?: Partial<OwnedStatement>;
  /** In the place of the one that is made. */
  readonly proof?: Packable;
}

/** An owned record as it is told, sound but for what is given. @param kind its number among entries, or among records */
export function owned(stage: Stage, kind: number, parts: OwnedParts): Packable[] {
  const { sequence, value, key = ownedName, signer = ownerSeed, signed = {}, proof } = parts;
  const networkId = secureNetworkId(stage.network, false);
  const made = proof ?? proofOf(signer, { networkId, realm: "sync", key, sequence, value, ...signed });
  return [key, kind, made, sequence, ...(value === undefined ? [] : [value])];
}

/** Records that the owner of the key did not write, by what is wrong with them. */
export function forgeries(stage: Stage, kind: number, sequence: number): readonly (readonly [string, Packable[]])[] {
  const told = { sequence, value: "forged" };
  const of = (signed: Partial<OwnedStatement>): Packable[] => owned(stage, kind, { ...told, signed });
  return [
    ["another's proof", owned(stage, kind, { ...told, signer: seedOf(62) })],
    ["a proof of zeroes", owned(stage, kind, { ...told, proof: new Uint8Array(96) })],
    ["a short proof", owned(stage, kind, { ...told, proof: new Uint8Array(95) })],
    ["a proof of another value", of({ value: "mine" })],
    ["a proof of a removal", of({ value: undefined })],
    ["a proof of another number", of({ sequence: sequence + 1 })],
    ["a proof of another key", of({ key: `${ownedName}s` })],
    ["a proof of another network", of({ networkId: new Uint8Array(32) })],
    ["a proof for a ring", of({ realm: "chord" })],
    ["a removal with the proof of a value", owned(stage, kind, { ...told, value: undefined, signed: { value: "x" } })],
  ];
}

/** The next owned entry of a key among the updates that come. */
export async function nextOwned(
  peer: RawPeer,
  key: string,
): Promise<{ readonly stampUs: number; readonly entry: readonly Value[] }> {
  const entriesIn = (items: readonly Value[]): readonly (readonly Value[])[] => items[3] as readonly Value[][];
  const { items } = await peer.next(
    (one) => isUpdate(one) && entriesIn(one.items).some(([name]) => name === key),
    `an update of "${key}"`,
  );
  return { stampUs: Number(items[1]), entry: entriesIn(items).find(([name]) => name === key) ?? [] };
}

/** A table with one write of the owner, of now. */
export async function openWrittenTable(
  stage: Stage,
  value: Packable = "mine",
): Promise<StagedTable & { readonly peer: RawPeer }> {
  const table = await openOwnedTable(stage);
  const peer = await ownedPeer(stage, table.node);
  const sequence = table.nowUs;
  sendUpdate(peer, { stampUs: table.nowUs, entries: [owned(stage, kinds.entry, { sequence, value })] });
  await meshFence(peer, table.node);
  checkEqual(await table.node.table(), { [ownedName]: value }, "the table, after what the owner wrote");
  return { ...table, peer };
}

/** The node is asked for a turn, and gets these records in the next one. */
export async function tellRecords(
  peer: RawPeer,
  records: readonly Packable[],
  origins: readonly Uint8Array[] = [],
): Promise<void> {
  const { mode } = await compare(peer, { records: records.length + 40, root: wrongRoot });
  checkEqual(mode, modes.stream, "the mode of the comparison");
  await nextTurn(peer);
  sendTurn(peer, { turn: 1, origins, records });
}
