// Tables that are careless with the keys of identities, and with the number of fields.
import { kinds, ownedName, ownerSeed } from "../cases/sync/owned-tables.js";
import type { Packable } from "../reference/msgpack.js";
import { proofOf } from "../reference/secure/owned.js";
import type { Value } from "../reference/value.js";
import type { Interference } from "../stage/interference.js";
import type { Message } from "../stage/message.js";
import { handshakeMap, isHandshake, isWhisper, subtype } from "../stage/messages.js";
import { dropsToNode, rewritesToNode, rewritesToSuite, saysHandshake, withLimits } from "./layers.js";
import type { NodeMutant } from "./mutant.js";
import { nodeMutant } from "./node-mutant.js";

const isUpdate = (message: Message): boolean => message.type === 0 && message.subtype === subtype.store;
const isTurn = isWhisper(subtype.tableTurn);

/** The place of the records of a turn, and of the entries of an update. */
const places = { records: 6, entries: 3 } as const;

type Told = readonly Value[];

function isOwned(one: Value | undefined): one is Value[] {
  return Array.isArray(one) && one[0] === ownedName && (one[1] === kinds.entry || one[1] === kinds.record);
}

function placeIn(message: Message): number {
  return isUpdate(message) ? places.entries : places.records;
}

function toldIn(message: Message): readonly Value[] {
  const list = message.items[placeIn(message)];
  return Array.isArray(list) ? (list as readonly Value[]) : [];
}

function withOwned(message: Message, change: (told: Told) => Packable): { readonly items: readonly Packable[] } {
  const place = placeIn(message);
  const list = toldIn(message).map((one): Packable => (isOwned(one) ? change(one) : one));
  return { items: message.items.map((item, index): Packable => (index === place ? list : item)) };
}

const hasOwned = (message: Message): boolean => (isUpdate(message) || isTurn(message)) && toldIn(message).some(isOwned);

/** What is heard of the owner's key is heard as its owner would have signed it. @param renumber gives the number */
function believes(renumber: (sequence: number) => number): Interference {
  let network: Uint8Array | undefined;
  return {
    ...rewritesToNode(
      (message) => {
        // The suite's own handshake tells the network.
        if (isHandshake(message)) network = handshakeMap(message).net as Uint8Array;
        return hasOwned(message);
      },
      (message) =>
        withOwned(message, ([key = "", kind = 0, , number = 0, value]) => {
          const sequence = renumber(Number(number));
          const statement = {
            networkId: network ?? new Uint8Array(32),
            realm: "sync",
            key: String(key),
            sequence,
            value,
          } as const;
          return [key, kind, proofOf(ownerSeed, statement), sequence, ...(value === undefined ? [] : [value])];
        }),
    ),
  };
}

export const ownedTableMutants: readonly NodeMutant[] = [
  nodeMutant("owned/unnamed", "SEC-094 CHORD-270", "does not list that keys can be owned", () =>
    saysHandshake(({ features }) => ({
      features: (features as readonly string[]).filter((name) => name !== "owned/1"),
    })),
  ),
  nodeMutant("owned/falling-numbers", "SEC-096", "gives its own writes low numbers", () =>
    rewritesToSuite(isUpdate, (message) => ({
      items: message.items.map((item, index): Packable => {
        if (index !== places.entries || !Array.isArray(item)) return item;
        return (item as readonly Value[]).map((one): Packable => {
          return Array.isArray(one) && one[1] === kinds.entry
            ? one.map((each, at): Packable => (at === 3 ? 7 : each))
            : one;
        });
      }),
    })),
  ),
  nodeMutant("owned/credulous", "SYNC-111", "takes what it hears for signed", () => believes((sequence) => sequence)),
  nodeMutant("owned/last-come", "SEC-095 SEC-097", "takes of an owned key what comes last", () => {
    let lastUs = 0;
    return believes((sequence) => {
      lastUs = Math.max(lastUs + 1, sequence);
      return lastUs;
    });
  }),
  nodeMutant("owned/judges-time", "SYNC-113", "does not take owned keys of a time that is far ahead", () =>
    dropsToNode((message) => isUpdate(message) && Number(message.items[1]) > message.time + 1_800_000_000),
  ),
  nodeMutant("owned/counts-numbers", "SYNC-114", "takes the number of an owned key for a time", () => {
    let highestUs = 0;
    return {
      ...rewritesToNode(hasOwned, (message) => {
        for (const one of toldIn(message)) if (isOwned(one)) highestUs = Math.max(highestUs, Number(one[3]));
        return undefined;
      }),
      ...rewritesToSuite(
        (message) => isUpdate(message) && !hasOwned(message),
        (message) => ({
          items: message.items.map(
            (item, index): Packable => (index === 1 ? Math.max(Number(item), highestUs + 1) : item),
          ),
        }),
      ),
    };
  }),
  nodeMutant("owned/lets-go", "SYNC-115", "forgets an owned key that is said to be gone", () => {
    const gone = new Set<string>();
    return {
      ...rewritesToNode(isTurn, (message) => {
        for (const key of message.items[8] as readonly string[]) gone.add(key);
        return undefined;
      }),
      answer: (command, ok) =>
        command.do === "table" ? (ok as readonly { readonly key: string }[]).filter(({ key }) => !gone.has(key)) : ok,
    };
  }),
  nodeMutant("owned/writes-others", "SYNC-116", "does not tell that a key is another's", () => ({
    failure: (command, error) => (command.do === "set" && error.code === "not-owner" ? { ok: null } : { error }),
  })),
  nodeMutant("table/any-fields", "SYNC-102", "remembers fields without end", () =>
    withLimits({ maxFields: 1_000_000_000 }),
  ),
];
