// Nodes that are careless with signatures of messages. A layer that takes what is forged signs it anew, in the name of a sender
// whose secret the suite has.

import { frame } from "../reference/frame.js";
import type { Packable } from "../reference/msgpack.js";
import { formsOf, seedOf } from "../reference/secure/identity.js";
import { readEnvelope, signedBody } from "../reference/secure/signed-messages.js";
import { toHex, type Value } from "../reference/value.js";
import type { Interference, Link } from "../stage/interference.js";
import { type Message, rewrite } from "../stage/message.js";
import { closeCode, handshakeMap, isBroadcast, isHandshake, isWhisper, subtype } from "../stage/messages.js";
import {
  dropsToNode,
  hangsUpOn,
  hearsHandshake,
  neverCloses,
  rewritesToSuite,
  saysHandshake,
  withLimits,
  withOptions,
} from "./layers.js";
import type { NodeMutant } from "./mutant.js";
import { nodeMutant } from "./node-mutant.js";

const seeds: ReadonlyMap<string, Uint8Array> = new Map(
  Array.from({ length: 100 }, (_, number) => [toHex(formsOf(seedOf(number)).id), seedOf(number)]),
);

const isRouted = isWhisper(subtype.routed);
const isReceipt = isWhisper(subtype.receipt);

const envelopeOf = (items: readonly Value[]): readonly Value[] | undefined => {
  const last = items.at(-1);
  return Array.isArray(last) && last[0] === "p2p/env" ? (last as readonly Value[]) : undefined;
};

const sequenceOf = (message: Message): number => Number(envelopeOf(message.items)?.[2] ?? 0);

/** The items that are no envelope. */
const plainItems = (items: readonly Value[]): readonly Packable[] =>
  // What was read can be written.
  items.filter((item) => !(Array.isArray(item) && item[0] === "p2p/env")).slice(0, 3) as readonly Packable[];

interface Anew {
  readonly sequence?: number;
  readonly time?: number;
}

/** Signs broadcasts that match anew, in the name of their sender. */
function resigns(match: (message: Message, networkId: Uint8Array, link: Link) => Anew | undefined): Interference {
  return {
    toNode: (bytes, message, link) => {
      if (message === undefined) return [bytes];
      if (isHandshake(message)) link.memory.set("net", handshakeMap(message).net);
      const networkId = link.memory.get("net");
      const seed = seeds.get(toHex(message.sender));
      if (!isBroadcast(message) || seed === undefined || !(networkId instanceof Uint8Array)) return [bytes];
      const anew = match(message, networkId, link);
      if (anew === undefined) return [bytes];
      const { sequence = sequenceOf(message), time = message.time } = anew;
      return [frame(signedBody({ seed, networkId, items: plainItems(message.items), time, sequence }))];
    },
  };
}

let fresh = Date.now() * 2000;

/** Receipts are proven anew on their way to the node, in the name of their sender. */
function provesReceipts(): Interference {
  return {
    toNode: (bytes, message, link) => {
      if (message === undefined) return [bytes];
      if (isHandshake(message)) link.memory.set("net", handshakeMap(message).net);
      const networkId = link.memory.get("net");
      const seed = seeds.get(toHex(message.sender));
      if (!isReceipt(message) || seed === undefined || !(networkId instanceof Uint8Array)) return [bytes];
      // The form of receipts, which was seen.
      const [kind, origin, hops, innerId] = message.items as readonly [number, Uint8Array, number, Uint8Array];
      const time = Date.now() * 1000;
      const items = [kind, innerId];
      const proof = signedBody({ seed, networkId, type: 2, items, time, sequence: ++fresh, to: origin });
      return [rewrite(message, { items: [kind, origin, hops, innerId, proof] })];
    },
  };
}

const holds = (message: Message, networkId: Uint8Array): boolean =>
  readEnvelope(networkId, message.body)?.holds === true;

/** The bytes of the proof of a message. */
const proofOf = (message: Message): Uint8Array => {
  const last = envelopeOf(message.items)?.at(-1);
  return last instanceof Uint8Array ? last : new Uint8Array(0);
};

const hasOddForm = (message: Message, networkId: Uint8Array): boolean => {
  const read = readEnvelope(networkId, message.body);
  return read !== undefined && read.proof === undefined;
};

/** Whether the message leads to a root that held before, whoever signed it. */
const isOfKnownRoot = (message: Message, networkId: Uint8Array, link: Link): boolean => {
  const known = (link.memory.get("roots") as Set<string> | undefined) ?? new Set<string>();
  link.memory.set("roots", known);
  const read = readEnvelope(networkId, message.body);
  if (read === undefined) return false;
  if (read.holds) known.add(toHex(read.root));
  return !read.holds && known.has(toHex(read.root));
};

const isFar = ({ time }: Message): boolean => Math.abs(time - Date.now() * 1000) > 30 * 60e6;

function remembers(drop: (numbers: Set<number>, sequence: number) => boolean): Interference {
  const heard = (link: Link): Map<string, Set<number>> => {
    const known = (link.memory.get("heard") as Map<string, Set<number>> | undefined) ?? new Map<string, Set<number>>();
    link.memory.set("heard", known);
    return known;
  };
  return dropsToNode((message, link) => {
    if (!isBroadcast(message)) return false;
    const bySender = heard(link);
    const numbers = bySender.get(toHex(message.sender)) ?? new Set<number>();
    bySender.set(toHex(message.sender), numbers);
    const isDropped = drop(numbers, sequenceOf(message));
    numbers.add(sequenceOf(message));
    return isDropped;
  });
}

