import { inspect } from "node:util";
import { seededRandom } from "@p2p/base/testing";
import { encodeValue, type WireValue } from "@p2p/wire";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Identity } from "../identity/identity.js";
import { codeOfError, turnedBits } from "../testing/handshakes.js";
import { hex } from "../testing/noise-vectors-node.js";
import { identityOf } from "../testing/worlds.js";
import { sealContent } from "./content.js";
import { checkAt, decodeSealed } from "./message-format.js";
import { type SealOptions, seal, type UnsealOptions, unseal } from "./sealed-message.js";

const [ada, bob, cy, eve] = [identityOf(1), identityOf(2), identityOf(3), identityOf(4)];
const data: WireValue = { words: "meet at noon", where: [1, 2.5, null], file: new Uint8Array(40).fill(7) };

function sealed(options: Partial<SealOptions> = {}, random = 1): Uint8Array {
  return seal(data, { to: [bob.publicKey, cy.publicKey], from: ada, random: seededRandom(random), ...options });
}

function codeOf(bytes: Uint8Array, options: Partial<UnsealOptions> = {}): string {
  try {
    unseal(bytes, { identity: bob, ...options });
  } catch (error) {
    return codeOfError(error);
  }
  return "none";
}

const kinds = [
  { title: "from somebody", options: {} },
  { title: "from nobody", options: { from: undefined as unknown as Identity } },
  { title: "for hidden readers", options: { hideReaders: true } },
] as const;

describe.each(kinds)("$title", ({ options }) => {
  const isHidden = "hideReaders" in options;
  const isAnonymous = "from" in options;

  test("[SEC-210] [SEC-211] [SEC-212] every reader reads it and knows the sender", () => {
    const bytes = sealed(options);
    for (const identity of [bob, cy]) {
      const read = unseal(bytes, { identity });
      expect(read).toEqual({
        data,
        from: isAnonymous ? undefined : ada.id,
        fromKey: isAnonymous ? undefined : ada.publicKey,
        readers: isHidden ? undefined : expect.arrayContaining([bob.id, cy.id]),
      });
    }
    expect(codeOf(bytes, { identity: eve })).toBe("not-a-reader");
    expect(codeOf(bytes, { identity: ada })).toBe("not-a-reader");
  });

  test("[SEC-213] no bit of it can be changed, wherever it is", () => {
    const bytes = seal("x", { to: [bob.publicKey, cy.publicKey], from: ada, random: seededRandom(1), ...options });
    for (const turned of turnedBits(bytes)) {
      expect(["bad-sealed", "not-a-reader", "sealed-forged"]).toContain(codeOf(turned));
    }
  }, 60_000);

  test("[SEC-210] it is refused when it is cut or goes on", () => {
    const bytes = sealed(options);
    for (let length = 0; length < bytes.length; length++) {
      expect(["bad-sealed", "sealed-forged"]).toContain(codeOf(bytes.subarray(0, length)));
    }
    expect(codeOf(Uint8Array.from([...bytes, 0]))).toBe("sealed-forged");
  });

  test("[SEC-214] it opens in its context only", () => {
    const bytes = sealed({ ...options, context: "room 5" });
    expect(codeOf(bytes, { context: "room 5" })).toBe("none");
    for (const context of ["", "room 6", "room 55"]) {
      expect(codeOf(bytes, { context })).toBe(isHidden ? "not-a-reader" : "sealed-forged");
    }
  });
});

test("[SEC-210] [SEC-215] any readers can be chosen, in any order and twice: they read it, all others do not", () => {
  const everybody = Array.from({ length: 8 }, (_, index) => identityOf(10 + index));
  const chosen = fc.array(fc.nat({ max: 7 }), { minLength: 1, maxLength: 12 });
  const property = fc.property(chosen, fc.boolean(), fc.boolean(), (numbers, hideReaders, isSigned) => {
    const to = numbers.map((number) => everybody[number]?.publicKey ?? new Uint8Array(0));
    const bytes = seal(data, { to, hideReaders, ...(isSigned ? { from: ada } : {}), random: seededRandom(9) });
    for (const [number, identity] of everybody.entries()) {
      expect(codeOf(bytes, { identity })).toBe(numbers.includes(number) ? "none" : "not-a-reader");
    }
  });
  fc.assert(property, { numRuns: 25 });
}, 60_000);

test("[SEC-210] the order of readers and a seed decide every byte; without a seed no two are alike", () => {
  const [one, two] = [bob.publicKey, cy.publicKey];
  expect(hex(sealed({ to: [one, two] }))).toBe(hex(sealed({ to: [two, one, two] })));
  expect(hex(seal(1, { to: [one] }))).not.toBe(hex(seal(1, { to: [one] })));
});

test("[SEC-216] a message of another than the one that is wanted is refused", () => {
  expect(codeOf(sealed(), { from: ada.id })).toBe("none");
  expect(codeOf(sealed({ from: eve }), { from: ada.id })).toBe("wrong-sender");
  expect(codeOf(seal(data, { to: [bob.publicKey] }), { from: ada.id })).toBe("wrong-sender");
});

