// Sealed messages: what is made, what opens, and what is refused (spec/securenode-sealed.md, sections 1 and 2).
import { bigEndian, pack } from "../../reference/msgpack.js";
import { idOfKey } from "../../reference/secure/identity.js";
import { type MessageParts, messageMagic, rising, sealMessage } from "../../reference/secure/sealed-message.js";
import { concat, toHex } from "../../reference/value.js";
import type { CodecCase } from "../../runner/case.js";
import { check, checkBytes, checkEqual, checkRefused } from "../../runner/expect.js";
import { checkEveryByte, drawn, person, sealedCase, withoutSign, withSign } from "./people.js";

const [ada, bob, cy] = [person(1), withSign, withoutSign];
const data = { meet: "at noon", list: [1, null, Uint8Array.of(1, 2)] };
const usual: MessageParts = { data, readers: [bob.key, cy.key], seed: ada.seed, context: "room 5", draws: drawn(3) };

/** What the target makes of the parts. */
const wanted = ({ seed, context = "", isHidden = false, readers, draws }: MessageParts) => ({
  ...{ data, readers, context, isHidden, draws },
  ...(seed === undefined ? {} : { seed }),
});
const { seed: _, ...fromNobody } = usual;
const kinds: readonly (readonly [name: string, parts: MessageParts])[] = [
  ["from one for two", usual],
  ["from nobody", { ...fromNobody, context: "" }],
  ["for hidden readers", { ...usual, isHidden: true, context: "Räume/5" }],
  ["from nobody for one who is hidden", { ...fromNobody, readers: [cy.key], isHidden: true }],
  ["from one who has the sign bit", { ...usual, seed: withSign.seed, readers: [ada.key] }],
];

/** 2^255 - 19 and a little, in the order of Ed25519. */
const keyOfY = (y: bigint): Uint8Array => bigEndian(y, 32).reverse();
const prime = 2n ** 255n - 19n;
const improper: readonly (readonly [name: string, key: Uint8Array])[] = [
  ["1", keyOfY(1n)],
  ["1 with the sign bit", keyOfY(1n + 2n ** 255n)],
  ["the prime and 3", keyOfY(prime + 3n)],
  ["the prime and 18", keyOfY(prime + 18n)],
  ["-1, which agrees on zeroes", keyOfY(prime - 1n)],
  ["0, which agrees on zeroes", keyOfY(0n)],
];

function strangers(count: number): readonly Uint8Array[] {
  return Array.from({ length: count }, (_, number) => person(1_000 + number).key);
}

