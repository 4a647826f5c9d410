// Nodes that keep the dictionary badly.
import type { Packable } from "../reference/msgpack.js";
import type { Value } from "../reference/value.js";
import { ask, isAskFor, reply } from "../stage/chord-dictionary.js";
import { isAnswer } from "../stage/chord-messages.js";
import type { Interference } from "../stage/interference.js";
import { type Message, rewrite } from "../stage/message.js";
import { subtype } from "../stage/messages.js";
import { rewritesToNode, rewritesToSuite, withLimits, withOptions } from "./layers.js";
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

export const chordDictionaryMutants: readonly NodeMutant[] = [...records];
