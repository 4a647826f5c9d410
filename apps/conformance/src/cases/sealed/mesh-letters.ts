// Letters and questions through a mesh that requires signatures, to and from who is no neighbour (spec/securenode-sealed.md,
// sections 4 and 5).
import { randomBytes } from "node:crypto";
import { toBase58 } from "../../reference/base58.js";
import { messageId } from "../../reference/ids.js";
import type { Packable } from "../../reference/msgpack.js";
import { publicKeyOf } from "../../reference/secure/ed25519.js";
import { idOfKey } from "../../reference/secure/identity.js";
import {
  type AnswerMap,
  answerTo,
  type LetterParts,
  openLetter,
  type Question,
  sealLetter,
} from "../../reference/secure/letters.js";
import { readEnvelope } from "../../reference/secure/signed-messages.js";
import { unpack } from "../../reference/unpack.js";
import { toHex, type Value } from "../../reference/value.js";
import type { NodeCase } from "../../runner/case.js";
import { check, checkEqual } from "../../runner/expect.js";
import type { Message } from "../../stage/message.js";
import { subtype } from "../../stage/messages.js";
import type { RawPeer } from "../../stage/raw-peer.js";
import { secureNetworkId } from "../../stage/secure/shake.js";
import type { Stage } from "../../stage/stage.js";
import type { TestNode } from "../../stage/test-node.js";
import { nodeCase } from "../define.js";
import { isReceipt, isRouted, sendRouted } from "../mesh/links.js";
import { innerBody, neighbour, openSigned } from "../secure/signed-peers.js";
import { letterType, nextNumber, nodeKey, nodeSeed, otherSeed, peerSeed, questionType } from "./secure-nodes.js";

/** Two who are far away. */
const [farSeed, elseSeed] = [peerSeed, otherSeed];
const farId = idOfKey(publicKeyOf(farSeed));

function letter(stage: Stage, parts: Partial<LetterParts> = {}): Uint8Array {
  const map = { type: "news", data: "from afar", number: nextNumber(), time: Date.now() * 1_000 };
  return sealLetter({ seed: farSeed, readers: [nodeKey], network: stage.network, map, ...parts });
}

function openNode(stage: Stage): Promise<TestNode> {
  return openSigned(stage, { kind: "secure-mesh", seed: toHex(nodeSeed) });
}

/** Brings the node a whisper of somebody, and waits until it has it. */
async function bring(stage: Stage, node: TestNode, peer: RawPeer, seed: Uint8Array, items: readonly Packable[]) {
  const inner = innerBody(stage, node.idBytes, items, { seed });
  sendRouted(peer, { destination: node.idBytes, inner, sender: idOfKey(publicKeyOf(seed)) });
  const isOurs = (message: Message): boolean => isReceipt(message) && toHex(message.items[3] as Uint8Array) === id;
  const id = toHex(messageId(inner));
  await peer.next(isOurs, "the receipt");
}

/** What the node sends to the one far away, which is signed for it; a receipt goes back. */
async function nextOf(stage: Stage, peer: RawPeer): Promise<readonly Value[]> {
  const { items } = await peer.next(isRouted, "a routed message of the node");
  const inner = items[4] as Uint8Array;
  const networkId = secureNetworkId(stage.network, false);
  const envelope = readEnvelope(networkId, inner);
  check(envelope?.holds === true, "what the node sends is not signed");
  checkEqual(envelope.to, farId, "for whom it is signed");
  const [, sender] = unpack(inner) as readonly Value[];
  const proof = innerBody(stage, sender as Uint8Array, [subtype.receipt, messageId(inner)], { seed: farSeed });
  peer.sendAs(farId, 2, subtype.receipt, sender as Uint8Array, 8, messageId(inner), proof);
  return (unpack(inner) as readonly Value[]).slice(3);
}

const taken = (node: TestNode): unknown[] => node.seen("letter").map(({ data, from }) => [data, from]);

