// Nodes that are careless with keys of identities. A layer that believes what is forged signs it anew, in the name of an owner whose
// secret the suite has.

import { toBase58 } from "../reference/base58.js";
import type { Packable } from "../reference/msgpack.js";
import { proofOf } from "../reference/secure/owned.js";
import { unpack } from "../reference/unpack.js";
import { toHex, type Value } from "../reference/value.js";
import { ask, encoded, isAskFor, reason, reply } from "../stage/chord-dictionary.js";
import { isAnswer, isQuestion } from "../stage/chord-messages.js";
import { idOf, nodeSeed, ownerSeed } from "../stage/chord-owned.js";
import type { Interference, Link } from "../stage/interference.js";
import { type Message, rewrite } from "../stage/message.js";
import { handshakeMap, isHandshake } from "../stage/messages.js";
import { answers, withItem } from "./chord-layers.js";
import { dropsToNode, hearsHandshake, neverCloses, rewritesToNode, rewritesToSuite, withOptions } from "./layers.js";
import type { NodeMutant } from "./mutant.js";
import { nodeMutant } from "./node-mutant.js";

const seeds: ReadonlyMap<string, Uint8Array> = new Map(
  [nodeSeed, ownerSeed].map((seed) => [toBase58(idOf(seed)), seed]),
);

type Items = readonly Value[];

const far = 2 ** 52;
const isList = (value: Value | undefined): value is Items => Array.isArray(value);

function contentOf(bytes: Value | undefined): Value | undefined {
  if (!(bytes instanceof Uint8Array)) return undefined;
  try {
    return unpack(bytes);
  } catch {
    return "forged";
  }
}

/** The write as the owner of the key would have made it; of other keys, as it is. */
function signed(key: Value | undefined, items: Items, networkId: unknown, sequence = Number(items[0])): Packable {
  const text = key instanceof Uint8Array ? new TextDecoder().decode(key) : "";
  const seed = seeds.get(text.slice(1, text.indexOf("/")));
  if (seed === undefined || !(networkId instanceof Uint8Array)) return items as Packable;
  const value = contentOf(items[2]);
  const proof = proofOf(seed, { networkId, realm: "chord", key: text, sequence, value });
  return [sequence, idOf(seed), value === undefined ? null : encoded(value), null, proof];
}

/** Signs what the suite puts and copies anew, with another sequence where that is wanted. */
function resigns(sequenceOf?: (sequence: number) => number): Interference {
  return {
    toNode: (bytes, message, link) => {
      if (message === undefined) return [bytes];
      if (isHandshake(message)) link.memory.set("net", handshakeMap(message).net);
      const net = link.memory.get("net");
      const anew = (key: Value | undefined, write: Value | undefined): Packable =>
        isList(write) ? signed(key, write, net, sequenceOf?.(Number(write[0]))) : (write as Packable);
      const [, , kind, first, write] = message.items;
      if (!isQuestion(message)) return [bytes];
      if (kind === ask.put) return [rewrite(message, withItem(message, 4, anew(first, write)))];
      if (kind !== ask.copies || !isList(first)) return [bytes];
      const copies = first.map(
        (copy): Packable => (isList(copy) ? [copy[0] as Packable, anew(copy[0], copy[1])] : copy),
      );
      return [rewrite(message, withItem(message, 3, copies))];
    },
  };
}

/** Believes what it is told about owned keys in answers. */
function believes(): Interference {
  const asked = new Map<string, Items>();
  const nameOf = (link: Link, { items }: Message): string => `${link.index} ${String(items[1])}`;
  return {
    toSuite: (frame, message, link) => {
      if (message && isQuestion(message)) asked.set(nameOf(link, message), message.items.slice(2));
      return [frame];
    },
    toNode: (bytes, message, link) => {
      if (message === undefined) return [bytes];
      if (isHandshake(message)) link.memory.set("net", handshakeMap(message).net);
      const question = asked.get(nameOf(link, message));
      if (!isAnswer(message) || question === undefined || message.items[2] !== 0) return [bytes];
      const answer = believed(question, message.items.slice(3), link.memory.get("net"));
      const [code = 0, requestId = 0] = message.items;
      return [rewrite(message, { items: [code, requestId, 0, ...answer] })];
    },
  };
}

function believed([, key]: Items, answer: Items, net: unknown): readonly Packable[] {
  const [kind, first, ...rest] = answer;
  switch (kind) {
    case reply.has:
      return [kind, isList(first) ? signed(key, first, net) : (first as Packable), ...rest];
    case reply.stale:
    case reply.atomic: {
      const write = signed(key, [far, null, encoded("forged")], net);
      return isList(write as Value) && (write as Items).length === 5
        ? [reply.stale, far, (write as Items)[1] as Packable, write]
        : [...answer];
    }
    case reply.records:
      return [
        kind,
        (first as readonly Items[]).map(
          (copy): Packable => [copy[0] as Packable, signed(copy[0], copy[1] as Items, net)],
        ),
      ];
    case reply.keys:
      return [
        kind,
        (first as readonly Items[]).map((walked): Packable => {
          const write = signed(walked[0], [walked[2] ?? 1, null, walked[1] ?? null], net) as readonly Packable[];
          return write.length === 5
            ? [walked[0] as Packable, walked[1] as Packable, write[0] as Packable, write[4] as Packable]
            : walked;
        }),
        ...rest,
      ];
    default:
      return [...answer];
  }
}

