// Layers between the suite and a node of a ring: what it answers, and what it hears in answers.
import type { Packable } from "../reference/msgpack.js";
import type { Value } from "../reference/value.js";
import { isAskFor } from "../stage/chord-dictionary.js";
import { isAnswer } from "../stage/chord-messages.js";
import type { Interference, Link } from "../stage/interference.js";
import { type Message, rewrite } from "../stage/message.js";
import { isClose, isPing, isPong, subtype } from "../stage/messages.js";

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

/** No link is ever closed: one that the node closed is answered on for it. */
export function keepsLinks(): Interference {
  const answer = (link: Link, ping: Message): void =>
    link.toSuite(rewrite(ping, { type: 4, items: [...(ping.items as readonly Packable[]), ping.time] }));
  return {
    toNode: (bytes, message, link) => {
      if (!message || !isPing(message)) return [bytes];
      if (link.memory.has("kept")) answer(link, message);
      else link.memory.set("asked", message);
      return [bytes];
    },
    toSuite: (frame, message, link) => {
      if (message && isPong(message)) link.memory.delete("asked");
      if (!message || !isClose(message)) return [frame];
      link.memory.set("kept", true);
      // The node does not answer what came after its close any more.
      const asked = link.memory.get("asked") as Message | undefined;
      if (asked !== undefined) answer(link, asked);
      return [];
    },
    hidesEnd: (link) => link.memory.has("kept"),
  };
}

/** Answers questions of the node in the place of who is asked, who may answer after that as it likes. */
export function answersItself(
  kind: number,
  answer: (question: Message) => readonly Packable[],
  reachesSuite: boolean,
): Interference {
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
        rewrite(message, {
          sender,
          items: [subtype.answer, (message.items[1] ?? 0) as Packable, 0, ...answer(message)],
        }),
      );
      return reachesSuite ? [bytes] : [];
    },
  };
}
