// Nodes that keep the dictionary badly.
import type { Packable } from "../reference/msgpack.js";
import type { Value } from "../reference/value.js";
import { ask, isAskFor, reply } from "../stage/chord-dictionary.js";
import { isAnswer } from "../stage/chord-messages.js";
import type { Interference } from "../stage/interference.js";
import { type Message, rewrite } from "../stage/message.js";
import { subtype } from "../stage/messages.js";
import { dropsToSuite, layers, rewritesToNode, rewritesToSuite, withLimits, withOptions } from "./layers.js";
import type { NodeMutant } from "./mutant.js";
import { nodeMutant } from "./node-mutant.js";

const many = 1_000_000_000;

/** What the node answers to a kind of question is altered. The change gets the items from the kind on. */
function answers(
  kinds: readonly number[],
  change: (answer: readonly Value[], question: readonly Value[]) => readonly Packable[],
): Interference {
  const open = new Map<string, readonly Value[]>();
  return {
    toNode: (bytes, message, link) => {
      if (message?.subtype === subtype.question)
        open.set(`${link.index} ${String(message.items[1])}`, message.items.slice(2));
      return [bytes];
    },
    toSuite: (frame, message, link) => {
      if (!message || !isAnswer(message)) return [frame];
      const question = open.get(`${link.index} ${String(message.items[1])}`);
      if (question === undefined || !kinds.includes(Number(question[0])) || message.items[2] !== 0) return [frame];
      const [kind = 0, requestId = 0, status = 0, ...answer] = message.items;
      return [rewrite(message, { items: [kind, requestId, status, ...change(answer, question)] })];
    },
  };
}

function withItem(message: Message, index: number, item: Packable): { readonly items: readonly Packable[] } {
  return { items: message.items.map((one, place): Packable => (place === index ? item : one)) };
}

/** Hears each write as newer than all before. */
function newerEachTime(): Interference {
  let lastUs = 0;
  return rewritesToNode(isAskFor(ask.put), (message) => {
    const [timeUs, ...rest] = message.items[4] as readonly Value[];
    lastUs = Math.max(lastUs + 1, Number(timeUs));
    return withItem(message, 4, [lastUs, ...rest]);
  });
}

const records: readonly NodeMutant[] = [
  nodeMutant("dictionary/answers-nothing", "CHORD-200", "cannot answer", () =>
    rewritesToSuite(
      (message) => isAnswer(message) && message.items.length < 7,
      ({ items }) => ({ items: [...items.slice(0, 2), 1] }),
    ),
  ),
  nodeMutant("dictionary/last-comes", "CHORD-203 CHORD-204", "keeps of a key what came last", newerEachTime),
  nodeMutant(
    "dictionary/takes-all",
    "CHORD-203 CHORD-204 CHORD-222 CHORD-223 CHORD-224 CHORD-230 CHORD-231 CHORD-252",
    "says of each write that it took it",
    () => answers([ask.put], () => [reply.taken]),
  ),
  nodeMutant(
    "dictionary/promises-all",
    "CHORD-204 CHORD-221 CHORD-230 CHORD-231 CHORD-252",
    "promises each ballot",
    () => answers([ask.promise], (answer) => (answer[0] === reply.promised ? answer : [reply.promised, null, 0])),
  ),
  nodeMutant("dictionary/any-time", "CHORD-252", "takes what is far ahead", () => withLimits({ maxAheadMs: many })),
  nodeMutant("dictionary/any-room", "CHORD-230", "takes whatever its memory holds", () =>
    withLimits({ maxStoredBytes: many }),
  ),
  nodeMutant("dictionary/remembers-deletes", "CHORD-232", "remembers deletes for ever", () =>
    withLimits({ tombstoneMs: many }),
  ),
  nodeMutant("dictionary/forgets-deletes", "CHORD-232", "forgets deletes soon", () =>
    withLimits({ tombstoneMs: 60_000 }),
  ),
  nodeMutant("dictionary/takes-any-question", "CHORD-240", "answers whatever it does not understand", () =>
    rewritesToSuite(
      (message) => isAnswer(message) && message.items[2] === 1,
      ({ items }) => ({ items: [...items.slice(0, 2), 0, reply.taken] }),
    ),
  ),
  nodeMutant("dictionary/stores-nothing", "CHORD-202 CHORD-235 CHORD-236", "does not use its store", () =>
    withOptions(({ store: _, ...options }) => options),
  ),
  nodeMutant("dictionary/no-calendar", "CHORD-237", "does not see how long it was away", () =>
    withOptions(({ wallMs: _, ...options }) => options),
  ),
];

