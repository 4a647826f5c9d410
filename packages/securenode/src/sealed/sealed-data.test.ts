import { inspect } from "node:util";
import { seededRandom } from "@p2p/base/testing";
import { encodeValue, sha256, type WireValue } from "@p2p/wire";
import fc from "fast-check";
import { expect, test } from "vitest";
import { tagged } from "../domain-tags.js";
import type { Identity } from "../identity/identity.js";
import { codeOfError, turnedBits } from "../testing/handshakes.js";
import { hex } from "../testing/noise-vectors-node.js";
import { identityOf } from "../testing/worlds.js";
import { sealContent } from "./content.js";
import { decodeData, encodeHead } from "./data-format.js";
import { type ParseDataOptions, SealedData } from "./sealed-data.js";
import { wrapSecret } from "./stanza.js";

const [ada, bob, cy, eve] = [identityOf(1), identityOf(2), identityOf(3), identityOf(4)];
const context = "notes/1";
const note: WireValue = { text: "buy bread", done: false };

function sealed(readers: readonly Identity[] = [bob], random = 1): SealedData {
  const keys = readers.map(({ publicKey }) => publicKey);
  return SealedData.seal(note, { owner: ada, readers: keys, context, random: seededRandom(random) });
}

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return codeOfError(error);
  }
  return "none";
}

function parsed(bytes: Uint8Array, options: ParseDataOptions = {}): SealedData {
  return SealedData.parse(bytes, { context, ...options });
}

/** What an owner signs. */
function signedPart(head: Uint8Array, content: Uint8Array): Uint8Array {
  return Uint8Array.from([...sha256(head), ...sha256(content), ...new TextEncoder().encode(context)]);
}

/** Not the one in the middle, whose part stays where it is when the order is turned around. */
function firstOf(readers: readonly Uint8Array[]): Identity {
  return [ada, bob, cy].find(({ publicKey }) => hex(publicKey) === hex(readers[0] ?? publicKey)) ?? ada;
}

const opens = (data: SealedData, reader: Identity): string => codeOf(() => data.open(reader));

test("[SEC-220] [SEC-221] everybody sees whose it is, and verifies it; readers read it", () => {
  const data = parsed(sealed().bytes, { owner: ada.id });
  expect(data).toMatchObject({ owner: ada.id, version: 1, readers: expect.arrayContaining([ada.id, bob.id]) });
  expect(data.open(bob)).toEqual(note);
  expect(data.open(ada)).toEqual(note);
  expect(opens(data, cy)).toBe("not-a-reader");
});

test("[SEC-225] a grant adds a reader and leaves the content as it is", () => {
  const first = sealed();
  const second = parsed(first.grant(cy.publicKey, { owner: ada }).bytes);
  expect([second.version, second.readers.length]).toEqual([2, 3]);
  for (const reader of [ada, bob, cy]) expect(second.open(reader)).toEqual(note);
  expect(opens(second, eve)).toBe("not-a-reader");
  expect(hex(decodeData(second.bytes).sealed)).toBe(hex(decodeData(first.bytes).sealed));
  expect(second.grant(cy.publicKey, { owner: ada })).toBe(second);
});

test("[SEC-226] who is revoked reads what it could read before, and nothing after", () => {
  const before = sealed([bob, cy]);
  const after = parsed(before.revoke(bob.publicKey, { owner: ada }).bytes);
  expect([after.version, opens(after, bob), opens(after, cy), opens(before, bob)]).toEqual([
    2,
    "not-a-reader",
    "none",
    "none",
  ]);
  expect(hex(decodeData(after.bytes).sealed)).not.toBe(hex(decodeData(before.bytes).sealed));
  // The part of Bob from before does not help: it has the secret of before.
  const parts = decodeData(after.bytes);
  const old = decodeData(before.bytes);
  const stanzas = parts.stanzas.map(
    (_, index) =>
      old.stanzas[old.readers.findIndex((key) => hex(key) === hex(parts.readers[index] ?? key))] ?? parts.check,
  );
  const head = encodeHead({ ...parts, stanzas });
  expect(codeOf(() => parsed(Uint8Array.from([...head, ...parts.sealed, ...parts.signature])))).toBe("sealed-forged");
  expect(after.revoke(bob.publicKey, { owner: ada })).toBe(after);
  expect(opens(after.grant(bob.publicKey, { owner: ada }), bob)).toBe("none");
});

test("[SEC-226] a change is under a new key for the same readers", () => {
  const second = parsed(sealed().update("buy milk", { owner: ada }).bytes);
  expect([second.version, second.open(bob), second.open(ada), opens(second, cy)]).toEqual([
    2,
    "buy milk",
    "buy milk",
    "not-a-reader",
  ]);
});

