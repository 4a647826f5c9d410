// Sealed data: versions, readers who are let in and out, and what is refused (spec/securenode-sealed.md, sections 1 and 3).
import type { DataChange } from "../../codec/sealed-target.js";
import { pack } from "../../reference/msgpack.js";
import { idOfKey } from "../../reference/secure/identity.js";
import { changeData, dataMagic, type NewVersion, sealData } from "../../reference/secure/sealed-data.js";
import { rising } from "../../reference/secure/sealed-message.js";
import { concat, toHex } from "../../reference/value.js";
import type { CodecCase } from "../../runner/case.js";
import { check, checkBytes, checkEqual, checkRefused } from "../../runner/expect.js";
import { checkEveryByte, drawn, person, sealedCase, withoutSign, withSign } from "./people.js";

const [ada, bob, cy] = [person(1), withSign, withoutSign];
const context = "notes/1";
const value = { text: "draft", marks: [1, 2.5] };
const usual: NewVersion = { data: value, seed: ada.seed, readers: [bob.key], context, draws: drawn(3) };
const first = sealData(usual);
const at = (bytes: Uint8Array, known = 1) => ({ bytes, context, known });
const more = drawn(4, 100);

const grant: DataChange = { change: "grant", reader: cy.key };
const revoke: DataChange = { change: "revoke", reader: bob.key };
const update: DataChange = { change: "update", data: "final" };

