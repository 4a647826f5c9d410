// Nodes that shake hands carelessly, or in another way.
import { randomBytes } from "node:crypto";
import { fromBase58 } from "../reference/base58.js";
import { codecZlib, compress, frame } from "../reference/frame.js";
import { networkId } from "../reference/ids.js";
import { show } from "../runner/expect.js";
import type { Interference, Link } from "../stage/interference.js";
import { type Message, rewrite } from "../stage/message.js";
import { handshakeMap, isClose, isHandshake } from "../stage/messages.js";
import {
  altersCommands,
  closesWith,
  dropsToNode,
  hangsUpOn,
  hearsHandshake,
  layers,
  leftOut,
  type MapChange,
  neverCloses,
  rewritesToNode,
  saysHandshake,
  withLimits,
  withOptions,
} from "./layers.js";
import type { NodeMutant } from "./mutant.js";
import { nodeMutant } from "./node-mutant.js";

const other = new Uint8Array(48).fill(0x77);
const sound: MapChange = {
  v: [1, 0],
  addrs: [],
  codecs: [],
  features: ["test/1"],
  needs: leftOut,
  boot: new Uint8Array(8),
  max: 1_048_576,
};

/** Gives the network id and the node's own id to the layer, once they are known. */
interface Known {
  network: Uint8Array;
  id: Uint8Array;
}

function knowing(make: (known: Known) => Interference): Interference {
  const known: Known = { network: new Uint8Array(32), id: new Uint8Array(48) };
  return {
    ...make(known),
    options: (options) => {
      known.network = networkId({ name: options.network, security: "Plaintext" });
      return options;
    },
    answer: (command, ok) => {
      if (command.do === "open") known.id = fromBase58((ok as { id: string }).id, 48);
      return ok;
    },
  };
}

function isShaken(link: Link, message: Message): boolean {
  const was = link.memory.get("shaken") === true;
  if (isHandshake(message)) link.memory.set("shaken", true);
  return was;
}

/** The node speaks when it was spoken to. */
function waitsForTheOther(): Interference {
  return {
    toSuite: (bytes, _, link) => {
      if (link.memory.get("spoken") === true) return [bytes];
      link.memory.set("held", [...((link.memory.get("held") as Uint8Array[] | undefined) ?? []), bytes]);
      return [];
    },
    toNode: (bytes, _, link) => {
      if (link.memory.get("spoken") !== true) {
        link.memory.set("spoken", true);
        for (const held of (link.memory.get("held") as Uint8Array[] | undefined) ?? []) link.toSuite(held);
      }
      return [bytes];
    },
  };
}

const isSame = (a: unknown, b: unknown): boolean => show(a) === show(b);

