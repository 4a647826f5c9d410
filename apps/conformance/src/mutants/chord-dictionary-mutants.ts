// Nodes that keep the dictionary badly.
import type { Packable } from "../reference/msgpack.js";
import type { Value } from "../reference/value.js";
import { ask, isAskFor, reply } from "../stage/chord-dictionary.js";
import { isAnswer } from "../stage/chord-messages.js";
import type { Interference } from "../stage/interference.js";
import { answers, answersItself, hears, withItem } from "./chord-layers.js";
import { rewritesToNode, rewritesToSuite, withLimits, withOptions } from "./layers.js";
import type { NodeMutant } from "./mutant.js";
import { nodeMutant } from "./node-mutant.js";

const many = 1_000_000_000;

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
    () => answers([ask.put], () => [reply.taken, 31]),
  ),
  nodeMutant(
    "dictionary/promises-all",
    "CHORD-204 CHORD-221 CHORD-230 CHORD-231 CHORD-252",
    "promises each ballot",
    () => answers([ask.promise], (answer) => (answer[0] === reply.promised ? answer : [reply.promised, null, 0])),
  ),
  nodeMutant("dictionary/any-time", "CHORD-252", "takes what is far ahead", () => withLimits({ maxAheadMs: many })),
  nodeMutant("dictionary/any-room", "CHORD-230 CHORD-285", "takes whatever its memory holds", () =>
    withLimits({ maxStoredBytes: many }),
  ),
  nodeMutant("dictionary/any-rate", "CHORD-251", "takes whatever one peer sends", () =>
    withLimits({ writesPerSecond: many, writesBurst: many }),
  ),
  nodeMutant("dictionary/no-hurry", "CHORD-260", "takes as long for an operation as it likes", () =>
    withLimits({ operationTimeoutMs: many }),
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
      ({ items }) => ({ items: [...items.slice(0, 2), 0, reply.taken, 31] }),
    ),
  ),
  nodeMutant("dictionary/stores-nothing", "CHORD-202 CHORD-235 CHORD-236", "does not use its store", () =>
    withOptions(({ store: _, ...options }) => options),
  ),
  nodeMutant("dictionary/no-calendar", "CHORD-237", "does not see how long it was away", () =>
    withOptions(({ wallMs: _, ...options }) => options),
  ),
];

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
          : [reply.has, null, true, 31, 31],
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
    () => answersItself(ask.get, () => [reply.has, null, true, 31, 31], true),
  ),
  nodeMutant(
    "dictionary/silence-is-consent",
    "CHORD-207 CHORD-210 CHORD-219",
    "takes it for granted that writes are taken",
    () => answersItself(ask.put, () => [reply.taken, 31], true),
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
      return taken ? [reply.taken, 31] : answer;
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

export const chordDictionaryMutants: readonly NodeMutant[] = [...records, ...operations];
