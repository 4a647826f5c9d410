// Messages under one signature: each is taken by itself, and only for what it is (spec/securenode.md, section 9.1).
import { seedOf } from "../../reference/secure/identity.js";
import type { MessageProof } from "../../reference/secure/message-tree.js";
import { signedTogether } from "../../reference/secure/signed-messages.js";
import type { NodeCase } from "../../runner/case.js";
import { checkBytes, checkEqual } from "../../runner/expect.js";
import { several } from "../../stage/several.js";
import type { Stage } from "../../stage/stage.js";
import { nodeCase } from "../define.js";
import { changed, checkRefusedAll, neighbour, newsOf, openSigned, partsOf, signedFence } from "./signed-peers.js";

type Change = (proof: MessageProof, index: number) => MessageProof;

/** Broadcasts of one sender under one signature. */
function batch(stage: Stage, count: number, change?: Change): readonly Uint8Array[] {
  const parts = Array.from({ length: count }, () => partsOf(stage));
  return signedTogether(parts, new Set(), change);
}

const zeroes = new Uint8Array(32);

/** Proofs of no form, and paths that lead elsewhere. */
const wrongs: readonly [name: string, count: number, change: Change][] = [
  ["nine hashes", 1, (proof) => ({ ...proof, path: Array.from({ length: 9 }, () => zeroes) })],
  [
    "a side without a hash",
    5,
    ({ path, sides, signature }) => ({ path, sides: sides | (1 << path.length), signature }),
  ],
  ["a hash of 31 bytes", 2, (proof) => ({ ...proof, path: [zeroes.subarray(1)] })],
  ["sides without a path", 2, ({ signature }) => ({ sides: 0, path: [new Uint8Array(0)], signature })],
];

const strays: readonly [name: string, count: number, change: Change][] = [
  ["the first hash left out", 5, (proof) => ({ ...proof, sides: proof.sides >> 1, path: proof.path.slice(1) })],
  ["the last hash left out", 4, ({ path, signature }) => ({ sides: 0, path: path.slice(0, 1), signature })],
  ["no path", 2, ({ signature }) => ({ sides: 0, path: [], signature })],
  ["the other side", 2, ({ path, sides, signature }) => ({ path, sides: sides ^ 1, signature })],
  ["the hashes turned around", 4, ({ path, ...rest }) => ({ path: [...path].reverse(), ...rest })],
  ["a hash more", 2, ({ path, ...rest }) => ({ path: [...path, zeroes], ...rest })],
];

async function checkNoneTaken(stage: Stage, all: typeof wrongs): Promise<void> {
  const bodies: Uint8Array[] = [];
  for (const [, count, change] of all) bodies.push(...batch(stage, count, change).slice(0, 1));
  await checkRefusedAll(stage, bodies);
}

export const batchCases: readonly NodeCase[] = [
  nodeCase(
    "secure/signed/batch",
    "SEC-085",
    "messages under one signature are taken in any order, by any way, and without the others",
    async (stage) => {
      const node = await openSigned(stage);
      const [first, second, other] = await several(3, () => neighbour(stage, node));
      const parts = Array.from({ length: 11 }, (_, index) => partsOf(stage, { data: `number ${index}` }));
      const bodies = signedTogether(parts);
      for (const [index, peer] of [
        [10, first],
        [3, second],
        [0, first],
      ] as const) {
        peer.sendBody(bodies[index] ?? zeroes);
        const data = `number ${index}`;
        await node.next("broadcast", (report) => report.data === data);
        const { body } = await other.next((message) => message.items[2] === data, "the relayed broadcast");
        checkBytes(body, bodies[index] ?? zeroes, "relayed body");
      }
      checkEqual(newsOf(node), ["number 10", "number 3", "number 0"], "broadcasts delivered");
    },
  ),
  nodeCase("secure/signed/malformed-proofs", "SEC-086", "proofs of another form are refused", (stage) =>
    checkNoneTaken(stage, wrongs),
  ),
  nodeCase("secure/signed/strayed-paths", "SEC-085", "paths that lead to another root are refused", (stage) =>
    checkNoneTaken(stage, strays),
  ),
  nodeCase(
    "secure/signed/known-roots",
    "SEC-087",
    "a root that was verified vouches for no other signature, nor for another key",
    async (stage) => {
      const node = await openSigned(stage, { limits: { maxRejected: 1_000 } });
      const peer = await neighbour(stage, node);
      const [own, wrong, right] = signedTogether([
        partsOf(stage, { data: "one" }),
        partsOf(stage, { data: "another signature" }),
        partsOf(stage, { data: "two" }),
      ]);
      peer.sendBody(own ?? zeroes);
      peer.sendBody(changed(wrong ?? zeroes, -1));
      peer.sendBody(right ?? zeroes);
      // The sender of the first signs what another sender says.
      const [mine, theirs] = signedTogether([
        partsOf(stage, { data: "three" }),
        partsOf(stage, { data: "another key", seed: seedOf(2) }),
      ]);
      peer.sendBody(mine ?? zeroes);
      peer.sendBody(theirs ?? zeroes);
      await signedFence(stage, peer, node);
      checkEqual(newsOf(node), ["one", "two", "three"], "broadcasts delivered");
    },
  ),
];
