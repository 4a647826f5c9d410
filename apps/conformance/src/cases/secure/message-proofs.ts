// Signatures of messages, alone and together, as bytes (spec/securenode.md, sections 9 and 9.1).
import { publicKeyOf } from "../../reference/secure/ed25519.js";
import { hash, seedOf } from "../../reference/secure/identity.js";
import { readEnvelope, type SignedParts, signedBody, signedTogether } from "../../reference/secure/signed-messages.js";
import { toHex } from "../../reference/value.js";
import type { CodecCase } from "../../runner/case.js";
import { check, checkBytes, checkEqual } from "../../runner/expect.js";
import { secureCase, turned } from "./secure-case.js";

const [one, two] = [seedOf(1), seedOf(2)];
const networkId = hash("sha256", Uint8Array.of(7));
const time = 1_795_000_000_000_000;

const parts: SignedParts = { seed: two, networkId, items: [0, "news", "hello"], time, sequence: 5 };

/** Messages of one sender that differ in their numbers. */
function batch(count: number): readonly SignedParts[] {
  return Array.from({ length: count }, (_, index) => ({ ...parts, sequence: parts.sequence + index }));
}

export const messageProofCases: readonly CodecCase[] = [
  secureCase(
    "envelope",
    "SEC-006 SEC-070 SEC-071 SEC-084",
    "the envelope is last, and signs tag, network and body",
    async (secure) => {
      const [body = new Uint8Array(0)] = await secure.signMessages({ seed: one, networkId, texts: ["hello"], time });
      const read = readEnvelope(networkId, body);
      check(read?.holds === true, "the target's envelope is none, or does not hold");
      checkBytes(read.key, publicKeyOf(one), "key of the envelope");
      checkEqual(await secure.takes(networkId, signedBody(parts)), true, "the suite's message");
      const other = signedBody({ ...parts, networkId: new Uint8Array(32) });
      checkEqual(await secure.takes(networkId, other), false, "a message of another network");
      const first = signedBody(parts, new Set(["envelope-not-last"]));
      checkEqual(await secure.takes(networkId, first), false, "an envelope that is not last");
      const last = signedBody(parts);
      checkEqual(await secure.takes(networkId, turned(last, last.length - 1)), false, "another signature");
      checkEqual(await secure.takes(networkId, turned(last, 60)), false, "another time");
    },
  ),
  secureCase(
    "proofs-made",
    "SEC-006 SEC-071 SEC-084 SEC-085",
    "of messages that are signed together each holds alone",
    async (secure) => {
      for (const count of [2, 3, 7, 64]) {
        const texts = Array.from({ length: count }, (_, index) => `text ${index}`);
        const bodies = await secure.signMessages({ seed: one, networkId, texts, time });
        checkEqual(bodies.length, count, "bodies");
        for (const body of bodies)
          check(readEnvelope(networkId, body)?.holds === true, `one of ${count} does not hold`);
        checkEqual(new Set(bodies.map(toHex)).size, count, "bodies that differ");
      }
    },
  ),
  secureCase(
    "proofs-taken",
    "SEC-006 SEC-071 SEC-084 SEC-085",
    "messages of every place in a tree of any size are taken alone, and no byte of them can be changed",
    async (secure) => {
      for (const count of [2, 3, 5, 8, 256]) {
        const bodies = signedTogether(batch(count));
        for (const index of new Set([0, 1, count >> 1, count - 1])) {
          const body = bodies[index] ?? new Uint8Array(0);
          checkEqual(await secure.takes(networkId, body), true, `message ${index} of ${count}`);
        }
      }
      const [body = new Uint8Array(0)] = signedTogether(batch(5));
      // Time, number, sides, each hash of the path, signature.
      const { length } = body;
      for (const at of [
        60,
        length - 64 - 97 - 4,
        length - 64 - 97,
        length - 64 - 96,
        length - 65,
        length - 64,
        length - 1,
      ]) {
        checkEqual(await secure.takes(networkId, turned(body, at)), false, `byte ${at} of ${length} changed`);
      }
    },
  ),
];