const without = (names: Value | undefined): readonly string[] =>
  Array.isArray(names) ? names.map(String).filter((name) => !name.startsWith("sign")) : [];

export const signedMutants: readonly NodeMutant[] = [
  nodeMutant("takes-forged", "SEC-072", "does not verify signatures", () =>
    resigns((message, networkId) => (holds(message, networkId) ? undefined : {})),
  ),
  nodeMutant("neighbours-key", "SEC-072", "hangs up on what another than the neighbour signed", () =>
    hangsUpOn((message, link) => {
      if (isHandshake(message)) link.memory.set("id", toHex(message.sender));
      return isBroadcast(message) && toHex(message.sender) !== link.memory.get("id");
    }),
  ),
  nodeMutant("alone-only", "SEC-085", "takes only what was signed alone", () =>
    dropsToNode((message) => isBroadcast(message) && proofOf(message).length > 64),
  ),
  nodeMutant("strays", "SEC-085", "does not follow paths", () =>
    resigns((message, networkId) =>
      proofOf(message).length < 300 && !hasOddForm(message, networkId) && !holds(message, networkId) ? {} : undefined,
    ),
  ),
  nodeMutant("odd-proofs", "SEC-086", "takes proofs of any form", () =>
    resigns((message, networkId) => (hasOddForm(message, networkId) ? {} : undefined)),
  ),
  nodeMutant("any-signature-of-root", "SEC-087", "looks at signatures of new roots alone", () =>
    resigns((message, networkId, link) => (isOfKnownRoot(message, networkId, link) ? {} : undefined)),
  ),
  nodeMutant("takes-unsigned", "SEC-073", "takes messages without an envelope", () =>
    resigns(({ items }) => (envelopeOf(items) === undefined ? { sequence: ++fresh } : undefined)),
  ),
  nodeMutant("refuses-unsigned", "SEC-073", "refuses unsigned messages where none is required to be", () =>
    dropsToNode((message) => isBroadcast(message) && envelopeOf(message.items) === undefined),
  ),
  nodeMutant("misdirected-taken", "SEC-081", "does not look at the receiver in an envelope", () =>
    resigns(({ items }) => ((envelopeOf(items)?.length ?? 0) === 5 ? {} : undefined)),
  ),
  nodeMutant("no-receiver", "SEC-081", "names no receiver in its envelopes", () =>
    rewritesToSuite(isRouted, ({ items }) => ({
      items: [...items.slice(0, 4), new Uint8Array(8)] as readonly Packable[],
    })),
  ),
  nodeMutant("receipt-unproven", "SEC-089", "does not sign its receipts", () =>
    rewritesToSuite(isReceipt, ({ items }) => ({ items: items.slice(0, 4) as readonly Packable[] })),
  ),
  nodeMutant("receipt-believed", "SEC-089", "does not look at the proofs of receipts", provesReceipts),
  nodeMutant("counts-forged", "SEC-074", "notes the numbers of what it has not verified", () =>
    remembers((numbers, sequence) => numbers.has(sequence)),
  ),
  nodeMutant("any-time", "SEC-075", "takes messages of any time", () =>
    resigns((message) => (isFar(message) ? { time: Date.now() * 1000 } : undefined)),
  ),
  nodeMutant("impatient-clock", "SEC-075", "takes messages of a minute alone", () =>
    withLimits({ freshnessMs: 60_000 }),
  ),
  nodeMutant("no-window", "SEC-076", "does not look at numbers", () =>
    resigns((message) => ({ sequence: ++fresh, time: message.time })),
  ),
  nodeMutant("in-order", "SEC-076", "takes numbers in their order alone", () =>
    remembers((numbers, sequence) => [...numbers].some((number) => number > sequence)),
  ),
  nodeMutant("forgetful", "SEC-078", "forgets at its end what it heard", () =>
    withOptions(({ replays: _, ...options }) => options),
  ),
  nodeMutant("same-numbers", "SEC-079", "gives all messages the same number", () =>
    rewritesToSuite(isBroadcast, ({ items }) => {
      const envelope = envelopeOf(items);
      if (envelope === undefined) return undefined;
      const altered = [...envelope.slice(0, 2), 7, ...envelope.slice(3)];
      return { items: [...items.slice(0, -1), altered] as readonly Packable[] };
    }),
  ),
  nodeMutant("unnamed-rule", "SEC-080", "does not tell that it signs", () =>
    saysHandshake(({ features }) => ({ features: without(features) })),
  ),
  nodeMutant("any-rule", "SEC-080", "takes peers that do not sign", () =>
    hearsHandshake(({ features }) => ({
      features: [...without(features), "signed/1", "signs/1"],
    })),
  ),
  nodeMutant("blames-nobody", "SEC-082", "keeps links over which forged messages come", neverCloses),
  nodeMutant("blames-all", "SEC-082", "drops a link for an old message", () =>
    hangsUpOn((message) => isBroadcast(message) && message.time < 1_000),
  ),
  nodeMutant("normal-blame", "SEC-082", "closes with normal who brings forged messages", () =>
    rewritesToSuite(isWhisper(subtype.close), ({ items }) =>
      items[1] === closeCode.rejected ? { items: [subtype.close, closeCode.normal, ""] } : undefined,
    ),
  ),
];