test("[SEC-227] [SEC-228] an old version is refused where a newer one is known, also by the owner who would go on with it", () => {
  const first = sealed([bob, eve]);
  const second = first.revoke(eve.publicKey, { owner: ada });
  expect(codeOf(() => parsed(first.bytes, { atLeast: second.version }))).toBe("stale-data");
  expect(codeOf(() => parsed(second.bytes, { atLeast: second.version }))).toBe("none");
});

test("[SEC-221] nobody but the owner makes a version, and data of another is refused", () => {
  const data = sealed();
  for (const act of [
    () => data.grant(eve.publicKey, { owner: bob }),
    () => data.revoke(bob.publicKey, { owner: bob }),
    () => data.update("mine", { owner: bob }),
    () => data.revoke(ada.publicKey, { owner: ada }),
  ]) {
    expect(act).toThrow(TypeError);
  }
  const ofEve = SealedData.seal(note, { owner: eve, readers: [bob.publicKey], context });
  expect(codeOf(() => parsed(ofEve.bytes, { owner: ada.id }))).toBe("wrong-owner");
  // Eve writes Ada's name on it.
  const parts = decodeData(ofEve.bytes);
  const claimed = encodeHead({
    ...parts,
    owner: ada.publicKey,
    readers: [ada.publicKey, bob.publicKey].sort((a, b) => Buffer.compare(a, b)),
  });
  expect(codeOf(() => parsed(Uint8Array.from([...claimed, ...parts.sealed, ...parts.signature])))).toBe(
    "sealed-forged",
  );
});

test("[SEC-221] no bit can be changed, wherever it is, nor the context, nor an end cut off", () => {
  const { bytes } = sealed();
  for (const turned of turnedBits(bytes))
    expect(["bad-sealed", "sealed-forged"]).toContain(codeOf(() => parsed(turned)));
  for (let length = 0; length < bytes.length; length++) {
    expect(["bad-sealed", "sealed-forged"]).toContain(codeOf(() => parsed(bytes.subarray(0, length))));
  }
  expect(codeOf(() => parsed(bytes, { context: "notes/2" }))).toBe("sealed-forged");
  expect(codeOf(() => SealedData.parse(bytes))).toBe("sealed-forged");
}, 60_000);

test("[SEC-222] [SEC-223] [SEC-224] what an owner sealed wrongly, on purpose or not, opens for nobody", () => {
  const data = sealed([bob, cy]);
  const parts = decodeData(data.bytes);
  const sign = (head: Uint8Array, content: Uint8Array): SealedData => {
    // Through the front door: the owner's signature over whatever it likes.
    const signature = ada.sign("sealedData", signedPart(head, content));
    return parsed(Uint8Array.from([...head, ...content, ...signature]));
  };
  // Another check than the secret's: so readers cannot be given different secrets.
  const otherCheck = sign(encodeHead({ ...parts, check: new Uint8Array(32) }), parts.sealed);
  // The parts of two readers in each other's place.
  const swapped = sign(encodeHead({ ...parts, stanzas: [...parts.stanzas].reverse() }), parts.sealed);
  // A content for another context.
  const secret = seededRandom(1).bytes(32);
  const otherContent = sign(parts.head, sealContent(secret, new Uint8Array(0), Uint8Array.of(1)));
  for (const wrong of [otherCheck, swapped, otherContent])
    expect(opens(wrong, firstOf(parts.readers))).toBe("sealed-forged");
});

test("[SEC-223] an owner cannot give one reader another secret than the rest", () => {
  const parts = decodeData(sealed().bytes);
  const at = parts.readers.findIndex((key) => hex(key) === hex(bob.publicKey));
  const other = new Uint8Array(32).fill(7);
  const text = new TextEncoder().encode(context);
  const binding = sha256(tagged("sealedData", ada.publicKey, parts.check, bob.publicKey, text));
  const stanza = wrapSecret(other, bob.publicKey, { info: tagged("sealedData"), binding }, seededRandom(2));
  const head = encodeHead({ ...parts, stanzas: parts.stanzas.map((own, index) => (index === at ? stanza : own)) });
  const content = sealContent(other, tagged("sealedData", ada.publicKey, text), encodeValue("for Bob alone"));
  const signature = ada.sign("sealedData", signedPart(head, content));
  expect(opens(parsed(Uint8Array.from([...head, ...content, ...signature])), bob)).toBe("sealed-forged");
});

