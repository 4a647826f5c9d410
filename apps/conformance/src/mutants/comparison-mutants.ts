// Tables that are careless when they compare themselves, and with what they forget.
import type { Packable } from "../reference/msgpack.js";
import type { Value } from "../reference/value.js";
import type { Interference } from "../stage/interference.js";
import type { Message } from "../stage/message.js";
import { isWhisper, subtype } from "../stage/messages.js";
import { doublesToSuite, dropsReports, rewritesToNode, rewritesToSuite } from "./layers.js";
import type { NodeMutant } from "./mutant.js";
import { nodeMutant } from "./node-mutant.js";
import { whisperLike } from "./table-mutants.js";

const isOpen = isWhisper(subtype.tableOpen);
const isAccept = isWhisper(subtype.tableAccept);
const isTurn = isWhisper(subtype.tableTurn);

/** Places of the items of a turn. */
const at = { turn: 2, hasMore: 3, ranges: 4, records: 6, wants: 7, gone: 8, seen: 9 } as const;

function withItem(
  message: Message,
  place: number,
  change: (item: Value) => Packable,
): { readonly items: readonly Packable[] } {
  return { items: message.items.map((item, index): Packable => (index === place ? change(item) : item)) };
}

/** Alters one item of the turns that the node says. */
function saysTurns(place: number, change: (item: Value) => Packable, from = 0): Interference {
  const isIt = (message: Message): boolean => isTurn(message) && Number(message.items[at.turn]) >= from;
  return rewritesToSuite(isIt, (message) => withItem(message, place, change));
}

/** The same of those that it hears. */
function hearsTurns(place: number, change: (item: Value) => Packable): Interference {
  return rewritesToNode(isTurn, (message) => withItem(message, place, change));
}

type Range = readonly [path: number, kind: number, prints: Uint8Array];

function rangesOf(item: Value, change: (range: Range) => Packable): Packable {
  return (item as unknown as readonly Range[]).map(change);
}

function isSilent(message: Message): boolean {
  const { items } = message;
  const lists = [items[at.ranges], items[at.records], items[at.wants], items[at.gone], items[at.seen]];
  return items[at.hasMore] === false && lists.every((list) => Array.isArray(list) && list.length === 0);
}

function isList(value: Value | undefined): value is Value[] {
  return Array.isArray(value);
}

export const comparisonMutants: readonly NodeMutant[] = [
  nodeMutant("compare/other-mode", "SYNC-072", "answers with another mode", () =>
    rewritesToSuite(isAccept, (message) => withItem(message, 2, (mode) => (Number(mode) + 1) % 3)),
  ),
  nodeMutant("compare/other-prints", "SYNC-071", "computes other fingerprints", () =>
    saysTurns(at.ranges, (item) =>
      rangesOf(item, ([path, kind, prints]) => [path, kind, prints.map((byte) => byte ^ 1)]),
    ),
  ),
  nodeMutant("compare/other-root", "SYNC-071", "does not know its own fingerprint", () =>
    rewritesToNode(isOpen, (message) =>
      withItem(message, 3, (root) => (root instanceof Uint8Array ? root.map((byte) => byte ^ 1) : root)),
    ),
  ),
  nodeMutant("compare/other-kinds", "SYNC-077", "tells small ranges by fingerprints and large ones by lists", () =>
    saysTurns(at.ranges, (item) => rangesOf(item, ([path, kind, prints]) => [path, 1 - kind, prints])),
  ),
  nodeMutant("compare/no-records", "SYNC-078 SYNC-079", "sends no records", () => saysTurns(at.records, () => [])),
  nodeMutant("compare/no-wants", "SYNC-079", "asks for nothing", () => saysTurns(at.wants, () => [])),
  nodeMutant("compare/no-parts", "SYNC-078", "does not tell the parts that differ", () =>
    saysTurns(at.ranges, () => [], 1),
  ),
  nodeMutant("compare/other-digest", "SYNC-070", "has another digest", () => ({
    answer: (command, ok) => (command.do === "digest" ? `00${String(ok).slice(2)}` : ok),
  })),
  nodeMutant("compare/talks-on", "SYNC-075", "takes two turns", () => doublesToSuite(isTurn)),
  nodeMutant("compare/other-numbers", "SYNC-096", "leaves out a number of a turn", () =>
    saysTurns(at.turn, (turn) => Number(turn) + 2, 1),
  ),
  nodeMutant("compare/no-runs", "SYNC-089", "does not see runs", () =>
    hearsTurns(at.records, (records) =>
      isList(records) ? records.filter((one) => !isList(one) || one[0] !== null) : [],
    ),
  ),
  nodeMutant("compare/answers-both", "SYNC-073", "answers a comparison although its own goes on", () => ({
    toSuite: (bytes, message, link) => {
      if (message && isOpen(message)) link.memory.set("own", message);
      return [bytes];
    },
    toNode: (bytes, message, link) => {
      const own = link.memory.get("own") as Message | undefined;
      if (message && isOpen(message) && own) {
        link.toSuite(whisperLike(own, [subtype.tableAccept, message.items[1] ?? 0, 2, 0, []]));
      }
      return [bytes];
    },
  })),
  nodeMutant("compare/never-ends", "SYNC-087", "has one more turn when there is nothing to say", () => ({
    toSuite: (bytes, message, link) => {
      if (message && isTurn(message) && isSilent(message)) link.memory.set("silent", message);
      return [bytes];
    },
    toNode: (bytes, message, link) => {
      const said = link.memory.get("silent") as Message | undefined;
      if (message && said && isTurn(message) && isSilent(message)) {
        const items = message.items.map((item, index): Packable => (index === at.turn ? Number(item) + 1 : item));
        link.toSuite(whisperLike(said, items));
      }
      return [bytes];
    },
  })),
  nodeMutant("compare/long-turns", "SYNC-076", "does not look at what its peer takes", () =>
    rewritesToSuite(isTurn, (message) => ({ items: [...message.items, new Uint8Array(1_000_000)] })),
  ),
  nodeMutant("compare/first-parts", "SYNC-085", "sends only the first part of a long record", () => {
    const told = new Set<string>();
    return saysTurns(at.records, (records) =>
      isList(records)
        ? records.filter((record) => {
            const key = isList(record) ? String(record[0]) : "";
            const isFirst = !told.has(key);
            told.add(key);
            return isFirst;
          })
        : records,
    );
  }),
  nodeMutant("compare/forgets-seen", "SYNC-063", "does not know what it has seen", () =>
    rewritesToSuite(isAccept, (message) => withItem(message, 4, () => [])),
  ),
  nodeMutant("compare/no-times", "SYNC-086", "does not tell the times where hashes differ", () =>
    saysTurns(at.seen, () => []),
  ),
  nodeMutant("compare/hears-no-records", "SYNC-020", "does not take records of comparisons", () =>
    hearsTurns(at.records, () => []),
  ),
  nodeMutant("compare/no-gone", "SYNC-066", "does not tell what it saw deleted", () => saysTurns(at.gone, () => [])),
  nodeMutant("compare/deaf-to-gone", "SYNC-067", "keeps what it is told is gone", () => hearsTurns(at.gone, () => [])),
  nodeMutant("compare/silent-gone", "SYNC-068", "does not tell the application what is gone", () =>
    dropsReports((report) => report.report === "deleted"),
  ),
];
