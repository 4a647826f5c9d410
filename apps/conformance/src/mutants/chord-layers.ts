// Layers between the suite and a node of a ring: what it answers, and what it hears in answers.
import type { Packable } from "../reference/msgpack.js";
import type { Value } from "../reference/value.js";
import { isAskFor } from "../stage/chord-dictionary.js";
import { isAnswer } from "../stage/chord-messages.js";
import type { Interference } from "../stage/interference.js";
import { type Message, rewrite } from "../stage/message.js";
import { subtype } from "../stage/messages.js";

/** The items with one of them replaced. */
export function withItem(message: Message, index: number, item: Packable): { readonly items: readonly Packable[] } {
  return { items: message.items.map((one, place): Packable => (place === index ? item : one)) };
}

/** What the node answers to a kind of question is altered. The change gets the items from the kind on. */
export function answers(
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

/** What the node hears in answers to a kind of question is altered. */
export function hears(kind: number, change: (answer: readonly Value[]) => readonly Packable[]): Interference {
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
