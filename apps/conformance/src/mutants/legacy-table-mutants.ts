// Tables of profile 0.7 that are careless with links, broadcasts and the rule of acceptance.
import type { Packable } from "../reference/msgpack.js";
import { toHex } from "../reference/value.js";
import type { Interference, Link } from "../stage/interference.js";
import {
  bytes07,
  frame07,
  isBroadcast07,
  isHandshake07,
  isPeers07,
  isState07,
  type Message07,
  read07,
  subtype07,
  text07,
} from "../stage/legacy-peer.js";
import { neverCloses, withLimits, withOptions } from "./layers.js";
import type { NodeMutant } from "./mutant.js";
import { nodeMutant } from "./node-mutant.js";

type Passing = (message: Message07, link: Link) => readonly Uint8Array[] | undefined;

/** What the table hears; undefined lets it pass. */
function hears(change: Passing): Interference {
  return { toNode: (bytes, _, link) => pass(bytes, link, change) };
}

/** What the table says. */
function says(change: Passing): Interference {
  return { toSuite: (bytes, _, link) => pass(bytes, link, change) };
}

function pass(bytes: Uint8Array, link: Link, change: Passing): readonly Uint8Array[] {
  const message = read07(bytes);
  return (message && change(message, link)) ?? [bytes];
}

function altered(
  { type, sender, time, items }: Message07,
  change: {
    readonly type?: number;
    readonly sender?: Packable;
    readonly time?: number;
    readonly items?: readonly Packable[];
  },
): readonly Uint8Array[] {
  return [frame07([change.type ?? type, change.sender ?? sender, change.time ?? time, ...(change.items ?? items)])];
}

const isStore = (message: Message07): boolean => isBroadcast07(message) && message.items[0] === subtype07.store;
const isDelta = (message: Message07): boolean => isBroadcast07(message) && message.items[0] === subtype07.delta;

function withItem(message: Message07, at: number, item: Packable): readonly Packable[] {
  return message.items.map((one, index): Packable => (index === at ? item : one));
}

/** Remembers who wrote a key first. */
function firstSenders(): (message: Message07) => Packable {
  const senders = new Map<string, Packable>();
  return (message) => {
    const key = text07(message.items[1]);
    const first = senders.get(key) ?? message.sender;
    senders.set(key, first);
    return first;
  };
}

const flipped = (id: unknown): Packable => (id instanceof Uint8Array ? text07(id) : bytes07(String(id)));

