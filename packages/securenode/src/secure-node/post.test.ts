// Whatever is sealed in a letter, and whatever becomes of its bytes: it is taken, or refused with a code, and nothing else.
import { seededRandom } from "@p2p/base/testing";
import { encodeValue, type WireValue } from "@p2p/wire";
import fc from "fast-check";
import { expect, test } from "vitest";
import { SecureError } from "../errors.js";
import { seal } from "../sealed/sealed-message.js";
import { identityOf } from "../testing/worlds.js";
import { letterContext } from "./letters.js";
import { Post } from "./post.js";

const [ada, bob] = [identityOf(1), identityOf(2)];
const nowMs = 1_000_000;
const post = (): Post =>
  new Post({ identity: bob, network: "club", random: seededRandom(1), freshnessMs: 60_000, firstNumber: 1 });

function sealed(value: WireValue): Uint8Array {
  return seal(value, { to: [bob.publicKey], from: ada, context: letterContext("club"), random: seededRandom(2) });
}

function outcome(bytes: WireValue): string {
  try {
    post().take(bytes, ada.id, nowMs);
    return "taken";
  } catch (error) {
    return error instanceof SecureError ? error.code : `not typed: ${String(error)}`;
  }
}

const whole = sealed([encodeValue({ type: "news", data: 1, number: 1, time: nowMs * 1_000 })]);

test("[SEC-231] bytes that were cut, turned, lengthened or put in are refused with a code", () => {
  expect(outcome(whole)).toBe("taken");
  const change = fc.tuple(fc.nat(whole.length), fc.nat(whole.length), fc.uint8Array({ maxLength: 20 }));
  fc.assert(
    fc.property(change, ([from, to, bytes]) => {
      const altered = Uint8Array.of(...whole.subarray(0, from), ...bytes, ...whole.subarray(to));
      const isSame = Buffer.from(altered).equals(Buffer.from(whole));
      expect(outcome(altered)).toMatch(isSame ? /^taken$/ : /^(bad-sealed|sealed-forged|not-a-reader|wrong-sender)$/);
    }),
    { numRuns: 200 },
  );
});

test("[SEC-231] whatever a sender seals is a letter or is refused with a code", () => {
  const member = fc.oneof(fc.integer(), fc.string(), fc.uint8Array({ maxLength: 9 }), fc.constant(null));
  const name = fc.constantFrom("type", "data", "number", "time", "__proto__", "constructor", "toString");
  const map = fc.dictionary(name, fc.oneof(member, fc.dictionary(name, member)));
  fc.assert(
    fc.property(fc.oneof(map, member), fc.boolean(), (value: WireValue, isInList) => {
      expect(outcome(sealed(isInList ? [encodeValue(value)] : value))).not.toMatch(/^not typed/);
      expect(Object.keys(Object.prototype)).toEqual([]);
    }),
    { numRuns: 100 },
  );
});

test("[SEC-231] names of a map's prototype are members like others, and none of them changes what it inherits", () => {
  const members = JSON.parse(`{"__proto__": {"type": "news", "number": 1, "time": ${nowMs * 1_000}, "data": 1}}`);
  expect(outcome(sealed([encodeValue(members)]))).toBe("bad-sealed");
});
