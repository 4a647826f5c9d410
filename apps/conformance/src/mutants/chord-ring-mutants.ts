// Nodes that keep a bad place on the ring, and look up badly.
import type { Packable } from "../reference/msgpack.js";
import type { Value } from "../reference/value.js";
import {
  askBit,
  hasBit,
  isAnswer,
  isAsk,
  isFind,
  isFound,
  isHint,
  isLeave,
  isNotice,
  isOfRing,
  isProbe,
  isStanding,
} from "../stage/chord-messages.js";
import type { Message } from "../stage/message.js";
import { subtype } from "../stage/messages.js";
import { keepsLinks, withItem } from "./chord-layers.js";
import {
  doublesReports,
  doublesToSuite,
  dropsToNode,
  dropsToSuite,
  hangsUpOn,
  hearsHandshake,
  layers,
  neverCloses,
  rewritesToNode,
  rewritesToSuite,
  saysHandshake,
  withLimits,
  withOptions,
} from "./layers.js";
import type { NodeMutant } from "./mutant.js";
import { nodeMutant } from "./node-mutant.js";

const many = 1_000_000_000;

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
  nodeMutant("chord/own-rings", "CHORD-010 CHORD-019 CHORD-035", "has a ring of its own", () =>
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
  nodeMutant("chord/no-probes", "CHORD-014 CHORD-023 CHORD-029", "asks nobody for a sign of life", () =>
    dropsToSuite(isProbe),
  ),
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
  nodeMutant("chord/numbers-for-all", "CHORD-057", "tells contacts by numbers to everybody", () =>
    rewritesToNode(isAsk, (message) => withItem(message, 2, Number(message.items[2]) | askBit.numbers)),
  ),
  nodeMutant("chord/one-revision", "CHORD-028", "has one revision for ever", () =>
    rewritesToSuite(isPlace, (message) => withItem(message, 3, 7)),
  ),
  nodeMutant("chord/few-links", "CHORD-036", "has room for few links", () => withLimits({ maxConnections: 6 })),
  nodeMutant(
    "chord/never-merges",
    "CHORD-030 CHORD-034 CHORD-035 CHORD-038",
    "never looks itself up, or a finger",
    () => dropsToSuite(isFind),
  ),
  nodeMutant("chord/no-walks", "CHORD-037", "never walks round a small ring", () =>
    dropsToSuite((message) => isAsk(message) && hasBit(message, askBit.all)),
  ),
  nodeMutant("chord/rare-looks", "CHORD-030 CHORD-037", "looks for what it does not know every ten minutes", () =>
    withLimits({ fingerMs: 600_000 }),
  ),
  nodeMutant("chord/impatient", "CHORD-047", "asks at once twice", () => doublesToSuite(isAsk)),
  nodeMutant("chord/founds-nothing", "CHORD-018", "waits for others for ever", () =>
    withOptions((options) => ({ ...options, bootstrap: ["tcp://127.0.0.1:9"] })),
  ),
];

const alters =
  (match: (message: Message) => boolean, index: number, item: (old: Value) => Packable): NodeMutant["make"] =>
  () =>
    rewritesToSuite(match, (message) => withItem(message, index, item(message.items[index] ?? null)));

const lookups: readonly NodeMutant[] = [
  nodeMutant(
    "chord/owns-nothing",
    "CHORD-042 CHORD-045",
    "names itself as the next, where it is the owner",
    alters(isFound, 2, (status) => (status === 0 ? 1 : (status as number))),
  ),
  nodeMutant("chord/owns-by-no-word", "CHORD-042", "does not look at whether it is taken for the owner", () =>
    rewritesToNode(isFind, (message) => withItem(message, 4, Number(message.items[4]) & ~1)),
  ),
  nodeMutant(
    "chord/same-hops",
    "CHORD-043 CHORD-052",
    "passes lookups on with the hop limit that came",
    alters(isFind, 3, (hops) => Number(hops) + 1),
  ),
  nodeMutant(
    "chord/never-for-owner",
    "CHORD-043",
    "takes nobody for the owner",
    alters(isFind, 4, (bits) => Number(bits) & ~1),
  ),
  nodeMutant("chord/avoids-nobody", "CHORD-044", "does not look at whom to avoid", () =>
    rewritesToNode(
      (message) => isFind(message) && message.items.length > 6,
      (message) => withItem(message, 6, []),
    ),
  ),
  nodeMutant(
    "chord/leads-nobody",
    "CHORD-045",
    "names no next node",
    alters(isFound, 4, () => []),
  ),
  nodeMutant("chord/bears-all", "CHORD-046", "takes any number of lookups", () =>
    withLimits({ maxPerPeer: many, maxRelayed: many }),
  ),
  nodeMutant(
    "chord/says-busy",
    "CHORD-046 CHORD-051 CHORD-054",
    "says that it is busy where it knows no way",
    alters(isFound, 2, (status) => (status === 3 ? 4 : Number(status))),
  ),
  nodeMutant(
    "chord/hops-not-counted",
    "CHORD-051",
    "does not count itself on the way",
    alters(isFound, 3, (hops) => Math.max(1, Number(hops) - 1)),
  ),
  nodeMutant("chord/any-hops", "CHORD-052", "passes on any hop limit", () =>
    rewritesToSuite(
      (message) => isFind(message) && message.items[3] === 79,
      (message) => withItem(message, 3, 3_999_999_999),
    ),
  ),
  nodeMutant("chord/gives-nothing-up", "CHORD-048", "waits for ever", () => withLimits({ lookupMs: many })),
  nodeMutant("chord/gives-up-soon", "CHORD-048", "waits for ten seconds", () => withLimits({ lookupMs: 10_000 })),
  nodeMutant("chord/brings-nothing", "CHORD-049 CHORD-054", "leaves the body out of lookups", () =>
    rewritesToSuite(
      (message) => isFind(message) && message.items.length > 7,
      ({ items }) => ({ items: items.slice(0, 7) }),
    ),
  ),
  nodeMutant("chord/delivers-each", "CHORD-053", "delivers a message as often as it comes", () =>
    doublesReports(({ report }) => report === "message"),
  ),
  nodeMutant(
    "chord/takes-any-body",
    "CHORD-053",
    "says that it took whatever was brought",
    alters(isFound, 2, (status) => (status === 4 ? 0 : Number(status))),
  ),
  nodeMutant("chord/four-successors", "CHORD-039", "has links to its first four successors alone", () =>
    rewritesToNode(isPlace, (message) => withItem(message, 6, (message.items[6] as readonly Packable[]).slice(0, 3))),
  ),
  nodeMutant("chord/keeps-links", "CHORD-039", "keeps links that it has no use for", keepsLinks),
  nodeMutant("chord/never-closes", "CHORD-050", "never closes a link", neverCloses),
  nodeMutant("chord/hangs-up-on-strays", "CHORD-055", "hangs up on who answers what it was not asked", () =>
    hangsUpOn((message) => isFound(message) && Number(message.items[1]) === 77),
  ),
  nodeMutant("chord/strict-length", "CHORD-056", "hangs up on items that it does not know", () =>
    hangsUpOn((message) => isOfRing(message) && message.items.at(-1) === "extra"),
  ),
];

export const chordRingMutants: readonly NodeMutant[] = [...lists, ...lookups];
