// Nodes that are careless with links, peer exchange and direct messages.
import { randomBytes } from "node:crypto";
import { encodeBody } from "../reference/body.js";
import { frame } from "../reference/frame.js";
import { type Packable, pack } from "../reference/msgpack.js";
import type { Value } from "../reference/value.js";
import { show } from "../runner/expect.js";
import type { Interference, Link } from "../stage/interference.js";
import { type Message, rewrite } from "../stage/message.js";
import { closeCode, isBroadcast, isClose, isWhisper, subtype } from "../stage/messages.js";
import {
  doublesReports,
  doublesToSuite,
  dropsToNode,
  dropsToSuite,
  neverCloses,
  rewritesToNode,
  rewritesToSuite,
  withLimits,
  withOptions,
} from "./layers.js";
import type { NodeMutant } from "./mutant.js";
import { nodeMutant } from "./node-mutant.js";
import { isSoundMessage } from "./soundness.js";

const isNeighbour = isWhisper(subtype.neighbour);
const isPeers = isWhisper(subtype.peers);
const isRouted = isWhisper(subtype.routed);
const isReceipt = isWhisper(subtype.receipt);

type Entry = readonly [Uint8Array, readonly string[]];

const entriesOf = (message: Message): readonly Entry[] =>
  Array.isArray(message.items[1]) ? (message.items[1] as unknown as readonly Entry[]) : [];

function hearsPeers(change: (entries: readonly Entry[], link: Link) => readonly Entry[]): Interference {
  return rewritesToNode(isPeers, (message, link) => ({
    items: [subtype.peers, change(entriesOf(message), link) as unknown as Packable],
  }));
}

function peersFrame(like: Message, entries: readonly Entry[]): Uint8Array {
  return frame(pack([2, like.sender, like.time, subtype.peers, entries as unknown as Packable]));
}

const anyId = (): Uint8Array => new Uint8Array(randomBytes(48));

/** After so many messages of a kind the rest is not heard. */
function hearsAtMost(match: (message: Message) => boolean, most: number): Interference {
  let count = 0;
  return dropsToNode((message) => match(message) && ++count > most);
}

/** Items of a routed message: subtype, destination, attempt, hops, inner body. */
function withItem(items: readonly Value[], at: number, change: (value: Value) => Packable): readonly Packable[] {
  return items.map((item, index) => (index === at ? change(item) : item));
}

/** Every address is taken for one that can be dialled. */
function cleans(address: string): string {
  const port = /:(\d+)\/?[^:]*$/.exec(address)?.[1] ?? "9";
  return `tcp://127.0.0.1:${port === "0" || Number(port) > 65_535 ? "9" : port}`;
}

/** Whatever one peer told is told to the next, all of it. */
function tellsAllOn(): Interference {
  let told: readonly Entry[] = [];
  return {
    toNode: (bytes, message) => {
      if (message && isPeers(message)) told = [...told, ...entriesOf(message)];
      return [bytes];
    },
    toSuite: (bytes, message, link) =>
      link.index > 0 && message && isPeers(message) ? [peersFrame(message, told)] : [bytes],
  };
}

/** Local addresses of a stranger are believed once somebody near says anything. */
function believesAnybody(): Interference {
  let held: readonly Entry[] = [];
  return hearsPeers((entries) => {
    held = [...held, ...entries];
    return held;
  });
}

/** What was found to be wrong is believed again, under another name. */
function believesAgain(): Interference {
  let heard = 0;
  return {
    toNode: (bytes, message, link) => {
      if (!message) return [bytes];
      const again = (entries: readonly Entry[]): readonly Entry[] => entries.map(([, at]) => [anyId(), at]);
      if (isPeers(message)) {
        const told = entriesOf(message);
        if (link.index > 0) return [rewrite(message, { items: [subtype.peers, again(told) as unknown as Packable] })];
        link.memory.set("told", told);
      }
      const told = link.memory.get("told") as readonly Entry[] | undefined;
      // Not at every message: what comes too fast would not be believed.
      if (!isBroadcast(message) || !told || ++heard % 3 !== 0) return [bytes];
      return [bytes, peersFrame(message, again(told))];
    },
  };
}