test("[SEC-225] [SEC-226] whatever the owner does in whatever order, the readers of now read, and no others", () => {
  const people = Array.from({ length: 5 }, (_, index) => identityOf(20 + index));
  const step = fc.record({ what: fc.constantFrom("grant", "revoke", "update"), who: fc.nat({ max: 4 }) });
  const property = fc.property(fc.array(step, { minLength: 1, maxLength: 12 }), (steps) => {
    const random = seededRandom(3);
    let data = SealedData.seal(0, { owner: ada, random });
    let value = 0;
    const readers = new Set<number>();
    for (const { what, who } of steps) {
      const key = people[who]?.publicKey ?? ada.publicKey;
      const before = data;
      const isChange = what === "update" || readers.has(who) === (what === "revoke");
      if (what === "grant") data = data.grant(key, { owner: ada, random });
      else if (what === "revoke") data = data.revoke(key, { owner: ada, random });
      else data = data.update(++value, { owner: ada, random });
      if (what === "grant") readers.add(who);
      if (what === "revoke") readers.delete(who);
      expect(data.version).toBe(before.version + (isChange ? 1 : 0));
      data = SealedData.parse(data.bytes, { owner: ada.id, atLeast: before.version });
    }
    expect(data.open(ada)).toBe(value);
    for (const [number, person] of people.entries()) {
      if (readers.has(number)) expect(data.open(person)).toBe(value);
      else expect(opens(data, person)).toBe("not-a-reader");
    }
  });
  fc.assert(property, { numRuns: 15 });
}, 60_000);

test("[SEC-209] readers are bounded", () => {
  const many = Array.from({ length: 256 }, (_, index) => identityOf(300 + index).publicKey);
  expect(() => SealedData.seal(1, { owner: ada, readers: many })).toThrow(RangeError);
  const full = SealedData.seal(1, { owner: ada, readers: many.slice(1) });
  expect(() => full.grant(many[0] ?? ada.publicKey, { owner: ada })).toThrow(RangeError);
  const bytes = full.bytes.slice();
  bytes.set([1, 1], 17);
  expect(codeOf(() => SealedData.parse(bytes))).toBe("bad-sealed");
  for (const key of [new Uint8Array(31), new Uint8Array(0)]) {
    expect(codeOf(() => sealed().grant(key, { owner: ada }))).toBe("bad-key");
    expect(sealed().revoke(key, { owner: ada }).version).toBe(1);
  }
});

test("[SEC-220] versions that there are not, and data without its owner, are refused", () => {
  const { bytes } = sealed();
  for (const version of [0n, 2n ** 53n, 2n ** 64n - 1n]) {
    const other = bytes.slice();
    new DataView(other.buffer).setBigUint64(9, version);
    expect(codeOf(() => parsed(other))).toBe("bad-sealed");
  }
  const parts = decodeData(bytes);
  const others = [bob.publicKey, cy.publicKey].sort((a, b) => Buffer.compare(a, b));
  const head = encodeHead({ ...parts, readers: others });
  expect(codeOf(() => parsed(Uint8Array.from([...head, ...parts.sealed, ...parts.signature])))).toBe("bad-sealed");
});

test("[SEC-220] whatever bytes come, there is an answer with a code", () => {
  const start = sealed().bytes.subarray(0, 19);
  const property = fc.property(fc.uint8Array({ maxLength: 600 }), fc.boolean(), (bytes, begins) => {
    const input = begins ? Uint8Array.from([...start, ...bytes]) : bytes;
    expect(["bad-sealed", "sealed-forged"]).toContain(codeOf(() => parsed(input)));
  });
  fc.assert(property, { numRuns: 300 });
});

test("[SEC-221] what was verified stays what it was, whatever becomes of the bytes it came in", () => {
  const input = sealed().bytes.slice();
  const data = parsed(input);
  input.fill(0);
  expect(data.open(bob)).toEqual(note);
});

test("[SEC-002] neither data nor errors show a secret or what was sealed", () => {
  const data = sealed();
  const shown = [inspect(data, { depth: 9, showHidden: true }), JSON.stringify(data)];
  for (const act of [
    () => data.open(eve),
    () => data.update(1, { owner: eve }),
    () => parsed(data.bytes, { owner: eve.id }),
  ]) {
    try {
      act();
    } catch (error) {
      shown.push(inspect(error, { depth: 9, showHidden: true }));
    }
  }
  expect(shown.length).toBe(5);
  const secret = seededRandom(1).bytes(32);
  const words = [hex(secret), hex(ada.exportSeed()), [...secret].join(","), "bread"];
  for (const text of shown) for (const word of words) expect(text.includes(word)).toBe(false);
});
