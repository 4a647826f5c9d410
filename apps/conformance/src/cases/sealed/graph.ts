// How a node finds out who is connected with whom (spec/securenode-sealed.md, section 5).
import type { GraphFacts } from "../../driver/protocol.js";
import { toBase58 } from "../../reference/base58.js";
import { publicKeyOf } from "../../reference/secure/ed25519.js";
import { idOfKey, seedOf } from "../../reference/secure/identity.js";
import { answerTo } from "../../reference/secure/letters.js";
import { concat, toHex, type Value } from "../../reference/value.js";
import type { NodeCase } from "../../runner/case.js";
import { check, checkEqual } from "../../runner/expect.js";
import type { Message } from "../../stage/message.js";
import type { RawPeer } from "../../stage/raw-peer.js";
import { sendRefusal, sendResponse } from "../../stage/request-messages.js";
import type { Stage } from "../../stage/stage.js";
import { nodeCase } from "../define.js";
import {
  type AskedQuestion,
  answerNext,
  isQuestion,
  knownPeer,
  nextQuestion,
  nodeSeed,
  openSecureNode,
  otherSeed,
  peerSeed,
} from "./secure-nodes.js";

/** Who is two hops away, one that does not answer, and who is three hops away. */
const [farSeed, mutedSeed, beyondSeed] = [seedOf(3_011), seedOf(3_012), seedOf(3_013)] as const;

const idOf = (seed: Uint8Array): Uint8Array => idOfKey(publicKeyOf(seed));
const nameOf = (seed: Uint8Array): string => toBase58(idOf(seed));
const idsOf = (...seeds: readonly Uint8Array[]): Uint8Array => concat(seeds.map(idOf));

/** By the id of who is asked: whose answer it is, and whom it tells of. */
const told: ReadonlyMap<string, readonly [seed: Uint8Array, ids: Uint8Array]> = new Map([
  [toHex(idOf(peerSeed)), [peerSeed, idsOf(nodeSeed, otherSeed, farSeed, mutedSeed)]],
  [toHex(idOf(otherSeed)), [otherSeed, idsOf(nodeSeed, peerSeed, farSeed)]],
  [toHex(idOf(farSeed)), [farSeed, idsOf(peerSeed, otherSeed, beyondSeed)]],
]);

/** Answers questions to this peer, and those that it is to pass on. @param asked gets who is asked, and the hops to it */
function answers(peer: RawPeer, seed: Uint8Array, asked: (id: string, hops: number) => void): void {
  peer.onMessage = (message: Message) => {
    if (!isQuestion(message)) return;
    const { path, ...rest } = message.items[3] as unknown as AskedQuestion & { readonly [name: string]: Value };
    const id = toHex(path.at(-1) ?? idOf(seed));
    asked(id, 1 + path.length);
    const request = Number(message.items[1]);
    const answer = told.get(id);
    if (answer === undefined) sendRefusal(peer, request, "no-answer", "it is silent");
    else sendResponse(peer, request, answerTo(rest, ...answer));
  };
}

async function graphOf(stage: Stage): Promise<{ readonly graph: GraphFacts; readonly asked: readonly string[] }> {
  const node = await openSecureNode(stage);
  const asked: string[] = [];
  for (const seed of [peerSeed, otherSeed]) {
    answers(await knownPeer(stage, node, seed), seed, (id, hops) => asked.push(`${id.slice(0, 8)} at ${hops}`));
  }
  return { graph: (await node.call({ do: "discover", hops: 2 })) as GraphFacts, asked };
}

export const graphCases: readonly NodeCase[] = [
  nodeCase(
    "sealed/graph/asked",
    "SEC-245",
    "nodes within the hops are asked once each, along a shortest way, and no others",
    async (stage) => {
      const { graph, asked } = await graphOf(stage);
      const wanted = [
        [peerSeed, 1],
        [otherSeed, 1],
        [farSeed, 2],
        [mutedSeed, 2],
      ] as const;
      const places = wanted.map(([seed, hops]) => `${toHex(idOf(seed)).slice(0, 8)} at ${hops}`);
      checkEqual([...asked].sort(), [...places].sort(), "who was asked, over how many hops");
      const found = graph.nodes.map(({ id, hops, neighbours }) => `${id} ${hops} ${neighbours?.length ?? "silent"}`);
      const expected = [[nodeSeed, "0 2"], ...[peerSeed, otherSeed].map((seed, at) => [seed, `1 ${4 - at}`] as const)];
      const all = [...expected, [farSeed, "2 3"] as const, [mutedSeed, "2 silent"] as const];
      checkEqual([...found].sort(), all.map(([seed, rest]) => `${nameOf(seed as Uint8Array)} ${rest}`).sort(), "nodes");
      checkEqual(graph.isComplete, false, "whether all answered");
    },
  ),
  nodeCase(
    "sealed/graph/bounds",
    "SEC-245",
    "who tells of hundreds of neighbours is not asked about all of them at once",
    async (stage) => {
      const many = 400;
      const node = await openSecureNode(stage, { clock: "manual" });
      const peer = await knownPeer(stage, node);
      // It ends with the node, as nobody is found.
      void node.call({ do: "discover", hops: 2 }).catch(() => undefined);
      const ids = concat(Array.from({ length: many }, (_, number) => idOf(seedOf(4_000 + number))));
      await answerNext(peer, peerSeed, (_, question) => answerTo(question, peerSeed, ids));
      await nextQuestion(peer);
      await peer.barrier();
      const open = peer.inbox.all.filter(isQuestion).length;
      check(open < many / 2, `${open} of ${many} questions were open at a time`);
    },
  ),
];