export const sealedMessageCases: readonly CodecCase[] = [
  sealedCase(
    "messages/made",
    "SEC-201 SEC-202 SEC-205 SEC-206 SEC-208 SEC-211 SEC-212 SEC-213",
    "what is sealed has the bytes of the chapter, for what was drawn",
    async (target) => {
      for (const [name, parts] of kinds) checkBytes(await target.seal(wanted(parts)), sealMessage(parts), name);
      const twice = [cy.key, bob.key, ada.key, bob.key].sort(rising).reverse();
      const parts = { ...usual, readers: twice, draws: drawn(4) };
      checkBytes(await target.seal(wanted(parts)), sealMessage(parts), "readers out of order, one of them twice");
    },
  ),
  sealedCase(
    "messages/opened",
    "SEC-201 SEC-202 SEC-203 SEC-205 SEC-206 SEC-211 SEC-212 SEC-213 SEC-215",
    "what is sealed by the chapter opens for each reader, and for nobody else",
    async (target) => {
      for (const [name, parts] of kinds) {
        const bytes = sealMessage(parts);
        const people = [ada, bob, cy].filter(({ key }) => parts.readers.includes(key));
        check(people.length > 0, "somebody reads");
        for (const { seed } of people) {
          const read = await target.unseal(seed, bytes, parts.context ?? "");
          checkEqual(read.data, data, name);
          const sender = parts.seed === undefined ? undefined : parts.seed === ada.seed ? ada : withSign;
          checkEqual(read.from, sender && idOfKey(sender.key), `${name}, the sender`);
          const ids = parts.isHidden === true ? undefined : parts.readers.map((key) => toHex(idOfKey(key))).sort();
          checkEqual(read.readers?.map(toHex).sort(), ids, `${name}, the readers`);
        }
        await checkRefused(target.unseal(person(9).seed, bytes, parts.context ?? ""), `${name}, for another`);
      }
      const all = [...strangers(255), bob.key];
      const bytes = sealMessage({ ...usual, readers: all, draws: drawn(257) });
      checkEqual((await target.unseal(bob.seed, bytes, "room 5")).data, data, "256 readers");
    },
  ),
  sealedCase("messages/keys", "SEC-204", "keys that agree with everybody are refused", async (target) => {
    for (const [name, key] of improper) {
      const sender = { key, readerSeed: bob.seed };
      const bytes = sealMessage({ ...usual, readers: [bob.key], forged: { sender } });
      await checkRefused(target.unseal(bob.seed, bytes, "room 5"), `a sender whose y is ${name}`);
    }
    for (const parts of [fromNobody, usual]) {
      const bytes = sealMessage({ ...parts, readers: [bob.key], forged: { zeroes: true } });
      await checkRefused(target.unseal(bob.seed, bytes, "room 5"), "an encapsulation of zeroes");
    }
  }),
  sealedCase("messages/readers", "SEC-208", "readers out of order, or twice, are refused", async (target) => {
    const [low, high] = [bob, cy].sort((a, b) => rising(a.key, b.key));
    if (low === undefined || high === undefined) throw new TypeError("two readers");
    for (const readers of [
      [high.key, low.key],
      [high.key, high.key],
    ]) {
      const bytes = sealMessage({ ...usual, readers, forged: { keepsOrder: true } });
      await checkRefused(target.unseal(high.seed, bytes, "room 5"), "readers that do not rise");
    }
  }),
  sealedCase("messages/kinds", "SEC-209", "no readers, too many, and unknown kinds are refused", async (target) => {
    const refused = async (parts: Partial<MessageParts>, what: string): Promise<void> => {
      const bytes = sealMessage({ ...usual, ...parts });
      await checkRefused(target.unseal(bob.seed, bytes, "room 5"), what);
    };
    await refused({ readers: [...strangers(256), bob.key], draws: drawn(258) }, "257 readers");
    await refused({ readers: [] }, "no readers");
    await refused({ readers: [], isHidden: true }, "no hidden readers");
    const later = concat([messageMagic.subarray(0, 8), Uint8Array.of(2)]);
    await refused({ forged: { magic: later } }, "version 2");
    await refused({ forged: { flags: 1 + 4 } }, "the flag 4");
    await refused({ forged: { flags: 1 + 128 } }, "the flag 128");
  }),
  sealedCase("messages/form", "SEC-210", "every byte counts, and the form is kept", async (target) => {
    const open = (bytes: Uint8Array): Promise<unknown> => target.unseal(bob.seed, bytes, "room 5");
    await checkEveryByte(sealMessage(usual), open);
    await checkEveryByte(sealMessage({ ...fromNobody, isHidden: true, readers: [bob.key] }), open);
    const other = concat([new TextEncoder().encode("p2p Seal"), Uint8Array.of(1)]);
    await checkRefused(open(sealMessage({ ...usual, forged: { magic: other } })), "another beginning");
    const unordered = {
      ...usual,
      isHidden: true,
      forged: { stanzas: (made: readonly Uint8Array[]) => made.toReversed() },
    };
    await checkRefused(open(sealMessage(unordered)), "hidden stanzas that do not rise");
  }),
  sealedCase("messages/content", "SEC-206", "a content that is not one value is refused", async (target) => {
    for (const content of [concat([pack(1), pack(2)]), Uint8Array.of(0xc1), new Uint8Array(0)]) {
      const bytes = sealMessage({ ...usual, forged: { content } });
      await checkRefused(target.unseal(bob.seed, bytes, "room 5"), `the content ${toHex(content)}`);
    }
  }),
  sealedCase(
    "messages/check",
    "SEC-212",
    "a reader cannot put another content under the stanzas of the others",
    async (target) => {
      const forged = { content: pack("at five"), checked: pack(data) };
      const bytes = sealMessage({ ...usual, forged });
      await checkRefused(target.unseal(bob.seed, bytes, "room 5"), "a content that was not checked");
    },
  ),
  sealedCase("messages/context", "SEC-214", "it opens in its own context alone", async (target) => {
    const made = await target.seal(wanted(usual));
    checkEqual((await target.unseal(bob.seed, made, "room 5")).data, data, "in its context");
    for (const context of ["", "room 6", "room 5 ", "Room 5"]) {
      await checkRefused(target.unseal(bob.seed, made, context), `the target's, in the context ${context}`);
      await checkRefused(target.unseal(bob.seed, sealMessage(usual), context), `the suite's, in ${context}`);
    }
  }),
  sealedCase(
    "messages/own-stanza",
    "SEC-215",
    "a named reader opens its own stanza alone, a hidden one finds it anywhere",
    async (target) => {
      const swapped = { ...usual, forged: { stanzas: (made: readonly Uint8Array[]) => made.toReversed() } };
      await checkRefused(target.unseal(bob.seed, sealMessage(swapped), "room 5"), "the stanza of another");
      const readers = [...strangers(15), bob.key];
      const bytes = sealMessage({ ...usual, readers, isHidden: true, draws: drawn(17) });
      checkEqual((await target.unseal(bob.seed, bytes, "room 5")).data, data, "one of 16 hidden readers");
    },
  ),
  sealedCase("messages/hidden", "SEC-217", "more than 16 hidden readers are refused", async (target) => {
    const readers = [...strangers(16), bob.key];
    const bytes = sealMessage({ ...usual, readers, isHidden: true, draws: drawn(18) });
    await checkRefused(target.unseal(bob.seed, bytes, "room 5"), "17 hidden readers");
  }),
];
