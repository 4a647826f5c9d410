// Questions of nodes about each other, and signed answers (spec/securenode-sealed.md, section 5).
import { randomBytes } from "node:crypto";
import type { Packable } from "../../reference/msgpack.js";
import { publicKeyOf } from "../../reference/secure/ed25519.js";
import { idOfKey } from "../../reference/secure/identity.js";
import { type AnswerMap, answerTo, type Question, whoAnswered } from "../../reference/secure/letters.js";
import { concat, toHex, type Value } from "../../reference/value.js";
import type { NodeCase } from "../../runner/case.js";
import { check, checkBytes, checkEqual, show } from "../../runner/expect.js";
import type { Message } from "../../stage/message.js";
import type { RawPeer } from "../../stage/raw-peer.js";
import {
  isEndOf,
  isRefusal,
  isResponse,
  sendRefusal,
  sendRequest,
  sendResponse,
} from "../../stage/request-messages.js";
import { nodeCase } from "../define.js";
import {
  answerNext,
  knownPeer,
  nextQuestion,
  nodeKey,
  openSecureNode,
  otherSeed,
  peerSeed,
  questionType,
} from "./secure-nodes.js";

let lastRequest = 1_000;

function question(subject: Question["subject"] = "key"): Question {
  return { subject, nonce: new Uint8Array(randomBytes(32)) };
}

/** Asks the node. @returns the number of the request */
function ask(peer: RawPeer, data: Packable): number {
  sendRequest(peer, ++lastRequest, questionType, data);
  return lastRequest;
}

function endOf(peer: RawPeer, request: number): Promise<Message> {
  return peer.next(isEndOf(request), "the end of a question");
}

/** The code of the refusal that a question came to. */
async function refusalOf(peer: RawPeer, data: Packable): Promise<unknown> {
  const end = await endOf(peer, ask(peer, data));
  return isRefusal(end) ? end.items[2] : `answered with ${show(end.items[2])}`;
}

/** An answer of the node, which holds. */
async function answerOf(peer: RawPeer, asked: Question, request: number): Promise<AnswerMap> {
  const end = await endOf(peer, request);
  check(isResponse(end), `refused: ${show(end.items.slice(2))}`);
  const { key, sig, ids } = end.items[2] as { readonly [name: string]: Value };
  const areBytes = key instanceof Uint8Array && sig instanceof Uint8Array && ids instanceof Uint8Array;
  check(areBytes, `an answer of another form: ${show(end.items[2])}`);
  const who = whoAnswered(asked, { key, sig, ids });
  check(who !== undefined, "the signature of the answer does not hold");
  return { key, sig, ids };
}

const [peerId, otherId] = [idOfKey(publicKeyOf(peerSeed)), idOfKey(publicKeyOf(otherSeed))];

