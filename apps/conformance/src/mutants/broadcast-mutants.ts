// Nodes that are careless with broadcasts, with what they saw, and with verdicts.
import { codecNone, codecZlib, compress, frame } from "../reference/frame.js";
import { show } from "../runner/expect.js";
import type { Interference } from "../stage/interference.js";
import { type Message, rewrite } from "../stage/message.js";
import { handshakeMap, isBroadcast, isHandshake } from "../stage/messages.js";
import {
  altersCommands,
  doublesReports,
  doublesToSuite,
  dropsReports,
  dropsToNode,
  dropsToSuite,
  hangsUpOn,
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
import { isSoundMessage } from "./soundness.js";

const isFence = (message: Message): boolean => message.items[1] === "fence";

/** A broadcast that was heard before is new again as soon as `forgets` says so: it comes with another time. */
function forgetting(forgets: (heard: number) => boolean, layer: Interference = {}): Interference {
  const heard = new Map<string, number>();
  let count = 0;
  return {
    ...layer,
    toNode: (bytes, message) => {
      // Batches of frames are counted, not read: what is sent again comes alone.
      if (!message) count += Math.floor(bytes.length / 64);
      if (!message || !isBroadcast(message)) return [bytes];
      const key = show(message.body);
      const before = heard.get(key);
      count += 1;
      heard.set(key, count);
      const isNewAgain = before !== undefined && forgets(count - before);
      return [isNewAgain ? rewrite(message, { time: message.time + 1 }) : bytes];
    },
  };
}

/** Two broadcasts that agree in something are one. */
function dropsEqual(keyOf: (message: Message) => string): Interference {
  const heard = new Set<string>();
  return dropsToNode((message) => {
    if (!isBroadcast(message) || isFence(message)) return false;
    const key = keyOf(message);
    const isKnown = heard.has(key);
    heard.add(key);
    return isKnown;
  });
}

/** What came before is sent on again. */
function relaysAgain(): Interference {
  const heard = new Set<string>();
  return {
    toNode: (bytes, message, link) => {
      if (message && isBroadcast(message)) {
        const key = show(message.body);
        if (heard.has(key)) for (const other of link.siblings) if (other !== link) other.toSuite(bytes);
        heard.add(key);
      }
      return [bytes];
    },
  };
}

function forgetsAtWallJump(): Interference {
  let hasJumped = false;
  return forgetting(() => hasJumped, {
    command: (command) => {
      if (command.do === "set-wall") hasJumped = true;
      return command;
    },
  });
}

export const broadcastMutants: readonly NodeMutant[] = [
  nodeMutant("no-mesh-feature", "MESH-001", "does not name mesh/1", () => saysHandshake(() => ({ features: [] }))),
  nodeMutant("links-anybody", "MESH-001", "takes links to nodes without mesh/1", () =>
    hearsHandshake(() => ({ features: ["mesh/1", "requests/1"] })),
  ),
  nodeMutant("sends-to-one", "MESH-002", "sends its broadcasts to its first neighbour alone", () =>
    dropsToSuite((message, link) => isBroadcast(message) && link.index > 0),
  ),
  nodeMutant("ignores-exclusions", "MESH-002", "sends also to whom the application excludes", () =>
    altersCommands((command) => (command.do === "broadcast" ? { ...command, exclude: [] } : command)),
  ),
  nodeMutant("never-relays", "MESH-003 MESH-008 MESH-009 MESH-016 WIRE-056", "relays nothing", () =>
    dropsToSuite(isBroadcast),
  ),
  nodeMutant("echoes", "MESH-003 MESH-005", "sends broadcasts back where they came from", () => ({
    toNode: (bytes, message, link) => {
      if (message && isBroadcast(message)) link.toSuite(bytes);
      return [bytes];
    },
  })),
  nodeMutant("relays-again", "MESH-005 MESH-016", "relays what it had before", relaysAgain),
  nodeMutant("delivers-broadcasts-twice", "MESH-006", "delivers broadcasts twice", () =>
    doublesReports((report) => report.report === "broadcast" && report.type !== "fence"),
  ),
  nodeMutant("takes-own", "MESH-007", "takes broadcasts in its own name for those of others", () =>
    rewritesToNode(
      (message) => isBroadcast(message) && message.items[2] === "not mine",
      () => ({ sender: new Uint8Array(48).fill(9) }),
    ),
  ),
  nodeMutant("malformed-broadcasts", "MESH-004", "ignores malformed broadcasts", () =>
    dropsToNode((message) => isBroadcast(message) && !isSoundMessage(message)),
  ),
  nodeMutant("re-encodes", "MESH-008 WIRE-056", "encodes anew what it relays", () =>
    rewritesToSuite(isBroadcast, () => ({})),
  ),
  nodeMutant("relays-compressed", "MESH-009", "relays compressed frames to everybody", () => ({
    toSuite: (bytes, message) => [
      message && isBroadcast(message) && message.codec === codecNone && !isFence(message)
        ? frame(compress(message.body, codecZlib), codecZlib)
        : bytes,
    ],
  })),
  nodeMutant("same-by-time", "MESH-010", "takes two messages of one sender and time for one", () =>
    dropsEqual((message) => `${show(message.sender)} ${message.time}`),
  ),
  nodeMutant("same-by-content", "MESH-010 MESH-014", "takes two messages of one time and content for one", () =>
    dropsEqual((message) => `${message.time} ${show(message.items)}`),
  ),
  nodeMutant("same-by-frame", "MESH-010", "tells messages apart by their frames", () => {
    const heard = new Set<string>();
    return rewritesToNode(
      (message) => isBroadcast(message) && !isFence(message),
      (message) => {
        const isNewFrame = heard.size > 0 && !heard.has(show(message.frame));
        heard.add(show(message.frame));
        return isNewFrame ? { time: message.time + 1 } : undefined;
      },
    );
  }),
  nodeMutant("drops-unknown-broadcasts", "MESH-016", "relays no subtype that it does not know", () =>
    dropsToNode((message) => isBroadcast(message) && message.subtype !== 0),
  ),
  nodeMutant("sends-any-length", "MESH-018", "takes broadcasts of any length from its application", () => ({
    failure: (command, error) => (command.do === "broadcast" ? { ok: null } : { error }),
  })),
  nodeMutant("forgets-soon", "MESH-011", "forgets what it saw after a second", () =>
    forgetting((since) => since > 5, withLimits({ seenLifetimeMs: 1_000 })),
  ),
  nodeMutant("little-room", "MESH-012", "remembers 10,000 messages", () => forgetting((since) => since > 10_000)),
  nodeMutant("forgets-at-wall-jump", "MESH-013", "forgets what it saw when the wall clock jumps", forgetsAtWallJump),
  nodeMutant("one-time", "MESH-014", "gives all its broadcasts one time", () =>
    rewritesToSuite(isBroadcast, () => ({ time: 1_700_000_000_000_000 })),
  ),
  nodeMutant("no-validators", "MESH-050 MESH-051", "does not ask for verdicts", () =>
    withOptions((options) => ({ ...options, hasValidator: false })),
  ),
  nodeMutant("delivers-before-verdict", "MESH-050", "delivers before the verdict", () =>
    layers(
      withOptions((options) => ({ ...options, hasValidator: false })),
      dropsToSuite(isBroadcast),
    ),
  ),
  nodeMutant("bears-rejected", "MESH-052", "bears any number of rejected broadcasts", () => {
    let count = 0;
    return dropsToNode((message) => isBroadcast(message) && message.items[2] === "reject" && ++count > 5);
  }),
  nodeMutant("blames-ignored", "MESH-052", "takes ignored broadcasts for rejected ones", () =>
    rewritesToNode(
      (message) => isBroadcast(message) && message.items[2] === "ignore",
      ({ items }) => ({ items: [...items.slice(0, 2), "reject"] }),
    ),
  ),
  nodeMutant("stalls-with-the-slow", "MESH-073", "stops reading for good when a neighbour takes nothing", () => {
    let count = 0;
    return {
      toNode: (bytes, message) => {
        if (!message && bytes.length > 100_000) count += 1;
        return count > 8 && !message ? [] : [bytes];
      },
    };
  }),
  nodeMutant("tells-nothing-of-the-slow", "MESH-071", "does not tell that it dropped a slow neighbour", () =>
    dropsReports((report) => report.report === "disconnected"),
  ),
  nodeMutant("doubles-broadcasts", "MESH-005", "relays each broadcast twice", () => doublesToSuite(isBroadcast)),
  nodeMutant("strict-codecs", "MESH-009", "takes no compressed broadcasts", () =>
    hangsUpOn((message) => isBroadcast(message) && message.codec !== codecNone),
  ),
  nodeMutant("codecs-for-all", "MESH-009", "takes every neighbour for one with its codecs", () =>
    rewritesToNode(isHandshake, (message) => ({
      items: [
        message.items[0] ?? 0,
        { ...(handshakeMap(message) as { readonly [key: string]: null }), codecs: [1, 2] as never },
      ],
    })),
  ),
  nodeMutant("late-relay", "MESH-003", "relays to one neighbour alone", () =>
    dropsToSuite((message, link) => isBroadcast(message) && link.index > 1),
  ),
];