export const meshLetterCases: readonly NodeCase[] = [
  nodeCase(
    "sealed/mesh-letters/taken",
    "SEC-230 SEC-232 SEC-236",
    "a letter from afar is taken once, in a message of its own sender",
    async (stage) => {
      const node = await openNode(stage);
      const peer = await neighbour(stage, node);
      const whisper = (data: Packable): readonly Packable[] => [subtype.message, letterType, data];
      const right = letter(stage);
      // Of another's hand, then as it was sent, then again in a new message of the same sender.
      await bring(stage, node, peer, elseSeed, whisper(right));
      checkEqual(taken(node), [], "letters that another brought");
      for (let time = 0; time < 2; time++) await bring(stage, node, peer, farSeed, whisper(right));
      const map = { type: "news", data: "last", number: nextNumber(), time: Date.now() * 1_000 };
      await bring(stage, node, peer, farSeed, whisper(letter(stage, { map })));
      await node.next("letter", ({ data }) => data === "last");
      const far = toBase58(farId);
      checkEqual(
        taken(node),
        [
          ["from afar", far],
          ["last", far],
        ],
        "letters taken",
      );
    },
  ),
  nodeCase(
    "sealed/mesh-letters/written",
    "SEC-230 SEC-235 SEC-243",
    "a letter to somebody far away is sealed for the key that it answers with through the mesh, and for no other",
    async (stage) => {
      const node = await openNode(stage);
      const peer = await neighbour(stage, node);
      const far = toBase58(farId);
      const mine = { do: "letter", to: [far], data: "over others", type: "news" } as const;
      /** What the one far away, or who knows its messages, answers to the next question. */
      const answer = async (alter: (question: Question) => AnswerMap): Promise<void> => {
        const [kind, request, type, data] = await nextOf(stage, peer);
        checkEqual([kind, type], [subtype.request, questionType], "what the node asks");
        const question = data as unknown as Question & { readonly path: Value };
        checkEqual([question.subject, question.path], ["key", []], "the question");
        await bring(stage, node, peer, farSeed, [subtype.response, Number(request), alter(question)]);
      };
      const forged = node.refused(mine);
      await answer((question) => answerTo(question, elseSeed));
      await forged;
      const unsigned = node.refused({ do: "key-of", peer: far });
      await answer((question) => ({ ...answerTo(question, farSeed), sig: answerTo(question, elseSeed).sig }));
      await unsigned;
      const sent = node.call(mine);
      await answer((question) => answerTo(question, farSeed));
      const [whisper, about, sealed] = await nextOf(stage, peer);
      checkEqual([whisper, about], [subtype.message, letterType], "what the node sends");
      const { map, from } = openLetter(farSeed, sealed as Uint8Array, stage.network);
      checkEqual([map.type, map.data, from], ["news", "over others", idOfKey(nodeKey)], "the letter");
      await sent;
    },
  ),
  nodeCase(
    "sealed/mesh-letters/questions",
    "SEC-240 SEC-244",
    "a node answers who is no neighbour, and all of them together no more than one neighbour",
    async (stage) => {
      const node = await openSigned(stage, {
        kind: "secure-mesh",
        seed: toHex(nodeSeed),
        clock: "manual",
        limits: { questionBurst: 5, questionsPerSecond: 1 },
      });
      const peer = await neighbour(stage, node);
      const codes: unknown[] = [];
      for (let request = 1; request <= 8; request++) {
        const seed = request % 2 === 0 ? farSeed : elseSeed;
        const question = { subject: "key", nonce: new Uint8Array(randomBytes(32)), path: [] };
        await bring(stage, node, peer, seed, [subtype.request, request, questionType, question]);
        const { items } = await peer.next(isRouted, "the end of a question");
        const [, , , kind, , code] = unpack(items[4] as Uint8Array) as readonly Value[];
        codes.push(kind === subtype.response ? "answered" : code);
      }
      checkEqual(codes, [...Array.from({ length: 5 }, () => "answered"), "busy", "busy", "busy"], "ends of questions");
    },
  ),
];