export const legacyTableMutants: readonly NodeMutant[] = [
  nodeMutant("legacy/other-leases", "SYNC-300", "is in the network of the other leasing", () =>
    withOptions((options) => ({ ...options, leases: options.leases === false })),
  ),
  nodeMutant("legacy/never-ends", "SYNC-314 SYNC-319", "never ends a link", neverCloses),
  nodeMutant("legacy/other-dialect", "SYNC-301", "answers in another dialect", () =>
    says((message) =>
      isHandshake07(message)
        ? altered(message, { sender: flipped(message.sender), items: withItem(message, 1, flipped(message.items[1])) })
        : undefined,
    ),
  ),
  nodeMutant("legacy/network-as-text", "SYNC-301", "writes the network id as text to all", () =>
    says((message) =>
      isHandshake07(message) ? altered(message, { items: withItem(message, 2, text07(message.items[2])) }) : undefined,
    ),
  ),
  nodeMutant("legacy/network-as-bytes", "SYNC-301", "writes the network id as bytes to all", () =>
    says((message) =>
      isHandshake07(message)
        ? altered(message, { items: withItem(message, 2, bytes07(text07(message.items[2]))) })
        : undefined,
    ),
  ),
  nodeMutant("legacy/offers-gzip", "SYNC-309", "offers to compress", () =>
    says((message) => (isHandshake07(message) ? altered(message, { items: withItem(message, 4, [17]) }) : undefined)),
  ),
  nodeMutant("legacy/takes-gzip", "SYNC-309", "agrees to compress", () =>
    says((message) => (message.type === 1 ? altered(message, { items: withItem(message, 1, [17]) }) : undefined)),
  ),
  nodeMutant("legacy/waits-for-ever", "SYNC-313", "never speaks first", () => {
    const heard = hears((message, link) => {
      if (isHandshake07(message)) link.memory.set("heard", true);
      return undefined;
    });
    return {
      ...heard,
      ...says((message, link) => (isHandshake07(message) && !link.memory.has("heard") ? [] : undefined)),
    };
  }),
  nodeMutant("legacy/one-handshake", "SYNC-315", "hangs up on a second handshake", () =>
    hears((message, link) => {
      if (isHandshake07(message) && link.memory.has("heard")) link.endToSuite();
      if (isHandshake07(message)) link.memory.set("heard", true);
      return undefined;
    }),
  ),
  nodeMutant("legacy/no-peers", "SYNC-308", "does not look at peers lists", () =>
    hears((message) => (isPeers07(message) ? [] : undefined)),
  ),
  nodeMutant("legacy/text-wishes", "SYNC-316", "does not know a wish for peers that is bytes", () =>
    hears((message) =>
      message.items[0] === subtype07.request && message.items[1] instanceof Uint8Array ? [] : undefined,
    ),
  ),
  nodeMutant("legacy/relays-twice", "SYNC-303", "passes a broadcast on twice", () =>
    says((message) => (isBroadcast07(message) ? [message.frame, message.frame] : undefined)),
  ),
  nodeMutant("legacy/relays-anew", "SYNC-303", "writes a broadcast anew to pass it on", () =>
    says((message) => (isBroadcast07(message) ? altered(message, { time: message.time - 1 }) : undefined)),
  ),
  nodeMutant("legacy/any-time", "SYNC-317", "does not look at the time of broadcasts", () =>
    hears((message, link) => {
      if (isHandshake07(message)) link.memory.set("time", message.time);
      return isBroadcast07(message) ? altered(message, { time: Number(link.memory.get("time")) }) : undefined;
    }),
  ),
  nodeMutant("legacy/text-sender", "SYNC-302", "writes its id as text whoever is there", () =>
    says((message) => (isBroadcast07(message) ? altered(message, { sender: text07(message.sender) }) : undefined)),
  ),
  nodeMutant("legacy/same-second", "SYNC-311", "gives all writes of a second the same time", () => {
    let first: number | undefined;
    return says((message) => {
      if (!isBroadcast07(message)) return undefined;
      first ??= message.time;
      return altered(message, { time: first });
    });
  }),
  nodeMutant("legacy/text-keys", "SYNC-304", "sends keys as text", () =>
    says((message) =>
      isStore(message) ? altered(message, { items: withItem(message, 1, text07(message.items[1])) }) : undefined,
    ),
  ),
  nodeMutant("legacy/byte-keys", "SYNC-304", "does not know a key that is text", () =>
    hears((message) => (isStore(message) && typeof message.items[1] === "string" ? [] : undefined)),
  ),
  nodeMutant("legacy/takes-all", "SYNC-305 SYNC-306", "takes every write", () => {
    const first = firstSenders();
    return hears((message) =>
      isStore(message) || isDelta(message) ? altered(message, { sender: first(message) }) : undefined,
    );
  }),
  nodeMutant("legacy/takes-none", "SYNC-305", "takes no write of another to a key that it has", () => {
    const first = firstSenders();
    return hears((message) => (isStore(message) && first(message) !== message.sender ? [] : undefined));
  }),
  nodeMutant("legacy/first-only", "SYNC-305", "takes one write to a key", () => {
    const seen = new Set<string>();
    return hears((message) => {
      const key = text07(message.items[1]);
      if (!isStore(message) || !seen.has(key)) {
        seen.add(key);
        return undefined;
      }
      return [];
    });
  }),
  nodeMutant("legacy/deltas-replace", "SYNC-306 SYNC-318", "takes the fields of a delta for the value", () =>
    hears((message) =>
      isDelta(message) ? altered(message, { items: withItem(message, 0, subtype07.store) }) : undefined,
    ),
  ),
  nodeMutant("legacy/tells-no-state", "SYNC-307", "tells a late joiner nothing", () =>
    says((message) => (isState07(message) ? [] : undefined)),
  ),
  nodeMutant("legacy/takes-no-state", "SYNC-307", "takes nothing from those who were there", () =>
    hears((message) => (isState07(message) ? [] : undefined)),
  ),
  nodeMutant("legacy/passes-all-on", "SYNC-310", "passes on whatever it hears", () => {
    const passed = new Set<string>();
    return hears((message, link) => {
      const text = toHex(message.frame);
      if (isBroadcast07(message) && !passed.has(text)) {
        passed.add(text);
        for (const sibling of link.siblings) if (sibling !== link) sibling.toSuite(message.frame);
      }
      return undefined;
    });
  }),
  nodeMutant("legacy/no-limits", "SYNC-312", "has no limits", () =>
    withLimits({ maxLinks: 1_000, maxKeyBytes: 10_000, maxFrameBytes: 2 ** 28, handshakeTimeoutMs: 1_000_000_000 }),
  ),
  nodeMutant("legacy/hangs-up", "SYNC-321", "hangs up on what it does not know", () =>
    hears((message, link) => {
      if (message.type > 4) link.endToSuite();
      return undefined;
    }),
  ),
];