test("[SEC-212] nobody can put in the name of another: neither an outsider nor a reader", () => {
  const bytes = sealed();
  const ofEve = sealed({ from: eve });
  // Eve seals, and writes that it is from Ada.
  const claimed = ofEve.slice();
  claimed.set(ada.publicKey, checkAt + 32);
  expect(codeOf(claimed)).toBe("sealed-forged");
  // Cy, who can read it and so knows the secret, puts other content under the parts of Bob.
  const { head, stanzas, sender } = decodeSealed(bytes);
  expect([stanzas.length, hex(sender ?? new Uint8Array(0))]).toEqual([2, hex(ada.publicKey)]);
  const secret = seededRandom(1).bytes(32);
  const other = sealContent(secret, head, encodeValue("meet at midnight"));
  expect(hex(sealContent(secret, head, encodeValue(data)))).toBe(hex(bytes.subarray(head.length)));
  expect(codeOf(Uint8Array.from([...head, ...other]))).toBe("sealed-forged");
});

test("[SEC-204] a sender's or reader's key that is none is refused", () => {
  const one = new Uint8Array(32);
  one[0] = 1;
  const claimed = sealed();
  claimed.set(one, checkAt + 32);
  expect(codeOf(claimed)).toBe("sealed-forged");
  for (const key of [one, new Uint8Array(31), new Uint8Array(33), "text" as unknown as Uint8Array]) {
    expect(() => seal(data, { to: [key] })).toThrow(expect.objectContaining({ code: "bad-key" }));
  }
  // The point of order two: a key by its form, with which all secrets are zeroes.
  const low = new Uint8Array(32).fill(255);
  low[0] = 0xec;
  low[31] = 0x7f;
  expect(() => seal(data, { to: [low] })).toThrow(expect.objectContaining({ code: "bad-key" }));
});

test("[SEC-217] readers are bounded, on both sides", () => {
  const many = Array.from({ length: 257 }, (_, index) => identityOf(100 + index).publicKey);
  expect(() => seal(data, { to: many })).toThrow(RangeError);
  expect(() => seal(data, { to: many.slice(0, 17), hideReaders: true })).toThrow(RangeError);
  expect(() => seal(data, { to: [] })).toThrow(RangeError);
  const bytes = seal(data, { to: many.slice(0, 256) });
  expect(codeOf(bytes, { identity: identityOf(100) })).toBe("none");
  bytes.set([1, 1], 10);
  expect(codeOf(bytes)).toBe("bad-sealed");
  const hidden = sealed({ hideReaders: true });
  hidden.set([0, 17], 10);
  expect(codeOf(hidden)).toBe("bad-sealed");
});

test("[SEC-209] [SEC-217] what a later version may have, and more hidden readers than there are, are refused by their form", () => {
  for (const [at, byte] of [
    [8, 2],
    [9, 4],
    [9, 0x81],
  ] as const) {
    const bytes = sealed();
    bytes[at] = byte;
    expect(codeOf(bytes)).toBe("bad-sealed");
  }
  const crowd = (count: number): Uint8Array => {
    const start = sealed({ hideReaders: true }).slice(0, checkAt + 64);
    start.set([0, count], 10);
    const stanzas = Array.from({ length: count }, (_, index) => [index, ...new Uint8Array(79)]);
    return Uint8Array.from([...start, ...stanzas.flat(), ...new Uint8Array(16)]);
  };
  expect([codeOf(crowd(16)), codeOf(crowd(17))]).toEqual(["not-a-reader", "bad-sealed"]);
});

test("[SEC-210] readers out of order or twice are refused, so that there is one form", () => {
  const { readers, outline } = decodeSealed(sealed());
  const at = outline.length - 64;
  const [first, second] = readers ?? [];
  for (const [one, two] of [
    [second, first],
    [first, first],
  ] as const) {
    const bytes = sealed();
    bytes.set(one ?? [], at);
    bytes.set(two ?? [], at + 32);
    expect(codeOf(bytes)).toBe("bad-sealed");
  }
});

test("[SEC-210] whatever bytes come, there is an answer with a code", () => {
  const start = sealed().subarray(0, 9);
  const property = fc.property(fc.uint8Array({ maxLength: 600 }), fc.boolean(), (bytes, begins) => {
    const input = begins ? Uint8Array.from([...start, ...bytes]) : bytes;
    expect(["bad-sealed", "not-a-reader", "sealed-forged"]).toContain(codeOf(input));
  });
  fc.assert(property, { numRuns: 300 });
});

test("[SEC-002] neither errors nor what is printed hold a secret or what was sealed", () => {
  const bytes = sealed();
  bytes[bytes.length - 1] = (bytes[bytes.length - 1] ?? 0) ^ 1;
  const shown: string[] = [inspect(bob, { depth: 9, showHidden: true }), JSON.stringify(bob)];
  for (const options of [{}, { identity: eve }, { from: eve.id }]) {
    try {
      unseal(bytes, { identity: bob, ...options });
    } catch (error) {
      shown.push(inspect(error, { depth: 9, showHidden: true }), JSON.stringify(error));
    }
  }
  expect(shown.length).toBe(8);
  const secret = seededRandom(1).bytes(32);
  const secrets = [bob.exportSeed(), secret].flatMap((key) => [
    hex(key),
    Buffer.from(key).toString("base64"),
    inspect(key),
  ]);
  for (const text of shown) for (const word of [...secrets, "noon"]) expect(text.includes(word)).toBe(false);
});
