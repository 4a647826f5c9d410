// Nodes that are careless with letters through a mesh: layers that open what is routed, and sign it anew as the suite's or the
// node's identity does.
import { isLetter, nodeSeed, peerSeed } from "../cases/sealed/secure-nodes.js";
import type { Packable } from "../reference/msgpack.js";
import { publicKeyOf } from "../reference/secure/ed25519.js";
import { openLetter, sealLetter } from "../reference/secure/letters.js";
import { readEnvelope, signedBody } from "../reference/secure/signed-messages.js";
import { unpack } from "../reference/unpack.js";
import type { Value } from "../reference/value.js";
import type { Interference } from "../stage/interference.js";
import { rewrite } from "../stage/message.js";
import { isWhisper, subtype } from "../stage/messages.js";
import { secureNetworkId } from "../stage/secure/shake.js";
import type { NodeMutant } from "./mutant.js";
import { nodeMutant } from "./node-mutant.js";

const isRouted = isWhisper(subtype.routed);

/** What the node sends to others far away is in no context. */
function writesWithoutContext(): Interference {
  let network = "";
  return {
    options: (options) => {
      network = options.network;
      return options;
    },
    toSuite: (frame, message) => {
      const inner = message && isRouted(message) ? message.items[4] : undefined;
      if (message === undefined || !(inner instanceof Uint8Array)) return [frame];
      const [type, , time, ...items] = unpack(inner) as readonly Value[];
      const [kind, about, sealed] = items;
      const networkId = secureNetworkId(network, false);
      const envelope = readEnvelope(networkId, inner);
      const isOurs =
        isLetter({ ...message, subtype: Number(kind), items }) &&
        sealed instanceof Uint8Array &&
        envelope?.to !== undefined;
      if (!isOurs) return [frame];
      const { map } = openLetter(peerSeed, sealed, network);
      const readers = [publicKeyOf(peerSeed)];
      const bare = sealLetter({ seed: nodeSeed, readers, network, map, forged: { context: "" } });
      const parts = { seed: nodeSeed, networkId, type: Number(type), time: Number(time), to: envelope.to };
      const anew = signedBody({
        ...parts,
        sequence: envelope.sequence,
        items: [kind as number, about as string, bare],
      });
      return [rewrite(message, { items: [...message.items.slice(0, 4), anew] as readonly Packable[] })];
    },
  };
}

/** Each letter is told twice. */
function tellsAgain(): Interference {
  return { report: (report) => (report.report === "letter" ? [report, report] : [report]) };
}

export const meshLetterMutants: readonly NodeMutant[] = [
  nodeMutant(
    "far-letter-no-context",
    "SEC-230",
    "seals letters that go through others in no context",
    writesWithoutContext,
  ),
  nodeMutant("far-letter-again", "SEC-232", "tells letters more often than once", tellsAgain),
];