/** Answers questions of the node in the place of who is asked, who may answer after that as it likes. */
function answersItself(kind: number, answer: readonly Packable[], reachesSuite: boolean): Interference {
  const senders = new Map<number, Uint8Array>();
  return {
    toNode: (bytes, message, link) => {
      if (message) senders.set(link.index, message.sender);
      return [bytes];
    },
    toSuite: (bytes, message, link) => {
      const sender = senders.get(link.index);
      if (!message || !isAskFor(kind)(message) || sender === undefined) return [bytes];
      link.toNode(
        rewrite(message, { sender, items: [subtype.answer, (message.items[1] ?? 0) as Packable, 0, ...answer] }),
      );
      return reachesSuite ? [bytes] : [];
    },
  };
}

/** What the node hears in answers to a kind of question is altered. */
function hears(kind: number, change: (answer: readonly Value[]) => readonly Packable[]): Interference {
  const open = new Set<string>();
  const nameOf = (index: number, message: Message): string => `${index} ${String(message.items[1])}`;
  return {
    toSuite: (bytes, message, link) => {
      if (message && isAskFor(kind)(message)) open.add(nameOf(link.index, message));
      return [bytes];
    },
    toNode: (bytes, message, link) => {
      if (!message || !isAnswer(message) || !open.has(nameOf(link.index, message))) return [bytes];
      const [code = 0, requestId = 0, , ...answer] = message.items;
      return [rewrite(message, { items: [code, requestId, 0, ...change(answer)] })];
    },
  };
}

/** The groups of the writes that the node sends are altered. */
function writesGroups(change: (groups: readonly Value[]) => readonly Value[]): NodeMutant["make"] {
  return () =>
    rewritesToSuite(
      (message) => isAskFor(ask.put)(message) && (message.items[4] as readonly Value[]).length > 3,
      (message) => {
        const [timeUs = 0, origin = null, value = null, groups, lineage = null] = message.items[4] as readonly Value[];
        return withItem(message, 4, [timeUs, origin, value, [...change(groups as readonly Value[])], lineage]);
      },
    );
}

const isSoundHas = ([kind, write, isReady]: readonly Value[]): boolean =>
  kind === reply.has && (write === null || Array.isArray(write)) && isReady === true;

