// Nodes that keep a bad place on the ring, and look up badly.
import type { Packable } from "../reference/msgpack.js";
import type { Value } from "../reference/value.js";
import { askBit, isAnswer, isFind, isHint, isLeave, isNotice, isProbe, isStanding } from "../stage/chord-messages.js";
import type { Message } from "../stage/message.js";
import { subtype } from "../stage/messages.js";
import {
  dropsToNode,
  dropsToSuite,
  hearsHandshake,
  layers,
  rewritesToNode,
  rewritesToSuite,
  saysHandshake,
  withLimits,
  withOptions,
} from "./layers.js";
import type { NodeMutant } from "./mutant.js";
import { nodeMutant } from "./node-mutant.js";

const many = 1_000_000_000;

/** The items with one of them replaced. */
function withItem(message: Message, index: number, item: Packable): { readonly items: readonly Packable[] } {
  return { items: message.items.map((one, place): Packable => (place === index ? item : one)) };
}

/** Whether an answer tells a whole neighbourhood. */
const isPlace = (message: Message): boolean => isAnswer(message) && message.items.length === 7;

/** What the node tells of its list is altered. */
function tellsList(change: (list: readonly Value[]) => readonly Value[]): NodeMutant["make"] {
  return () =>
    rewritesToSuite(isPlace, (message) => withItem(message, 6, [...change(message.items[6] as readonly Value[])]));
}

/** Tells its place as it was when it knew most. */
function neverForgets(): NodeMutant["make"] {
  return () => {
    let most: Message | undefined;
    const known = (message: Message | undefined): number =>
      message === undefined ? 0 : (message.items[6] as readonly Value[]).length + (message.items[5] === null ? 0 : 1);
    return rewritesToSuite(isPlace, (message) => {
      if (known(message) >= known(most)) most = message;
      const [kind, requestId, status, revision] = message.items as readonly Packable[];
      return { items: [kind ?? 0, requestId ?? 0, status ?? 0, revision ?? 0, ...(most as Message).items.slice(4)] };
    });
  };
}

const lists: readonly NodeMutant[] = [
  nodeMutant("chord/unnamed", "CHORD-001", "does not list its feature", () =>
    saysHandshake(() => ({ features: ["requests/1"] })),
  ),
  nodeMutant("chord/any-peers", "CHORD-001", "takes peers without the feature", () =>
    hearsHandshake(() => ({ features: ["chord/1", "requests/1"] })),
  ),
  nodeMutant("chord/no-standing", "CHORD-003", "tells its standing only once", () => {
    let told = 0;
    return dropsToSuite((message) => isStanding(message) && ++told > 2);
  }),
  nodeMutant("chord/always-a-member", "CHORD-003 CHORD-017 CHORD-018", "says that it is a member, whatever it is", () =>
    rewritesToSuite(isStanding, (message) => withItem(message, 1, 2)),
  ),
  nodeMutant("chord/takes-all-for-local", "CHORD-004", "takes every peer for one on its own machine", () =>
    withOptions((options) => ({ ...options, listen: ["tcp://127.0.0.1:0"] })),
  ),
  nodeMutant("chord/own-rings", "CHORD-010 CHORD-019", "has a ring of its own", () =>
    withOptions((options) => ({ ...options, bootstrap: [] })),
  ),
  nodeMutant(
    "chord/reversed-list",
    "CHORD-011",
    "tells its list backwards",
    tellsList((list) => [...list].reverse()),
  ),
  nodeMutant(
    "chord/short-list",
    "CHORD-012 CHORD-021 CHORD-022",
    "tells its head alone",
    tellsList((list) => list.slice(0, 1)),
  ),
  nodeMutant(
    "chord/never-forgets",
    "CHORD-013 CHORD-015 CHORD-016 CHORD-026",
    "tells for ever whom it knew once",
    neverForgets(),
  ),
  nodeMutant("chord/no-probes", "CHORD-014 CHORD-023", "asks nobody for a sign of life", () => dropsToSuite(isProbe)),
  nodeMutant("chord/never-notifies", "CHORD-015 CHORD-022 CHORD-034 CHORD-038", "notifies nobody", () =>
    rewritesToSuite(isNotice, (message) => withItem(message, 2, Number(message.items[2]) - askBit.notifies)),
  ),
  nodeMutant("chord/not-notified", "CHORD-016 CHORD-023 CHORD-024", "does not hear that it is notified", () =>
    rewritesToNode(isNotice, (message) => withItem(message, 2, Number(message.items[2]) - askBit.notifies)),
  ),
  nodeMutant("chord/slow", "CHORD-020", "has a round every minute", () => withLimits({ stabiliseMs: 60_000 })),
  nodeMutant("chord/calm", "CHORD-020", "is never in a hurry", () => withLimits({ hurryMs: 5_000 })),
  nodeMutant("chord/no-nearer", "CHORD-022", "does not look at the predecessor that its head tells", () =>
    rewritesToNode(isPlace, (message) => withItem(message, 5, null)),
  ),
  nodeMutant("chord/no-hints", "CHORD-024 CHORD-034", "gives no hints", () => dropsToSuite(isHint)),
  nodeMutant("chord/deaf-to-hints", "CHORD-038", "does not hear hints", () => dropsToNode(isHint)),
  nodeMutant("chord/silent-leave", "CHORD-025", "leaves without a word", () => dropsToSuite(isLeave)),
  nodeMutant("chord/leaves-nameless", "CHORD-025", "names no predecessor when it leaves", () =>
    rewritesToSuite(isLeave, () => ({ items: [subtype.leave, [new Uint8Array(48), []]] })),
  ),
  nodeMutant("chord/deaf-to-leaves", "CHORD-026", "does not hear that somebody leaves", () =>
    dropsToNode((message) => isLeave(message) || (isStanding(message) && message.items[1] !== 2)),
  ),
  nodeMutant("chord/all-members", "CHORD-027", "takes everybody for a member", () =>
    layers(
      rewritesToNode(isStanding, (message) => withItem(message, 1, 2)),
      rewritesToNode(isPlace, (message) => withItem(message, 4, Number(message.items[4]) | 1)),
    ),
  ),
  nodeMutant("chord/one-revision", "CHORD-028", "has one revision for ever", () =>
    rewritesToSuite(isPlace, (message) => withItem(message, 3, 7)),
  ),
  nodeMutant("chord/never-looks-round", "CHORD-036", "does not look round for all members", () =>
    withLimits({ fingerMs: many }),
  ),
  nodeMutant("chord/never-merges", "CHORD-034 CHORD-038", "never looks itself up", () => dropsToSuite(isFind)),
  nodeMutant("chord/founds-nothing", "CHORD-018", "waits for others for ever", () =>
    withOptions((options) => ({ ...options, bootstrap: ["tcp://127.0.0.1:9"] })),
  ),
];

export const chordRingMutants: readonly NodeMutant[] = [...lists];
