// Nodes whose sessions are careless: liveness, closing, duplicates.

import type { Report } from "../driver/protocol.js";
import { frame } from "../reference/frame.js";
import { pack } from "../reference/msgpack.js";
import type { Interference, Link } from "../stage/interference.js";
import { isClose, isHandshake, isMessage, isPing, isPong, subtype } from "../stage/messages.js";
import {
  altersReports,
  closesSilently,
  closesWith,
  dropsReports,
  dropsToNode,
  dropsToSuite,
  hangsUpOn,
  neverCloses,
  rewritesToNode,
  rewritesToSuite,
  withLimits,
} from "./layers.js";
import type { NodeMutant } from "./mutant.js";
import { nodeMutant } from "./node-mutant.js";
import { isSoundFrame, isSoundMessage, itemCount } from "./soundness.js";

const forever = 1_000_000_000;

function count(link: Link, what: string): number {
  const next = Number(link.memory.get(what) ?? 0) + 1;
  link.memory.set(what, next);
  return next;
}

/** One connection that ends takes the others along. */
export function takesOthersAlong(): Interference {
  return {
    hidesEnd: (link) => {
      for (const other of link.siblings) if (other !== link) other.endToSuite();
      return false;
    },
  };
}

/** What is queued goes behind the close, if it goes at all. */
export function closesFirst(): Interference {
  return {
    toSuite: (bytes, message, link) => {
      const held = (link.memory.get("held") as Uint8Array[] | undefined) ?? [];
      if (message && isMessage(message)) link.memory.set("held", [...held, bytes]);
      else return message && isClose(message) ? [bytes, ...held] : [bytes];
      return [];
    },
  };
}

/** Messages are delivered in swapped pairs. */
function swapsReports(): Interference {
  let held: Report | undefined;
  return {
    report: (report) => {
      if (report.report !== "message" || report.type !== "news") return [report];
      const first = held;
      held = first ? undefined : report;
      return first ? [report, first] : [];
    },
  };
}

const flip = (id: Uint8Array): Uint8Array => id.map((byte) => 255 - byte);