/** Routed messages are passed to everybody, whatever is known. */
function floodsAlways(): Interference {
  return {
    toSuite: (bytes, message, link) => {
      if (message && isRouted(message)) for (const other of link.siblings) if (other !== link) other.toSuite(bytes);
      return [bytes];
    },
  };
}

const isWhisperOf = (inner: Uint8Array, origin: Uint8Array): boolean => show(inner).includes(show(origin).slice(4));

export const meshMutants: readonly NodeMutant[] = [
  nodeMutant("dials-one", "MESH-020", "dials the first of those that it hears of", () =>
    hearsPeers((entries) => entries.slice(0, 1)),
  ),
  nodeMutant("forgets-others", "MESH-022", "does not remember others to heal from", () => {
    let isTold = false;
    return hearsPeers((entries) => {
      const kept = isTold ? [] : entries.slice(0, 1);
      isTold = true;
      return kept;
    });
  }),
  nodeMutant("peers-first", "MESH-040", "sends a peers message before neighbour", () => ({
    toSuite: (bytes, message) => (message && isNeighbour(message) ? [peersFrame(message, []), bytes] : [bytes]),
  })),
  nodeMutant("any-number-of-links", "MESH-024 MESH-028", "keeps any number of links", () =>
    withLimits({ activeMax: 1_000 }),
  ),
  nodeMutant("hides-view-full", "MESH-024 MESH-025", "never closes a link", neverCloses),
  nodeMutant("leaves-without-peers", "MESH-028", "closes with view-full without a word of others", () =>
    dropsToSuite(isPeers),
  ),
  nodeMutant("closes-lonely", "MESH-025", "does not look at who has no other link", () =>
    rewritesToNode(isNeighbour, ({ items }) => ({ items: withItem(items, 1, (links) => Number(links) + 5) })),
  ),
  nodeMutant("no-bootstrap", "MESH-027", "does not dial its bootstrap addresses", () =>
    withOptions((options) => ({ ...options, bootstrap: [] })),
  ),
  nodeMutant("bears-neighbours", "MESH-046", "bears any number of neighbour messages", () =>
    hearsAtMost(isNeighbour, 20),
  ),
  nodeMutant("peers-as-ids", "MESH-030", "tells ids without addresses", () =>
    rewritesToSuite(isPeers, (message) => ({ items: [subtype.peers, entriesOf(message).map(([id]) => id)] })),
  ),
  nodeMutant("any-number-of-peers", "MESH-032", "takes peers messages of any length", () =>
    hearsPeers((entries) => entries.slice(0, 50).map(([id, addresses]) => [id, addresses.slice(0, 8)])),
  ),
  nodeMutant("few-peers", "MESH-032", "takes no peers message of more than 500 entries", () => ({
    toNode: (bytes, message, link) => {
      if (message && isPeers(message) && entriesOf(message).length > 500) link.endToSuite();
      return [bytes];
    },
  })),
  nodeMutant("tells-often", "MESH-031", "tells of peers whenever it is asked", () => ({
    toNode: (bytes, message, link) => {
      if (message && isNeighbour(message) && message.items[2] === true) link.toSuite(peersFrame(message, []));
      return [bytes];
    },
  })),
  nodeMutant("believes-all-peers", "MESH-033", "believes peers messages at any rate", () =>
    dropsToNode((message) => isPeers(message) && entriesOf(message).length === 0),
  ),
  nodeMutant("bears-peers", "MESH-033", "bears any number of peers messages", () =>
    hearsAtMost((message) => isPeers(message) && entriesOf(message).length === 0, 3),
  ),
  nodeMutant("any-address", "MESH-034", "takes any text for an address", () =>
    hearsPeers((entries) => entries.map(([id, addresses]) => [id, addresses.map(cleans)])),
  ),
  nodeMutant("believes-anybody", "MESH-035", "believes local addresses of strangers", believesAnybody),
  nodeMutant("tells-all-on", "MESH-034 MESH-036 MESH-037", "keeps and tells on whatever it was told", tellsAllOn),
  nodeMutant("last-word", "MESH-037", "believes who spoke last", () =>
    hearsPeers((entries) => entries.filter(([, addresses]) => !addresses.some((one) => one.endsWith(":1111")))),
  ),
  nodeMutant("believes-again", "MESH-038", "believes what it found to be wrong", believesAgain),
  nodeMutant("content-with-few", "MESH-021 MESH-026", "dials nobody in a large network", () =>
    withLimits({ activeMin: 0, activeTarget: 1 }),
  ),
  nodeMutant("tells-number-once", "MESH-041", "does not tell a changed number of links", () =>
    dropsToSuite((message, link) => {
      if (!isNeighbour(message)) return false;
      const isFirst = !link.memory.has("told");
      link.memory.set("told", true);
      return !isFirst;
    }),
  ),
  nodeMutant("insists", "MESH-023", "dials at once who had no place for it", () =>
    // The node hears another reason instead, after which there is no rest.
    rewritesToNode(isClose, () => ({ items: [subtype.close, closeCode.idle, "silent"] })),
  ),
  nodeMutant("tells-no-peers", "MESH-042 MESH-043", "tells of no peers", () => dropsToSuite(isPeers)),
  nodeMutant("closes-at-once", "MESH-029", "closes what is too much at once", () => {
    let ups = 0;
    return {
      toNode: (bytes, message, link) => {
        if (message && isNeighbour(message) && ++ups > 2) {
          link.toSuite(frame(pack([2, message.sender, message.time, subtype.close, 17, "full"])));
          link.endToSuite();
        }
        return [bytes];
      },
    };
  }),
  nodeMutant("malformed-mesh", "MESH-045", "ignores malformed messages of the mesh", () =>
    dropsToNode((message) => !isSoundMessage(message)),
  ),
  nodeMutant("routed-in-other-name", "MESH-060", "sends routed messages in another name", () =>
    rewritesToSuite(isRouted, () => ({ sender: new Uint8Array(48).fill(1) })),
  ),
  nodeMutant("endless-hops", "MESH-061", "does not count hops", () =>
    rewritesToSuite(isRouted, ({ items }) => ({ items: withItem(items, 3, (hops) => Number(hops) + 1) })),
  ),
  nodeMutant("passes-nothing-on", "MESH-063", "passes no routed messages on", () => dropsToSuite(isRouted)),
  nodeMutant("floods-always", "MESH-063 MESH-062", "passes routed messages to everybody", floodsAlways),
  nodeMutant("answers-again", "MESH-068", "answers the same attempt each time", () => doublesToSuite(isReceipt)),
  nodeMutant("delivers-each-attempt", "MESH-066", "delivers each attempt", () =>
    doublesReports((report) => report.report === "message" && report.type === "direct"),
  ),
  nodeMutant("no-receipts", "MESH-064 MESH-069", "sends no receipts", () => dropsToSuite(isReceipt)),
  nodeMutant("receipts-to-all", "MESH-069", "passes receipts to everybody", () => ({
    toSuite: (bytes, message, link) => {
      if (message && isReceipt(message)) for (const other of link.siblings) if (other !== link) other.toSuite(bytes);
      return [bytes];
    },
  })),
  nodeMutant("tells-success", "MESH-067", "does not tell that a message was lost", () => ({
    failure: (command, error) => (command.do === "send" ? { ok: null } : { error }),
  })),
  nodeMutant("sends-once", "MESH-065", "sends a routed message once", () =>
    dropsToSuite((message) => isRouted(message) && message.items[2] !== 0),
  ),
  nodeMutant("any-inner", "MESH-070", "delivers any inner body", () =>
    rewritesToNode(isRouted, ({ items, sender, time }) => {
      const inner = items[4] as Uint8Array;
      if (isWhisperOf(inner, sender) && show(inner).includes(Buffer.from("good").toString("hex"))) return undefined;
      const body = encodeBody({ type: 2, sender, time, items: [subtype.message, "direct", "bad"] });
      return { items: withItem(items, 4, () => body) };
    }),
  ),
];