export const handshakeMutants: readonly NodeMutant[] = [
  nodeMutant("waits-for-handshake", "BASE-001", "waits for the other's handshake", waitsForTheOther),
  nodeMutant("handshake-other-fields", "BASE-001", "says fields in another form", () =>
    saysHandshake(() => ({ v: "1.0", boot: new Uint8Array(9), net: "network" })),
  ),
  nodeMutant("ignores-early", "BASE-002", "ignores what comes before the handshake", () =>
    dropsToNode((message, link) => !isShaken(link, message) && !isHandshake(message)),
  ),
  nodeMutant("any-handshake", "BASE-003", "does not look at the fields of a handshake", () =>
    knowing((known) => hearsHandshake(() => ({ ...sound, net: known.network }))),
  ),
  nodeMutant("wants-needs", "BASE-003", "takes no handshake without needs", () =>
    hangsUpOn((message) => isHandshake(message) && handshakeMap(message).needs === undefined),
  ),
  nodeMutant("long-first-frame", "BASE-004 BASE-028 WIRE-003", "waits for the bytes of a frame of any length", () => ({
    toNodePiece: () => [],
  })),
  nodeMutant("short-first-frame", "BASE-004", "takes no first frame over 1,000 bytes", () =>
    hangsUpOn((message) => isHandshake(message) && message.body.length > 1_000),
  ),
  nodeMutant("inflates-early", "BASE-005 BASE-020 WIRE-010", "inflates whatever comes", () => ({
    toNode: (bytes, message) => [message && message.codec !== 0 ? frame(message.body) : bytes],
  })),
  nodeMutant("no-unknown-keys", "BASE-006", "takes no handshake with unknown keys", () =>
    hangsUpOn((message) => isHandshake(message) && "colour" in handshakeMap(message)),
  ),
  nodeMutant("no-handshake-deadline", "BASE-007 BASE-081", "waits for a handshake for ever", () =>
    withLimits({ handshakeTimeoutMs: 1_000_000_000, dialTimeoutMs: 1_000_000_000 }),
  ),
  nodeMutant("second-handshake", "BASE-008 BASE-057", "ignores further handshakes", () =>
    dropsToNode((message, link) => isShaken(link, message) && isHandshake(message)),
  ),
  nodeMutant("another-id", "BASE-009", "tells another id than that of the handshake", () => ({
    report: (report) => [report.report === "connected" ? { ...report, peer: "1" } : report],
  })),
  nodeMutant("whole-list", "BASE-010 BASE-102", "refuses a whole list for one entry that is no address", () =>
    hangsUpOn((message) => isHandshake(message) && show(handshakeMap(message).addrs).includes("nonsense")),
  ),
  nodeMutant("new-boot", "BASE-023", "draws boot for each connection", () =>
    saysHandshake(() => ({ boot: new Uint8Array(randomBytes(8)) })),
  ),
  nodeMutant("same-boot", "BASE-023", "has the same boot at every start", () =>
    saysHandshake(() => ({ boot: new Uint8Array(8) })),
  ),
  nodeMutant("any-version", "BASE-012", "does not look at the version", () => hearsHandshake(() => ({ v: [1, 0] }))),
  nodeMutant("one-version", "BASE-013", "takes its own version alone", () =>
    hangsUpOn((message) => isHandshake(message) && !isSame(handshakeMap(message).v, [1, 0])),
  ),
  nodeMutant("any-network", "BASE-014", "does not look at the network", () =>
    knowing((known) => hearsHandshake(() => ({ net: known.network }))),
  ),
  nodeMutant("talks-to-itself", "BASE-015", "does not know its own id", () =>
    knowing((known) =>
      rewritesToNode(isHandshake, (message) => (isSame(message.sender, known.id) ? { sender: other } : undefined)),
    ),
  ),
  nodeMutant("any-features", "BASE-016", "does not look at features and needs", () =>
    hearsHandshake(({ features }) => ({
      features: [...(Array.isArray(features) ? features : []), "test/1"],
      needs: leftOut,
    })),
  ),
  nodeMutant("no-needs", "BASE-016 BASE-022", "takes nobody who has needs", () =>
    hangsUpOn((message) => isHandshake(message) && handshakeMap(message).needs !== undefined),
  ),
  nodeMutant(
    "other-order",
    "BASE-017",
    "judges features before self, self before network, network before version",
    () =>
      knowing((known) =>
        rewritesToNode(isHandshake, (message) => {
          const map = handshakeMap(message);
          const isSelf = isSame(message.sender, known.id);
          const isForeign = !isSame(map.net, known.network);
          const isOld = !isSame(map.v, [1, 0]);
          const [kind] = message.items;
          if (isForeign && isOld) return { items: [kind ?? 0, { ...map, v: [1, 0] }] };
          if (isForeign && isSelf) return { items: [kind ?? 0, { ...map, net: known.network }] };
          return isSelf ? { sender: other } : undefined;
        }),
      ),
  ),
  nodeMutant("no-pins", "BASE-018 BASE-126", "does not look at the pin of an address", () =>
    altersCommands((command) =>
      command.do === "dial" ? { ...command, address: command.address.replace(/#.*/, "") } : command,
    ),
  ),
  nodeMutant("wrong-pins", "BASE-126", "takes every pin for a wrong one", () =>
    altersCommands((command) =>
      command.do === "dial" ? { ...command, address: command.address.replace(/#.*/, "#2") } : command,
    ),
  ),
  nodeMutant("refuses-nobody", "BASE-024", "does not ask the application about a peer", () =>
    withOptions(({ refuses: _, ...options }) => options),
  ),
  nodeMutant("compresses-early", "BASE-019", "compresses its handshake", () => ({
    toSuite: (bytes, message) => [
      message && isHandshake(message) ? frame(compress(message.body, codecZlib), codecZlib) : bytes,
    ],
  })),
  nodeMutant("no-compression", "BASE-020 WIRE-012", "takes no compressed frames", () =>
    hangsUpOn((message) => message.codec !== 0),
  ),
  nodeMutant("any-length-out", "BASE-021 WIRE-009", "does not look at the peer's message limit", () =>
    hearsHandshake(() => ({ max: 268_435_455 })),
  ),
  nodeMutant("needs-not-listed", "BASE-022 BASE-001", "does not list what it needs", () =>
    saysHandshake(() => ({ features: [] })),
  ),
  nodeMutant("never-closes", "BASE-012 BASE-014 BASE-015 BASE-016 BASE-017 BASE-018", "never closes", neverCloses),
  nodeMutant("wrong-code", "BASE-002 BASE-005 BASE-008 BASE-024", "closes with a code of its own", () =>
    closesWith(77),
  ),
  nodeMutant("no-text", "BASE-016 MESH-001", "does not name the features that are missing", () =>
    layers({
      toSuite: (bytes, message) => [
        message && isClose(message) ? rewrite(message, { items: [...message.items.slice(0, 2), ""] }) : bytes,
      ],
    }),
  ),
];