export const questionCases: readonly NodeCase[] = [
  nodeCase(
    "sealed/questions/answered",
    "SEC-240 SEC-243",
    "a question with an empty path is answered, signed over nonce, subject and ids",
    async (stage) => {
      const node = await openSecureNode(stage);
      const [peer] = [await knownPeer(stage, node), await knownPeer(stage, node, otherSeed)];
      for (const subject of ["key", "neighbours"] as const) {
        const asked = question(subject);
        const { key, ids } = await answerOf(peer, asked, ask(peer, { ...asked, path: [], later: 1 }));
        checkBytes(key, nodeKey, "the key of the answer");
        const all = [0, 48].map((at) => toHex(ids.subarray(at, at + 48))).sort();
        const wanted = subject === "key" ? ["", ""] : [toHex(peerId), toHex(otherId)].sort();
        checkEqual(all, wanted, `the ids of an answer about ${subject}`);
        checkEqual(ids.length, subject === "key" ? 0 : 96, "how many bytes of ids");
      }
    },
  ),
  nodeCase("sealed/questions/bad", "SEC-240", "questions of another form are refused", async (stage) => {
    const node = await openSecureNode(stage);
    const peer = await knownPeer(stage, node);
    const nonce = new Uint8Array(randomBytes(32));
    const bad: readonly Packable[] = [
      null,
      [],
      { nonce, path: [] },
      { subject: "keys", nonce, path: [] },
      { subject: "key", path: [] },
      { subject: "key", nonce: nonce.subarray(1), path: [] },
      { subject: "key", nonce: toHex(nonce).slice(32), path: [] },
      { subject: "key", nonce },
      { subject: "key", nonce, path: "" },
      { subject: "key", nonce, path: [peerId.subarray(1)] },
      { subject: "key", nonce, path: ["x".repeat(48)] },
      { subject: "key", nonce, path: Array.from({ length: 8 }, () => peerId) },
    ];
    for (const data of bad) checkEqual(await refusalOf(peer, data), "bad-question", show(data).slice(0, 60));
    const far = { ...question(), path: Array.from({ length: 7 }, () => otherId) };
    checkEqual(await refusalOf(peer, far), "no-way", "a path of 7 ids, the first of them no neighbour");
  }),
  nodeCase("sealed/questions/private", "SEC-240", "a node may keep its neighbours to itself", async (stage) => {
    const node = await openSecureNode(stage, { tellsNeighbours: false });
    const peer = await knownPeer(stage, node);
    checkEqual(await refusalOf(peer, { ...question("neighbours"), path: [] }), "private", "about its neighbours");
    const asked = question("key");
    checkBytes((await answerOf(peer, asked, ask(peer, { ...asked, path: [] }))).key, nodeKey, "its key");
  }),
  nodeCase(
    "sealed/questions/passed-on",
    "SEC-241",
    "a question with a path goes to its first id, without it, and the answer comes back",
    async (stage) => {
      const node = await openSecureNode(stage);
      const [peer, other] = [await knownPeer(stage, node), await knownPeer(stage, node, otherSeed)];
      for (const rest of [[], [peerId], Array.from({ length: 6 }, () => peerId)]) {
        const asked = question("neighbours");
        const request = ask(peer, { ...asked, path: [otherId, ...rest] });
        const heard = await nextQuestion(other);
        checkEqual([heard.subject, heard.nonce, heard.path], [asked.subject, asked.nonce, rest], "the question");
        const ids = concat([peerId, otherId]);
        sendResponse(other, heard.requestId, answerTo(asked, otherSeed, ids));
        const answer = await answerOf(peer, asked, request);
        checkBytes(answer.key, publicKeyOf(otherSeed), "the key of the answer");
        checkBytes(answer.ids, ids, "the ids of the answer");
      }
      const request = ask(peer, { ...question(), path: [otherId] });
      sendRefusal(other, (await nextQuestion(other)).requestId, "private", "not told");
      checkEqual((await endOf(peer, request)).items[2], "private", "a refusal on the way");
      const lost = ask(peer, { ...question(), path: [otherId] });
      await nextQuestion(other);
      other.destroy();
      checkEqual((await endOf(peer, lost)).items[2], "no-answer", "a neighbour that goes");
    },
  ),
  nodeCase("sealed/questions/bad-answer", "SEC-242", "what is no answer is not given back", async (stage) => {
    const node = await openSecureNode(stage);
    const [peer, other] = [await knownPeer(stage, node), await knownPeer(stage, node, otherSeed)];
    const sound = answerTo(question(), otherSeed);
    const bad: readonly Packable[] = [
      null,
      "answer",
      [],
      {},
      { ...sound, key: sound.key.subarray(1) },
      { ...sound, sig: sound.sig.subarray(1) },
      { ...sound, ids: new Uint8Array(47) },
      { ...sound, ids: new Uint8Array(48 * 513) },
      { ...sound, ids: [] },
      { key: sound.key, sig: sound.sig },
    ];
    for (const data of bad) {
      const request = ask(peer, { ...question(), path: [otherId] });
      sendResponse(other, (await nextQuestion(other)).requestId, data);
      const end = await endOf(peer, request);
      checkEqual([isRefusal(end), end.items[2]], [true, "bad-answer"], show(data).slice(0, 60));
    }
  }),
  nodeCase(
    "sealed/questions/believed",
    "SEC-243",
    "an asker believes only what the node that it asks signed, for this question",
    async (stage) => {
      const node = await openSecureNode(stage);
      const peer = await knownPeer(stage, node);
      const bad: readonly ((sound: AnswerMap, asked: Question) => AnswerMap)[] = [
        (_, asked) => answerTo(asked, otherSeed),
        (sound, asked) => ({ ...sound, sig: answerTo(asked, otherSeed).sig }),
        () => answerTo(question(), peerSeed),
        (_, asked) => answerTo({ ...asked, subject: "neighbours" }, peerSeed),
        (sound) => ({ ...sound, ids: peerId }),
        (sound) => ({ ...sound, sig: new Uint8Array(64) }),
      ];
      for (const alter of bad) {
        const refused = node.refused({ do: "key-of", peer: peer.name });
        const { subject, path } = await answerNext(peer, peerSeed, alter);
        checkEqual([subject, path], ["key", []], "what the node asks");
        await refused;
      }
      const key = node.call({ do: "key-of", peer: peer.name });
      await answerNext(peer, peerSeed);
      checkEqual(await key, toHex(publicKeyOf(peerSeed)), "the key, once it is signed");
    },
  ),
  nodeCase(
    "sealed/questions/rate",
    "SEC-244",
    "questions beyond what one neighbour may ask are refused",
    async (stage) => {
      const node = await openSecureNode(stage, { clock: "manual" });
      const [peer, other] = [await knownPeer(stage, node), await knownPeer(stage, node, otherSeed)];
      /** How many of so many questions are answered; the rest is refused with `busy`. */
      const answered = async (from: RawPeer, count: number): Promise<number> => {
        let refused = 0;
        // Not all at once: a node has a limit on requests that are open, too.
        for (let left = count; left > 0; left -= 30) {
          const length = Math.min(30, left);
          const requests = Array.from({ length }, () => ask(from, { ...question(), path: [] }));
          for (const end of await Promise.all(requests.map((request) => endOf(from, request)))) {
            if (!isRefusal(end)) continue;
            refused++;
            checkEqual(end.items[2], "busy", "the refusal");
          }
        }
        return count - refused;
      };
      checkEqual(await answered(peer, 510), 500, "answers of 510 in one moment");
      checkEqual(await refusalOf(peer, { ...question(), path: [otherId] }), "busy", "one to pass on");
      checkEqual(await answered(other, 3), 3, "answers to another neighbour");
      await node.advance(1_000);
      checkEqual(await answered(peer, 60), 50, "answers a second later");
    },
  ),
];
