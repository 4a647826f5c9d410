// Receipts of routed messages where signatures are required: what proves them, and which are believed (spec/securenode.md, section 9).
import { toBase58 } from "../../reference/base58.js";
import { messageId } from "../../reference/ids.js";
import { publicKeyOf } from "../../reference/secure/ed25519.js";
import { idOfKey, seedOf } from "../../reference/secure/identity.js";
import { readEnvelope, type SignedParts } from "../../reference/secure/signed-messages.js";
import { unpack } from "../../reference/unpack.js";
import type { Value } from "../../reference/value.js";
import type { NodeCase } from "../../runner/case.js";
import { check, checkBytes, checkEqual } from "../../runner/expect.js";
import { subtype } from "../../stage/messages.js";
import type { RawPeer } from "../../stage/raw-peer.js";
import { secureNetworkId } from "../../stage/secure/shake.js";
import { several } from "../../stage/several.js";
import type { Stage } from "../../stage/stage.js";
import { nodeCase } from "../define.js";
import { isReceipt, isRouted, sendRouted } from "../mesh/links.js";
import { innerBody, neighbour, openSigned, signedFence } from "./signed-peers.js";

/** Somebody far away, whose secret mutants have too. */
const farSeed = seedOf(2);
const farId = idOfKey(publicKeyOf(farSeed));

/** A whisper of this somebody. */
function inner(
  stage: Stage,
  to: Uint8Array,
  items: SignedParts["items"],
  parts: Partial<SignedParts> = {},
): Uint8Array {
  return innerBody(stage, to, items, { seed: farSeed, ...parts });
}

function sendReceipt(peer: RawPeer, origin: Uint8Array, innerId: Uint8Array, proof?: Uint8Array): void {
  const rest = proof === undefined ? [] : [proof];
  peer.sendAs(farId, 2, subtype.receipt, origin, 8, innerId, ...rest);
}

/** Proofs that are none, of a receipt for this origin. */
function forgeries(stage: Stage, origin: Uint8Array, innerId: Uint8Array): readonly (Uint8Array | undefined)[] {
  const items = [subtype.receipt, innerId] as const;
  const sound = inner(stage, origin, items);
  return [
    undefined,
    new Uint8Array(0),
    sound.subarray(1),
    inner(stage, origin, items, { signer: seedOf(3) }),
    inner(stage, origin, items, { keyOf: seedOf(3) }),
    inner(stage, seedIdOf(4), items),
    inner(stage, origin, [subtype.receipt, new Uint8Array(32)]),
    inner(stage, origin, [subtype.message, innerId]),
    inner(stage, origin, items, { seed: seedOf(3) }),
  ];
}

const seedIdOf = (number: number): Uint8Array => idOfKey(publicKeyOf(seedOf(number)));

export const receiptCases: readonly NodeCase[] = [
  nodeCase("secure/signed/receipts", "SEC-089", "the destination signs its receipts for the origin", async (stage) => {
    const node = await openSigned(stage);
    const peer = await neighbour(stage, node);
    const body = inner(stage, node.idBytes, [subtype.message, "direct", "hello"]);
    sendRouted(peer, { destination: node.idBytes, inner: body, sender: farId });
    const { items } = await peer.next(isReceipt, "the receipt");
    checkBytes(items[3] as Uint8Array, messageId(body), "message id in the receipt");
    check(items[4] instanceof Uint8Array, "the receipt has no proof");
    const [type, sender, , ...stated] = unpack(items[4]) as readonly Value[];
    checkEqual([type, stated[0]], [2, subtype.receipt], "type and subtype of the proof");
    checkBytes(sender as Uint8Array, node.idBytes, "sender of the proof");
    checkBytes(stated[1] as Uint8Array, messageId(body), "message id in the proof");
    const envelope = readEnvelope(secureNetworkId(stage.network, false), items[4]);
    check(envelope?.holds === true, "the signature of the proof does not hold");
    checkBytes(envelope.to ?? new Uint8Array(0), farId, "origin in the envelope of the proof");
  }),
  nodeCase(
    "secure/signed/receipts-passed",
    "SEC-089",
    "only proven receipts are passed on, as they came",
    async (stage) => {
      const node = await openSigned(stage, { limits: { maxRejected: 1_000 } });
      const [bringer, origin] = await several(2, () => neighbour(stage, node));
      const innerId = messageId(inner(stage, farId, [subtype.message, "direct", "hello"]));
      for (const proof of forgeries(stage, origin.id, innerId)) sendReceipt(bringer, origin.id, innerId, proof);
      const sound = inner(stage, origin.id, [subtype.receipt, innerId]);
      sendReceipt(bringer, origin.id, innerId, sound);
      await signedFence(stage, bringer, node);
      await origin.barrier();
      const passed = origin.inbox.all.filter(isReceipt).map(({ items }) => items[4]);
      checkEqual(passed, [sound], "proofs of receipts that were passed on");
    },
  ),
  nodeCase(
    "secure/signed/receipts-taken",
    "SEC-089",
    "an origin believes only the destination's receipt",
    async (stage) => {
      const node = await openSigned(stage, { limits: { maxRejected: 1_000 } });
      const peer = await neighbour(stage, node);
      let isDone = false;
      const sent = node.send(toBase58(farId), "for one", "direct").then(() => {
        isDone = true;
      });
      const { items } = await peer.next(isRouted, "the routed message");
      const innerId = messageId(items[4] as Uint8Array);
      for (const proof of forgeries(stage, node.idBytes, innerId)) sendReceipt(peer, node.idBytes, innerId, proof);
      await signedFence(stage, peer, node);
      check(!isDone, "a forged receipt was believed");
      sendReceipt(peer, node.idBytes, innerId, inner(stage, node.idBytes, [subtype.receipt, innerId]));
      await sent;
    },
  ),
];