export const sealedDataCases: readonly CodecCase[] = [
  sealedCase(
    "data/made",
    "SEC-208 SEC-221 SEC-222 SEC-223 SEC-224",
    "data has the bytes of the chapter, for what was drawn",
    async (target) => {
      for (const readers of [[], [bob.key], [cy.key, bob.key].sort(rising).reverse(), [ada.key, bob.key, bob.key]]) {
        const parts = { ...usual, readers, draws: drawn(4) };
        const made = await target.sealData({ data: value, seed: ada.seed, readers, context, draws: parts.draws });
        checkBytes(made, sealData(parts), `data for ${readers.length} besides its owner`);
      }
    },
  ),
  sealedCase(
    "data/opened",
    "SEC-221 SEC-222 SEC-223 SEC-224",
    "data by the chapter opens for its readers, and anybody sees whose it is",
    async (target) => {
      for (const { seed } of [ada, bob]) checkEqual((await target.openData(at(first), seed)).data, value, "the value");
      const seen = await target.openData(at(first));
      checkEqual([seen.version, seen.owner], [1, idOfKey(ada.key)], "version and owner");
      const ids = [ada.key, bob.key].map((key) => toHex(idOfKey(key))).sort();
      checkEqual(seen.readers.map(toHex).sort(), ids, "readers");
      await checkRefused(target.openData(at(first), cy.seed), "for another");
      const late = sealData({ ...usual, version: 2n ** 53n - 1n });
      checkEqual((await target.openData(at(late), bob.seed)).data, value, "the last version");
    },
  ),
  sealedCase("data/form", "SEC-220", "what is not of the form is refused", async (target) => {
    const other = concat([new TextEncoder().encode("p2p Data"), Uint8Array.of(1)]);
    const bad: readonly (readonly [what: string, parts: Partial<NewVersion>])[] = [
      ["another beginning", { forged: { magic: other } }],
      ["version 0", { version: 0 }],
      ["version 2^53", { version: 2n ** 53n }],
      ["version 2^64 - 1", { version: 2n ** 64n - 1n }],
      ["an owner who is no reader", { forged: { withoutOwner: true } }],
    ];
    for (const [what, parts] of bad) {
      const bytes = sealData({ ...usual, ...parts });
      await checkRefused(target.openData(at(bytes, 0)), what);
      await checkRefused(target.openData(at(bytes, 0), bob.seed), `${what}, for a reader`);
    }
  }),
  sealedCase("data/kinds", "SEC-208 SEC-209", "readers out of order, or too many, are refused", async (target) => {
    const strangers = Array.from({ length: 255 }, (_, number) => person(1_000 + number).key);
    const many = sealData({ ...usual, readers: [...strangers, bob.key], draws: drawn(258) });
    await checkRefused(target.openData(at(many)), "257 readers");
    const later = concat([dataMagic.subarray(0, 8), Uint8Array.of(2)]);
    await checkRefused(target.openData(at(sealData({ ...usual, forged: { magic: later } }))), "format 2");
    const keys = [ada.key, bob.key, cy.key].sort(rising).reverse();
    const unordered = { ...usual, readers: keys, draws: drawn(4), forged: { withoutOwner: true, keepsOrder: true } };
    await checkRefused(target.openData(at(sealData(unordered))), "readers that fall");
  }),
  sealedCase("data/signature", "SEC-221", "nothing passes that its owner did not sign", async (target) => {
    await checkEveryByte(first, (bytes) => target.openData(at(bytes, 0)));
    const forged = sealData({ ...usual, forged: { signer: bob.seed } });
    await checkRefused(target.openData(at(forged)), "signed by a reader");
    for (const place of ["", "notes/2", "notes/1 "])
      await checkRefused(target.openData({ bytes: first, context: place, known: 1 }), `in the context ${place}`);
  }),
  sealedCase(
    "data/check",
    "SEC-223 SEC-204",
    "a secret that the check does not say, or that everybody can make, is refused",
    async (target) => {
      const unsaid = sealData({ ...usual, forged: { check: new Uint8Array(32).fill(5) } });
      await checkRefused(target.openData(at(unsaid), bob.seed), "another check");
      const open = sealData({ ...usual, forged: { zeroes: true } });
      await checkRefused(target.openData(at(open), bob.seed), "an encapsulation of zeroes");
    },
  ),
  sealedCase("data/content", "SEC-206", "a content that is not one value is refused", async (target) => {
    const bytes = sealData({ ...usual, forged: { content: concat([pack(1), pack(2)]) } });
    await checkRefused(target.openData(at(bytes), bob.seed), "two values");
  }),
  sealedCase("data/grant", "SEC-225", "a grant adds a stanza and signs the next version", async (target) => {
    const made = await target.changeData(at(first), ada.seed, grant, more);
    checkBytes(made, changeData(at(first), ada.seed, grant, more), "the next version");
    const seen = await target.openData(at(made, 2), cy.seed);
    checkEqual([seen.version, seen.data], [2, value], "what the new reader reads");
  }),
  sealedCase(
    "data/revoke",
    "SEC-226",
    "a revocation and an update draw a new secret, and sign the next version",
    async (target) => {
      for (const [change, others] of [
        [revoke, [bob]],
        [update, [cy]],
      ] as const) {
        const made = await target.changeData(at(first), ada.seed, change, more);
        checkBytes(made, changeData(at(first), ada.seed, change, more), `the version after ${change.change}`);
        for (const { seed } of others) await checkRefused(target.openData(at(made, 2), seed), "for no reader");
        const { version, data } = await target.openData(at(made, 2), ada.seed);
        checkEqual([version, data], [2, change === update ? "final" : value], "what its owner reads");
        // The secret would show in the check, which is made of it alone.
        check(toHex(made.subarray(51, 83)) !== toHex(first.subarray(51, 83)), "the secret is the old one");
      }
    },
  ),
  sealedCase("data/old", "SEC-227", "versions before the known one are refused", async (target) => {
    const third = sealData({ ...usual, version: 3 });
    for (const known of [0, 1, 3]) checkEqual((await target.openData(at(third, known))).version, 3, `known: ${known}`);
    await checkRefused(target.openData(at(third, 4)), "the version before");
    await checkRefused(target.openData(at(third, 4), bob.seed), "the version before, for a reader");
    await checkRefused(target.openData(at(first, 2 ** 40)), "a version long ago");
  }),
  sealedCase(
    "data/owner",
    "SEC-228",
    "no version is made of one that is old, not signed, or another's",
    async (target) => {
      const unsigned = first.slice();
      unsigned[unsigned.length - 1] = (unsigned.at(-1) ?? 0) ^ 1;
      for (const change of [grant, revoke, update]) {
        const refused = (bytes: Uint8Array, known: number, seed: Uint8Array, what: string): Promise<unknown> =>
          checkRefused(target.changeData(at(bytes, known), seed, change, more), `${change.change} of ${what}`);
        await refused(first, 2, ada.seed, "an old version");
        await refused(unsigned, 1, ada.seed, "what the owner did not sign");
        await refused(sealData({ ...usual, forged: { signer: bob.seed } }), 1, ada.seed, "what another signed");
        await refused(first, 1, bob.seed, "another's data");
      }
    },
  ),
];