/** Sequences in the order in which writes come. */
function inOrder(): (sequence: number) => number {
  let last = 0;
  return (sequence) => {
    last = Math.max(last + 1, sequence);
    return last;
  };
}

const isStale = (answer: Items): boolean => answer[0] === reply.stale;
const without = (features: Value | undefined): readonly string[] =>
  (isList(features) ? features.map(String) : []).filter((name) => name !== "owned/1");

export const chordOwnedMutants: readonly NodeMutant[] = [
  nodeMutant("owned/any-peer", "CHORD-270", "takes peers that know no owned keys", () =>
    hearsHandshake(({ features }) => ({ features: [...without(features), "owned/1"] })),
  ),
  nodeMutant("owned/takes-forged", "CHORD-271 CHORD-272 CHORD-273 CHORD-276", "verifies no writes", () => resigns()),
  nodeMutant("owned/believes", "CHORD-271 CHORD-272 CHORD-278 CHORD-284", "verifies no answers", believes),
  nodeMutant("owned/blames-nobody", "CHORD-272 CHORD-273", "keeps the links of forgers", neverCloses),
  nodeMutant("owned/last-comes", "CHORD-274 CHORD-277", "keeps of an owned key what came last", () =>
    resigns(inOrder()),
  ),
  nodeMutant("owned/first-of-two", "CHORD-274", "keeps the first of two writes of one sequence", () => {
    const seen = new Set<string>();
    return rewritesToNode(isAskFor(ask.put), (message) => {
      const [, , , key, write] = message.items;
      const name = `${key instanceof Uint8Array ? toHex(key) : ""} ${String(isList(write) ? write[0] : "")}`;
      if (!seen.has(name)) seen.add(name);
      else return withItem(message, 2, ask.get);
      return undefined;
    });
  }),
  nodeMutant("owned/shows-nothing", "CHORD-277", "does not show what is newer", () =>
    answers([ask.put], (answer) => (isStale(answer) ? [...answer.slice(0, 3)] : [...answer])),
  ),
  nodeMutant("owned/minds-clocks", "CHORD-275", "refuses sequences that are ahead of its clock", () =>
    answers([ask.put], (answer, question) =>
      isList(question[2]) && Number(question[2][0]) > far ? [reply.refused, reason.clockAhead] : [...answer],
    ),
  ),
  nodeMutant("owned/votes", "CHORD-276", "promises ballots for owned keys", () =>
    answers([ask.promise], () => [reply.promised, null, 31]),
  ),
  nodeMutant("owned/forgets-deletes", "CHORD-279", "takes an old value in the place of a delete", () =>
    answers([ask.put], (answer) =>
      isStale(answer) && isList(answer[3]) && answer[3][2] === null ? [reply.taken, 31] : [...answer],
    ),
  ),
  nodeMutant("owned/drops-stores", "CHORD-271 CHORD-279", "drops what is owned in an old store, too", () =>
    withOptions(({ store: _, ...options }) => options),
  ),
  nodeMutant("owned/origin-in-items", "CHORD-283", "tells of the origin where ranges are compared", () =>
    answers([ask.compare], ([kind = 0, parts = null, items, ...rest]) => {
      const other = items instanceof Uint8Array ? items.slice() : new Uint8Array(0);
      for (let at = 15; at < other.length; at += 16) other[at] = 0x77;
      return [kind, parts, other, ...rest];
    }),
  ),
  nodeMutant("owned/walks-unproven", "CHORD-281", "proves nothing to walks", () =>
    answers([ask.walk], ([kind = 0, keys, ...rest]) => [
      kind,
      (isList(keys) ? keys : []).map((walked): Packable => (isList(walked) ? walked.slice(0, 2) : walked)),
      ...rest,
    ]),
  ),
  nodeMutant("owned/counts-from-one", "CHORD-280", "gives sequences that its clock has nothing to do with", () => {
    let last = 0;
    return rewritesToSuite(isAskFor(ask.put), (message) => {
      const [, , , , write] = message.items;
      last += 1;
      return withItem(message, 4, [last, ...((write as Items).slice(1) as readonly Packable[])]);
    });
  }),
  nodeMutant("owned/writes-all", "CHORD-282", "writes keys of others", () => ({
    failure: (_command, { code, message }) =>
      code === "not-owner" ? { ok: { positions: 5 } } : { error: { code, message } },
  })),
  nodeMutant("owned/fetches-nothing", "CHORD-271", "takes nothing that its successor tells it", () =>
    dropsToNode((message) => isAnswer(message) && message.items[3] === reply.records),
  ),
];
