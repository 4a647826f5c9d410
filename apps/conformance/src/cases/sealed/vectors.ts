// The committed vectors of sealed things: made from what was drawn, and opened (spec/vectors/securenode/sealed.txt).
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { publicKeyOf } from "../../reference/secure/ed25519.js";
import { fromHex, type Value } from "../../reference/value.js";
import { specFolder } from "../../requirements/chapters.js";
import type { CodecCase } from "../../runner/case.js";
import { checkBytes, checkEqual } from "../../runner/expect.js";
import { sealedCase } from "./people.js";

interface SealedVectors {
  /** Plain JSON, not in the notation of other vectors. */
  readonly value: Value;
  readonly identities: readonly { readonly seed: string }[];
  readonly messages: readonly { readonly title: string; readonly context: string; readonly bytes: string }[];
  readonly data: {
    readonly context: string;
    readonly sealedForTheSecond: string;
    readonly grantedToTheThird: string;
    readonly revokedFromTheSecond: string;
  };
}

// The file is committed, and made by a test of this repository.
const vectors = JSON.parse(readFileSync(join(specFolder, "vectors/securenode/sealed.txt"), "utf8")) as SealedVectors;
const { value } = vectors;
const [ada = new Uint8Array(0), bob = ada, cy = ada] = vectors.identities.map(({ seed }) => fromHex(seed));
/** The n-th draw is full of n. */
const draws = [1, 2, 3].map((number) => new Uint8Array(32).fill(number));

export const sealedVectorCases: readonly CodecCase[] = [
  sealedCase(
    "vectors/messages",
    "SEC-201 SEC-202 SEC-203 SEC-205 SEC-206 SEC-208 SEC-211 SEC-212 SEC-213",
    "the messages of the vectors are made and opened",
    async (target) => {
      checkEqual(vectors.messages.length, 3, "messages");
      for (const { title, context, bytes } of vectors.messages) {
        const readers = [publicKeyOf(cy), publicKeyOf(bob)];
        const from = title.startsWith("from the first") ? { seed: ada } : {};
        const isHidden = title.endsWith("hidden");
        checkBytes(
          await target.seal({ data: value, readers, context, isHidden, draws, ...from }),
          fromHex(bytes),
          title,
        );
        for (const reader of [bob, cy])
          checkEqual((await target.unseal(reader, fromHex(bytes), context)).data, value, `${title}, read`);
      }
    },
  ),
  sealedCase(
    "vectors/data",
    "SEC-221 SEC-222 SEC-223 SEC-224 SEC-225 SEC-226",
    "the data of the vectors is made, granted, revoked and opened",
    async (target) => {
      const { context, sealedForTheSecond, grantedToTheThird, revokedFromTheSecond } = vectors.data;
      const [first, second, third] = [sealedForTheSecond, grantedToTheThird, revokedFromTheSecond].map(fromHex);
      if (first === undefined || second === undefined || third === undefined) throw new TypeError("three versions");
      const readers = [publicKeyOf(bob)];
      checkBytes(await target.sealData({ data: value, seed: ada, readers, context, draws }), first, "version 1");
      const grant = { change: "grant", reader: publicKeyOf(cy) } as const;
      checkBytes(await target.changeData({ bytes: first, context, known: 1 }, ada, grant, draws), second, "version 2");
      const revoke = { change: "revoke", reader: publicKeyOf(bob) } as const;
      checkBytes(await target.changeData({ bytes: second, context, known: 2 }, ada, revoke, draws), third, "version 3");
      for (const [version, bytes, seeds] of [
        [1, first, [ada, bob]],
        [2, second, [ada, bob, cy]],
        [3, third, [ada, cy]],
      ] as const) {
        for (const seed of seeds) {
          const read = await target.openData({ bytes, context, known: version }, seed);
          checkEqual([read.version, read.data], [version, value], `version ${version}`);
        }
      }
    },
  ),
];