const operations: readonly NodeMutant[] = [
  nodeMutant(
    "dictionary/takes-any-answer",
    "CHORD-205 CHORD-208 CHORD-241",
    "takes every answer for the word that there is nothing",
    () =>
      hears(ask.get, (answer) =>
        isSoundHas(answer) && Array.isArray(answer[1]) && (answer[1] as readonly Value[]).length === 3
          ? answer
          : [reply.has, null, true],
      ),
  ),
  nodeMutant("dictionary/hears-two", "CHORD-206", "hears two answers alone", () => {
    let heard = 0;
    return hears(ask.get, (answer) => (++heard > 2 ? [99] : answer));
  }),
  nodeMutant(
    "dictionary/silence-is-nothing",
    "CHORD-206 CHORD-208",
    "takes silence for the word that there is nothing",
    () => answersItself(ask.get, [reply.has, null, true], true),
  ),
  nodeMutant(
    "dictionary/silence-is-consent",
    "CHORD-207 CHORD-210 CHORD-219",
    "takes it for granted that writes are taken",
    () => answersItself(ask.put, [reply.taken], true),
  ),
  nodeMutant("dictionary/walks-wide", "CHORD-217", "asks each member for all keys", () =>
    rewritesToSuite(isAskFor(ask.walk), (message) => withItem(message, 4, message.items[3] as Packable)),
  ),
  nodeMutant(
    "dictionary/small-groups",
    "CHORD-220",
    "needs a majority from the first write on",
    writesGroups((groups) =>
      groups.map((group) => {
        const [needed, ...members] = group as readonly [number, ...Value[]];
        return [Math.min(needed, Math.floor(members.length / 2) + 1), ...members];
      }),
    ),
  ),
  nodeMutant("dictionary/needs-one", "CHORD-219 CHORD-220", "is done when one took its write", () => {
    let taken = false;
    return hears(ask.put, (answer) => {
      taken ||= answer[0] === reply.taken;
      return taken ? [reply.taken] : answer;
    });
  }),
  nodeMutant("dictionary/creates", "CHORD-219", "creates keys whoever would know of them", () =>
    hears(ask.promise, (answer) =>
      answer[0] === reply.promised ? [reply.promised, answer[1] as Packable, 31] : answer,
    ),
  ),
  nodeMutant("dictionary/always-swaps", "CHORD-219", "says of each operation that it was done", () => ({
    answer: (command, ok) => (command.do === "cas" ? { ...(ok as object), isSwapped: true } : ok),
  })),
  nodeMutant(
    "dictionary/moves-at-once",
    "CHORD-225",
    "changes holders in one step",
    writesGroups((groups) => groups.slice(-1)),
  ),
  nodeMutant("dictionary/no-lineage", "CHORD-226", "does not look at what a write was built on", () =>
    hears(ask.promise, ([kind, write, ...rest]) => [
      kind as Packable,
      Array.isArray(write) && write.length > 4
        ? [...(write as readonly Packable[]).slice(0, 4), new Uint8Array(10)]
        : (write as Packable),
      ...(rest as readonly Packable[]),
    ]),
  ),
  nodeMutant("dictionary/no-holders", "CHORD-227", "reads atomic writes as plain ones", () =>
    hears(ask.get, ([kind, write, ...rest]) => [
      kind as Packable,
      Array.isArray(write) ? (write as readonly Packable[]).slice(0, 3) : (write as Packable),
      ...(rest as readonly Packable[]),
    ]),
  ),
];

const upkeep: readonly NodeMutant[] = [
  nodeMutant("dictionary/always-ready", "CHORD-211", "says that it is ready from the start", () =>
    answers([ask.get], ([kind, write]) => [kind as Packable, write as Packable, true]),
  ),
  nodeMutant("dictionary/never-compares", "CHORD-211 CHORD-233", "compares nothing", () =>
    dropsToSuite(isAskFor(ask.compare)),
  ),
  nodeMutant("dictionary/always-sure", "CHORD-218", "would know of every key", () =>
    answers([ask.promise], ([kind, write, ...rest]) =>
      kind === reply.promised
        ? [kind, write as Packable, 31]
        : [kind as Packable, write as Packable, ...(rest as readonly Packable[])],
    ),
  ),
  nodeMutant("dictionary/never-sure", "CHORD-218", "would know of no key", () =>
    answers([ask.promise], ([kind, write, ...rest]) =>
      kind === reply.promised
        ? [kind, write as Packable, 0]
        : [kind as Packable, write as Packable, ...(rest as readonly Packable[])],
    ),
  ),
  nodeMutant("dictionary/other-items", "CHORD-233", "tells items with the versions left out", () =>
    answers([ask.compare], ([kind, parts, items]) => [
      kind as Packable,
      parts as Packable,
      (items as Uint8Array).map((byte, at) => (at % 16 < 8 ? byte : 0)),
    ]),
  ),
  nodeMutant("dictionary/other-prints", "CHORD-233", "adds up fingerprints in another way", () =>
    rewritesToSuite(isAskFor(ask.compare), (message) =>
      withItem(
        message,
        5,
        (message.items[5] as Uint8Array).map((byte) => byte ^ 1),
      ),
    ),
  ),
  nodeMutant("dictionary/drops", "CHORD-215", "drops a record whatever the owners say", () =>
    layers(
      hears(ask.have, () => [reply.copied, Uint8Array.of(1)]),
      hears(ask.copies, () => [reply.copied, Uint8Array.of(1)]),
    ),
  ),
  nodeMutant("dictionary/abandons-soon", "CHORD-229", "gives holders up after a second", () =>
    withLimits({ abandonMs: 1_000 }),
  ),
];

export const chordDictionaryMutants: readonly NodeMutant[] = [...records, ...operations, ...upkeep];
