// Tables that are careless with features, stamps, updates, merges and leases.
import { frame } from "../reference/frame.js";
import { type Packable, pack } from "../reference/msgpack.js";
import { toHex, type Value } from "../reference/value.js";
import type { Interference } from "../stage/interference.js";
import { type Message, rewrite } from "../stage/message.js";
import { isPing, isPong, isWhisper, subtype } from "../stage/messages.js";
import {
  dropsToNode,
  dropsToSuite,
  hangsUpOn,
  hearsHandshake,
  neverCloses,
  rewritesToNode,
  rewritesToSuite,
  saysHandshake,
  withLimits,
} from "./layers.js";
import type { NodeMutant } from "./mutant.js";
import { nodeMutant } from "./node-mutant.js";

const isUpdate = (message: Message): boolean => message.type === 0 && message.subtype === subtype.store;

type Entry = readonly Value[];

function entriesOf(message: Message): readonly Entry[] {
  const entries = message.items[3];
  return Array.isArray(entries)
    ? (entries as readonly Value[]).filter((entry): entry is Value[] => Array.isArray(entry))
    : [];
}

function keysOf(message: Message): string[] {
  return entriesOf(message).map(([key]) => String(key));
}

/** Items of an update before its terms: set, delete, delta, renewal. */
const fixedItems = [3, 2, 4, 2];

function withEntries(
  message: Message,
  change: (entry: Entry) => readonly Packable[],
): { readonly items: readonly Packable[] } {
  const [kind, stamp, before, , ...rest] = message.items;
  return { items: [kind ?? 0, stamp ?? 0, before ?? 0, entriesOf(message).map(change), ...rest] };
}

function withItem(message: Message, at: number, item: Packable): { readonly items: readonly Packable[] } {
  return { items: message.items.map((one, index): Packable => (index === at ? item : one)) };
}

/** Does not hear updates that say something about a key that it heard of before. */
function firstCome(fewest: number): Interference {
  const seen = new Set<string>();
  return dropsToNode((message) => {
    if (!isUpdate(message)) return false;
    const keys = keysOf(message);
    const isKnown = keys.length >= fewest && keys.some((key) => seen.has(key));
    for (const key of keys) seen.add(key);
    return isKnown;
  });
}

/** Hears every later write of a key as one of its owner. */
function takesAll(): Interference {
  const owners = new Map<string, { readonly sender: Uint8Array; readonly claimUs: number; lastUs: number }>();
  return rewritesToNode(isUpdate, (message) => {
    const [key = ""] = keysOf(message);
    const stampUs = Number(message.items[1]);
    const owner = owners.get(key);
    if (owner === undefined) {
      owners.set(key, { sender: message.sender, claimUs: stampUs, lastUs: stampUs });
      return undefined;
    }
    owner.lastUs = Math.max(owner.lastUs + 1, stampUs);
    const ageUs = owner.lastUs - owner.claimUs;
    const entries = entriesOf(message).map(([name = "", , value = null]): Packable => [name, 0, value, 0, ageUs]);
    return { sender: owner.sender, items: [subtype.store, owner.lastUs, 0, entries] };
  });
}

/** Calls what was refused done. */
function neverRefuses(code: (code: string) => boolean): Interference {
  return {
    failure: (command, error) => (command.do === "set" && code(error.code) ? { ok: null } : { error }),
  };
}

const allFeatures = ["mesh/1", "requests/1", "sync/1", "leases/1", "no-leases/1"];
const without = (features: unknown, names: readonly string[]): string[] =>
  (features as readonly string[]).filter((name) => !names.includes(name));