export const sessionMutants: readonly NodeMutant[] = [
  nodeMutant("malformed-session", "BASE-025", "ignores pings, pongs and closes that are malformed", () =>
    dropsToNode((message) => !isSoundMessage(message)),
  ),
  nodeMutant("any-sender", "BASE-026 MESH-048", "does not look at the sender of messages", () =>
    rewritesToNode(
      (message, link) => {
        if (isHandshake(message)) link.memory.set("id", message.sender);
        return link.memory.has("id");
      },
      (_, link) => ({ sender: link.memory.get("id") as Uint8Array }),
    ),
  ),
  nodeMutant("ignores-undecodable", "BASE-027 BASE-028", "ignores frames that cannot be decoded", () => ({
    toNode: (bytes) => (isSoundFrame(bytes) ? [bytes] : []),
  })),
  nodeMutant("small-limit", "BASE-028", "takes 1,000,000 bytes at most", () =>
    withLimits({ maxFrameBytes: 1_000_000 }),
  ),
  nodeMutant("bad-frame-for-all", "BASE-028", "closes with badFrame whatever is wrong", () => closesWith(2)),
  nodeMutant(
    "others-along",
    "BASE-076 BASE-110 BASE-138",
    "one connection that ends takes others along",
    takesOthersAlong,
  ),
  nodeMutant("closes-silently", "BASE-050 BASE-058 BASE-139", "ends connections without a close", closesSilently),
  nodeMutant("talks-on", "BASE-050 BASE-051", "sends something behind its close", () => ({
    toSuite: (bytes, message) =>
      message && isClose(message) ? [bytes, frame(pack([3, message.sender, message.time + 1, 1]))] : [bytes],
  })),
  nodeMutant("pong-other-nonce", "BASE-040", "answers pings with another nonce", () =>
    rewritesToSuite(isPong, (message) => ({ items: [Number(message.items[0]) === 0 ? 1 : 0, message.items[1] ?? 0] })),
  ),
  nodeMutant("pong-no-time", "BASE-040", "answers pings with a time of 0", () =>
    rewritesToSuite(isPong, (message) => ({ items: [message.items[0] ?? 0, 0] })),
  ),
  nodeMutant("never-pings", "BASE-041", "never pings", () => dropsToSuite(isPing)),
  nodeMutant("pings-once", "BASE-041", "pings when a connection comes up and never again", () =>
    dropsToSuite((message, link) => isPing(message) && count(link, "pings") > 1),
  ),
  nodeMutant("patient", "BASE-042", "bears any silence", () => withLimits({ deadAfterMs: forever })),
  nodeMutant("impatient", "BASE-042", "drops a peer at its third ping", () => ({
    toSuite: (bytes, message, link) => {
      if (message && isPing(message) && count(link, "pings") === 3) link.endToSuite();
      return [bytes];
    },
  })),
  nodeMutant("strict-pongs", "BASE-044", "drops a peer for a pong that it did not ask for", () =>
    hangsUpOn((message) => isPong(message) && message.items[0] === 12345),
  ),
  nodeMutant("closes-first", "BASE-051 BASE-107", "sends its close before what is queued", closesFirst),
  nodeMutant("answers-normal", "BASE-052", "answers every close with normal", () => closesWith(0)),
  nodeMutant("never-answers", "BASE-052 BASE-054", "does not answer a close", () => dropsToNode(isClose)),
  nodeMutant("lingers", "BASE-053", "waits for ever for the end of the peer's side", () =>
    withLimits({ closeTimeoutMs: forever }),
  ),
  nodeMutant("sends-255", "BASE-055", "sends 255 as close code", () => closesWith(255)),
  nodeMutant("no-reason", "BASE-057", "does not tell why a connection ended", () =>
    altersReports((report) => (report.report === "disconnected" ? { ...report, code: 255, reason: "" } : report)),
  ),
  nodeMutant("no-dial-reason", "BASE-057 BASE-082", "does not tell why a dial was refused", () => ({
    failure: (_, { code }) => ({ error: { code, message: "failed" } }),
  })),
  nodeMutant("closes-abnormally", "BASE-058", "closes its connections with slow when it closes", () => closesWith(12)),
  nodeMutant(
    "keeps-both",
    "BASE-060 BASE-061 BASE-062 BASE-063 BASE-065",
    "keeps every connection with a node",
    neverCloses,
  ),
  nodeMutant("ignores-boot", "BASE-061 BASE-225", "does not look at boot", () =>
    rewritesToNode(isHandshake, ({ items }) => ({
      items: [items[0] ?? 0, { ...(items[1] as { readonly [key: string]: null }), boot: new Uint8Array(8) }],
    })),
  ),
  nodeMutant("smaller-dials", "BASE-062", "keeps the connection of the smaller id", () =>
    rewritesToNode(
      () => true,
      ({ sender }) => ({ sender: flip(sender) }),
    ),
  ),
  nodeMutant("earlier-stays", "BASE-063", "keeps the earlier handshake", () =>
    rewritesToNode(isHandshake, ({ time }) => ({ time: Math.max(0, 3_000_000 - time) })),
  ),
  nodeMutant("no-probe", "BASE-064", "does not ping the connection that stays", () =>
    dropsToSuite((message, link) => isPing(message) && count(link, "pings") > 1),
  ),
  nodeMutant("kills-probed", "BASE-064", "drops the connection that stays when it pings it", () => ({
    toSuite: (bytes, message, link) => {
      if (message && isPing(message) && count(link, "pings") > 1) link.endToSuite();
      return [bytes];
    },
  })),
  nodeMutant("mute-while-settling", "BASE-066", "sends nothing while it is not settled which connection stays", () =>
    dropsToSuite((message, link) => isMessage(message) && link.siblings.length > 1),
  ),
  nodeMutant("deaf-after-close", "BASE-065", "does not take what comes over a connection that goes", () => ({
    toSuite: (bytes, message, link) => {
      if (message && isClose(message)) link.memory.set("closed", true);
      return [bytes];
    },
    toNode: (bytes, _, link) => (link.memory.has("closed") ? [] : [bytes]),
  })),
  nodeMutant("out-of-order", "BASE-070", "delivers in another order", swapsReports),
  nodeMutant("never-stalls", "BASE-074", "waits for ever for a peer that takes nothing", () =>
    withLimits({ stallTimeoutMs: forever }),
  ),
  nodeMutant("no-unknown-numbers", "WIRE-049", "ends a connection for a number that it does not know", () =>
    hangsUpOn(({ type, subtype: kind }) => type > 4 || (type === 2 && kind > 0x37)),
  ),
  nodeMutant("own-numbers", "WIRE-087", "uses a number of the registry for something else", () =>
    rewritesToSuite(
      ({ type, subtype: kind }) => type === 2 && kind === subtype.request,
      ({ items }) => ({ items: [subtype.peers, ...items.slice(1)] }),
    ),
  ),
  nodeMutant("no-further-items", "WIRE-088 BASE-201 MESH-047", "takes no items that it does not know", () =>
    hangsUpOn((message) => message.items.length > itemCount(message)),
  ),
  nodeMutant("near-times", "WIRE-048 BASE-142 MESH-013", "drops messages whose time is far from its own", () =>
    dropsToNode(({ time }) => Math.abs(time - Date.now() * 1000) > 60_000_000),
  ),
  nodeMutant("forgets-at-half-close", "BASE-123", "delivers nothing more once a peer has ended its side", () =>
    dropsReports((report) => report.report === "message" && Number(report.data) > 10),
  ),
];
