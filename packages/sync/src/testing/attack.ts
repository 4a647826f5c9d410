// A peer that does not keep the protocol: a bare node of base plays it, linked to a member of a small honest network.
import { type CloseReason, Node, type Security } from "@p2p/base";
import { flags, type NodeId, nodeIdFromBytes, nodeIdToBytes, type WireValue } from "@p2p/wire";
import { expect } from "vitest";
import type { OutgoingTurn } from "../messages/comparison.js";
import { encodeUpdate, type WriteEntry } from "../messages/update.js";
import type { Sync } from "../sync.js";
import type { Member, MemberOptions, Tables } from "./tables.js";
import { writerOf } from "./turn-records.js";

const { subtypes, mainTypes } = flags;
const hourMs = 3_600_000;

export interface Attack {
  readonly node: Node;
  readonly ended: CloseReason[];
  /** The whispers of tables that came, by their first items. */
  readonly whispers: (readonly WireValue[])[];
  /** Tells the victim alone, by its own name or another. */
  whisper(items: readonly WireValue[], sender?: NodeId): void;
  /** Passes on a broadcast, its own or in the name of another node. */
  broadcast(items: readonly WireValue[], sender?: NodeId): void;
  /** Writes with its own stamp; owned records as they are. */
  update(entries: readonly WriteEntry[], stampUs?: number): void;
  close(): void;
}

export interface AttackOptions {
  readonly hasLeases?: boolean;
  /** The last byte of its id; the others are 0, so that it is the one to begin comparisons. Default: 1. */
  readonly idByte?: number;
  /** Of the network of the member. Default: none. */
  readonly security?: Security;
  /** What it does with each whisper that comes. Default: nothing. */
  readonly answer?: (items: readonly WireValue[], whisper: (items: readonly WireValue[]) => void) => void;
}

/** The turn of a comparison that says nothing. */
export const turn: OutgoingTurn = {
  session: 1,
  number: 0,
  hasMore: false,
  ranges: [],
  records: writerOf([]),
  wants: [],
  gone: [],
  seen: [],
};

/** A record of a whole value as an attacker writes it, with a lease of an hour; stamp it by `update`. */
export function claim(value: WireValue, rise = 0): WriteEntry[1] {
  const terms = { rise, claimUs: undefined, renewedUs: undefined, leaseMs: hourMs, freedUs: undefined };
  return { timeUs: 0, origin: "" as NodeId, value, terms, fields: undefined };
}

/** A member with one key, and an honest neighbour of it. */
export async function honestPair(
  tables: Tables,
  options: MemberOptions | ((number: number) => MemberOptions) = {},
): Promise<[victim: Member, honest: Member]> {
  const optionsOf = typeof options === "function" ? options : () => options;
  const victim = await tables.add(optionsOf(0));
  const honest = await tables.add(optionsOf(1));
  await tables.clock.advance(2_000);
  await victim.sync.set("kept", "value");
  await tables.clock.advance(1_000);
  expect(honest.sync.get("kept")).toBe("value");
  return [victim, honest];
}

/** Links an attacker to a member. */
export async function attackOn(tables: Tables, victim: Member, options: AttackOptions = {}): Promise<Attack> {
  const { hasLeases = true, idByte = 1, answer, security } = options;
  const { transports, clock } = victim.sync.mesh.node.seams;
  const features = ["mesh/1", "sync/1", hasLeases ? "leases/1" : "no-leases/1"];
  if (security?.proofs !== undefined) features.push("owned/1");
  const id = nodeIdFromBytes(Uint8Array.from({ length: 48 }, (_, at) => (at === 47 ? idByte : 0)));
  const ofSecurity = security === undefined ? {} : { security };
  const node = new Node({ network: "test", id, features, transports: [...transports.values()], clock, ...ofSecurity });
  const whispers: (readonly WireValue[])[] = [];
  node.attach({
    features: [],
    subtypes: [subtypes.tableOpen, subtypes.tableAccept, subtypes.tableTurn, subtypes.contender, subtypes.clockAhead],
    onConnected: () => undefined,
    onDisconnected: () => undefined,
    onBody: (connection, body) => {
      whispers.push(body.items);
      answer?.(body.items, (items) => connection.sendWhisper(items));
    },
  });
  await node.open();
  const ended: CloseReason[] = [];
  node.on("outboundDisconnected", (_connection, reason) => ended.push(reason));
  const dialled = node.dial(victim.address);
  await tables.clock.settle();
  const connection = await dialled;
  const { writer, times } = node.seams;
  const send = (type: number, items: readonly WireValue[], sender = node.id): void => {
    connection.sendFrame(writer.write(type, nodeIdToBytes(sender), times.next(), items));
  };
  const update: Attack["update"] = (entries, stampUs = clock.now() * 1_000) => {
    const stamped = entries.map(
      ([key, record]): WriteEntry => [
        key,
        record.proof === undefined ? { ...record, timeUs: stampUs, origin: node.id } : record,
      ],
    );
    send(mainTypes.broadcast, encodeUpdate({ stampUs, prevUs: 0, entries: stamped }));
  };
  return {
    node,
    ended,
    whispers,
    whisper: (items, sender) => send(mainTypes.whisper, items, sender),
    broadcast: (items, sender) => send(mainTypes.broadcast, items, sender),
    update,
    close: () => void node.close(),
  };
}

/** The honest nodes still share what they write, and have not lost anything. */
export async function expectServed(tables: Tables, ...members: readonly { readonly sync: Sync }[]): Promise<void> {
  await members[0]?.sync.set("still", "here");
  await tables.clock.settle();
  for (const { sync } of members) {
    expect([sync.get("kept"), sync.get("still")]).toEqual(["value", "here"]);
  }
  expect(tables.digests).toHaveLength(1);
}