export const tableMutants: readonly NodeMutant[] = [
  nodeMutant("table/unnamed", "SYNC-001", "does not list its feature", () =>
    saysHandshake(({ features }) => ({ features: without(features, ["sync/1"]) })),
  ),
  nodeMutant("table/any-peers", "SYNC-001 SYNC-002", "takes peers without the features", () =>
    hearsHandshake(() => ({ features: allFeatures })),
  ),
  nodeMutant("table/no-word-on-leases", "SYNC-002", "does not say whether keys are leased", () =>
    saysHandshake(({ features }) => ({ features: without(features, ["leases/1", "no-leases/1"]) })),
  ),
  nodeMutant("table/one-by-one", "SYNC-011", "tells keys that were written together one by one", () => ({
    toSuite: (bytes, message) =>
      message && isUpdate(message)
        ? entriesOf(message).map((entry) => rewrite(message, withItem(message, 3, [entry])))
        : [bytes],
  })),
  nodeMutant("table/other-stamps", "SYNC-012", "adds a little to its stamps", () =>
    rewritesToSuite(isUpdate, (message) => withItem(message, 1, Number(message.items[1]) + 7)),
  ),
  nodeMutant("table/first-each-time", "SYNC-060", "says of each update that it is the first", () =>
    rewritesToSuite(isUpdate, (message) => withItem(message, 2, 0)),
  ),
  nodeMutant("table/any-time", "SYNC-014 SYNC-083", "takes what is far ahead", () =>
    rewritesToNode(
      (message) => isUpdate(message) && Number(message.items[1]) > message.time + 1_800_000_000,
      (message) => withItem(message, 1, Number(message.items[1]) - 600_000_000),
    ),
  ),
  nodeMutant(
    "table/first-come",
    "SYNC-020 SYNC-022 SYNC-023 SYNC-024 SYNC-025 SYNC-026 SYNC-027 SYNC-028 SYNC-047 SYNC-052 SEC-095",
    "keeps of a key what came first",
    () => firstCome(1),
  ),
  nodeMutant("table/only-later", "SYNC-022 SYNC-023", "does not hear what is older than what it said itself", () => {
    let saidUs = 0;
    return {
      toSuite: (bytes, message) => {
        if (message && isUpdate(message)) saidUs = Math.max(saidUs, Number(message.items[1]));
        return [bytes];
      },
      toNode: (bytes, message) => (message && isUpdate(message) && Number(message.items[1]) < saidUs ? [] : [bytes]),
    };
  }),
  nodeMutant("table/takes-all", "SYNC-045 SYNC-046 SYNC-053", "takes every write for one of the owner", takesAll),
  nodeMutant("table/short-leases", "SYNC-040", "lets leases end at once", () =>
    rewritesToNode(isUpdate, (message) =>
      withEntries(message, ([key = "", kind = 0, value = null]) => [key, kind, value, 0, 0, 1]),
    ),
  ),
  nodeMutant("table/never-refuses", "SYNC-041", "does not tell that a key is leased", () =>
    neverRefuses((code) => code === "leased"),
  ),
  nodeMutant("table/takes-long", "SYNC-090", "does not tell that a key or a value is too long", () =>
    neverRefuses((code) => code !== "leased"),
  ),
  nodeMutant(
    "table/no-terms",
    "SYNC-042 SYNC-043 SYNC-048 SYNC-051 SYNC-055",
    "writes as if each write were a first claim",
    () =>
      rewritesToSuite(isUpdate, (message) =>
        withEntries(message, (entry) => entry.slice(0, fixedItems[Number(entry[1])])),
      ),
  ),
  nodeMutant("table/bare-claims", "SYNC-050", "claims without the value", () =>
    rewritesToSuite(isUpdate, (message) => withEntries(message, ([key = ""]) => [key, 3])),
  ),
  nodeMutant(
    "table/never-closes",
    "SYNC-044 SYNC-054 SYNC-080 SYNC-088 SYNC-090 SYNC-092 SYNC-093 SYNC-110 SYNC-112 SYNC-119",
    "never closes a link",
    neverCloses,
  ),
  nodeMutant("table/no-comparisons", "SYNC-061 SYNC-069 SYNC-074 SYNC-095", "never begins a comparison", () =>
    dropsToSuite((message) => message.type === 2 && message.subtype === subtype.tableOpen),
  ),
  nodeMutant("table/tells-no-time", "SYNC-013", "does not tell who is ahead of it", () =>
    dropsToSuite(isWhisper(subtype.clockAhead)),
  ),
  nodeMutant("table/shows-nobody", "SYNC-049", "shows no owner who else claims its key", () =>
    dropsToSuite(isWhisper(subtype.contender)),
  ),
  nodeMutant("table/own-time", "SYNC-015", "takes its own clock for right", () => ({
    toSuite: (bytes, message, link) => {
      if (message && isPing(message)) link.memory.set("asked", message.time);
      return [bytes];
    },
    toNode: (bytes, message, link) => {
      const asked = link.memory.get("asked");
      if (!message || !isPong(message) || asked === undefined) return [bytes];
      return [rewrite(message, { items: [message.items[0] ?? 0, Number(asked)] })];
    },
  })),
  nodeMutant("table/their-time", "SYNC-015", "writes with the time of whom it heard last", () => {
    let aheadUs = 0;
    return {
      toSuite: (bytes, message, link) => {
        if (message && isPing(message)) link.memory.set("asked", message.time);
        if (!message || !isUpdate(message)) return [bytes];
        return [rewrite(message, withItem(message, 1, Number(message.items[1]) + aheadUs))];
      },
      toNode: (bytes, message, link) => {
        if (message && isPong(message)) aheadUs = Number(message.items[1]) - Number(link.memory.get("asked"));
        return [bytes];
      },
    };
  }),
  nodeMutant("table/all-or-none", "SYNC-082", "drops an update of which it does not take all", () => firstCome(2)),
  nodeMutant("table/strict-length", "SYNC-084", "hangs up on items that it does not know", () =>
    hangsUpOn((message) => isUpdate(message) && message.items.length > 4),
  ),
  nodeMutant("table/leaves-out", "SYNC-081", "leaves out every other write", () => {
    let count = 0;
    return dropsToSuite((message) => isUpdate(message) && ++count % 2 === 0);
  }),
  nodeMutant("table/no-limits", "SYNC-091 SYNC-118", "takes whatever its memory holds", () =>
    withLimits({ maxTableBytes: 1_000_000_000 }),
  ),
  nodeMutant("table/passes-all-on", "SYNC-053 SYNC-083", "sends on whatever it hears", () => {
    const passed = new Set<string>();
    return {
      toNode: (bytes, message, link) => {
        const text = toHex(bytes);
        if (message && isUpdate(message) && !passed.has(text)) {
          passed.add(text);
          for (const sibling of link.siblings) if (sibling !== link) sibling.toSuite(bytes);
        }
        return [bytes];
      },
    };
  }),
];

/** A frame of a whisper as the node would write it. */
export function whisperLike(message: Message, items: readonly Packable[]): Uint8Array {
  return frame(pack([2, message.sender, message.time, ...items]));
}
