// Nodes that are careless about addresses, channels, limits and dials.
import { codecZlib, compress, frame } from "../reference/frame.js";
import type { Interference } from "../stage/interference.js";
import { isClose, isMessage, subtype } from "../stage/messages.js";
import { isForward } from "../stage/request-messages.js";
import {
  altersCommands,
  dropsReports,
  rewritesToNode,
  rewritesToSuite,
  saysHandshake,
  withLimits,
  withOptions,
} from "./layers.js";
import type { NodeMutant } from "./mutant.js";
import { nodeMutant } from "./node-mutant.js";

const many = 1_000_000;

function asTexts(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

/** Whatever fails is told alike. */
function tellsNothing(): Interference {
  return { failure: () => ({ error: { code: "failed", message: "it did not work" } }) };
}

/** The node looks at every IPv6 address it tells, and writes it in full. */
function longIpv6(): Interference {
  return {
    answer: (command, ok) => {
      if (command.do !== "open") return ok;
      const opened = ok as { readonly id: string; readonly addresses: readonly string[] };
      return { ...opened, addresses: opened.addresses.map((one) => one.replace("[::1]", "[0:0:0:0:0:0:0:1]")) };
    },
  };
}

export const transportMutants: readonly NodeMutant[] = [
  nodeMutant("addresses-cut", "BASE-100", "tells addresses without a port", () =>
    saysHandshake(({ addrs }) => ({ addrs: asTexts(addrs).map((one) => one.replace(/:\d+$/, "")) })),
  ),
  nodeMutant("port-zero", "BASE-103", "tells port 0", () =>
    saysHandshake(({ addrs }) => ({ addrs: asTexts(addrs).map((one) => one.replace(/:\d+$/, ":0")) })),
  ),
  nodeMutant("addresses-as-given", "BASE-101 BASE-100", "tells addresses as they were given", () =>
    saysHandshake(({ addrs }) => ({
      addrs: asTexts(addrs).map((one) => one.toUpperCase().replace(/:(\d+)$/, ":0$1")),
    })),
  ),
  nodeMutant("long-ipv6", "BASE-101", "tells IPv6 addresses in full", longIpv6),
  nodeMutant("dials-anything", "BASE-102", "takes a call with any text as an address", () => ({
    failure: (command, error) => (command.do === "dial" ? { ok: null } : { error }),
  })),
  nodeMutant("keeps-wildcards", "BASE-128", "passes wildcards of peers on", () =>
    rewritesToSuite(isForward, ({ items }) => ({
      items: items.map((item) =>
        Array.isArray(item) ? item.map((one) => (one === "tcp://127.0.0.1:4567" ? "tcp://0.0.0.0:4567" : one)) : item,
      ),
    })),
  ),
  nodeMutant("loses-small-pieces", "BASE-104 WIRE-005", "loses pieces of less than four bytes", () => ({
    toNodePiece: (piece) => (piece.length < 4 ? [] : [piece]),
  })),
  nodeMutant("endless-queue", "BASE-106 MESH-071 MESH-072", "queues without bound", () =>
    withLimits({ sendBufferBytes: many * 1_000, stallTimeoutMs: many * 1_000 }),
  ),
  nodeMutant("silent-losses", "BASE-110 BASE-057", "does not tell that a connection was lost", () =>
    dropsReports((report) => report.report === "disconnected"),
  ),
  nodeMutant("does-not-close", "BASE-111 BASE-058", "goes on after it was closed", () =>
    altersCommands((command) => (command.do === "close" ? { do: "peers", node: command.node } : command)),
  ),
  nodeMutant("tells-nothing", "BASE-113 BASE-082", "tells every failure alike", tellsNothing),
  nodeMutant("one-address", "BASE-121", "takes a wildcard for the loopback address", () =>
    withOptions((options) => ({ ...options, listen: ["tcp://127.0.0.1:0"] })),
  ),
  nodeMutant("fixed-limits", "BASE-130 WIRE-060", "has limits that cannot be set", () =>
    withOptions(({ limits: _, ...options }) => options),
  ),
  nodeMutant("endless-memory", "BASE-132", "has no memory budget", () =>
    withLimits({ memoryBudgetBytes: many * 1_000 }),
  ),
  nodeMutant("any-number-by-address", "BASE-131 BASE-135", "does not count connections by address", () =>
    withLimits({ maxConnectionsPerAddress: many }),
  ),
  nodeMutant("any-rate-by-address", "BASE-131 BASE-136", "takes connections of an address at any rate", () =>
    withLimits({ inboundBurst: many }),
  ),
  nodeMutant("any-number", "BASE-133", "takes any number of connections", () =>
    withLimits({ maxConnections: many, maxInboundConnections: many }),
  ),
  nodeMutant("any-pending", "BASE-134", "takes any number of silent connections", () =>
    withLimits({ maxPendingHandshakes: many }),
  ),
  nodeMutant("counts-loopback", "BASE-137", "counts connections of the loopback address", () => ({
    toSuite: (bytes, _, link) => {
      if (link.index >= 8) link.endToSuite();
      return [bytes];
    },
  })),
  nodeMutant("compresses-for-all", "WIRE-019", "compresses without looking at the peer's codecs", () => ({
    toSuite: (bytes, message) => [
      message && isMessage(message) && message.codec === 0
        ? frame(compress(message.body, codecZlib), codecZlib)
        : bytes,
    ],
  })),
  nodeMutant("wall-clock-round-trip", "BASE-140", "measures round trips by the wall clock", () => ({
    answer: (command, ok) =>
      command.do === "peers" ? (ok as readonly object[]).map((one) => ({ ...one, rttMs: 86_400_000 })) : ok,
  })),
  nodeMutant("negative-round-trip", "BASE-140", "takes a negative round trip", () => ({
    answer: (command, ok) =>
      command.do === "peers" ? (ok as readonly object[]).map((one) => ({ ...one, rttMs: -3_600_000 })) : ok,
  })),
  nodeMutant("never-dials-again", "BASE-150", "does not dial lost connections again", () =>
    altersCommands((command) => (command.do === "dial" ? { ...command, keep: false } : command)),
  ),
  nodeMutant("always-dials-again", "BASE-150", "dials again who refused it for good", () =>
    rewritesToNode(isClose, () => ({ items: [subtype.close, 0, "bye"] })),
  ),
  nodeMutant("stable-at-once", "BASE-152", "starts its delays anew after every connection", () =>
    withLimits({ reconnectStableMs: 1 }),
  ),
  nodeMutant("never-stable", "BASE-152", "never starts its delays anew", () =>
    withLimits({ reconnectStableMs: 1_000_000_000 }),
  ),
  nodeMutant("gives-up-silently", "BASE-153", "does not tell that it gave up", () =>
    dropsReports((report) => report.report === "gave-up"),
  ),
  nodeMutant("dials-twice", "BASE-083", "dials an address anew each time", () => {
    let dials = 0;
    return altersCommands((command) => {
      if (command.do !== "dial") return command;
      dials += 1;
      return dials > 1 ? { ...command, address: command.address.replace("127.0.0.1", "localhost") } : command;
    });
  }),
  nodeMutant("no-close-for-handshake", "BASE-002", "does not take a close for a handshake", () =>
    rewritesToNode(isClose, () => ({ items: [subtype.neighbour, 0, false] })),
  ),
];
