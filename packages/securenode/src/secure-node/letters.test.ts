import { encodeValue, type WireValue } from "@p2p/wire";
import fc from "fast-check";
import { expect, test } from "vitest";
import { verifySigned } from "../identity/identity.js";
import { ReplayWindows } from "../signed/replay-windows.js";
import { codeOfError } from "../testing/handshakes.js";
import { identityOf } from "../testing/worlds.js";
import { decodeLetter, encodeLetter, letterContext, takeOnce } from "./letters.js";

const [ada, bob] = [identityOf(1), identityOf(2)];
const context = letterContext("club");
const letter = { type: "news", data: { text: "hello" }, number: 5, time: 1_000_000 };

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return codeOfError(error);
  }
  return "none";
}

test("[SEC-231] what is written is read", () => {
  expect(decodeLetter(encodeLetter(letter, context), context, ada.publicKey)).toEqual({ ...letter, proof: undefined });
});

test("[SEC-234] a signed letter proves to others who wrote it, and where", () => {
  const value = encodeLetter(letter, context, ada);
  const { proof } = decodeLetter(value, context, ada.publicKey);
  if (proof === undefined) throw new Error("no proof");
  expect(verifySigned(ada.publicKey, "letter", proof.bytes, proof.signature)).toBe(true);
  expect(verifySigned(bob.publicKey, "letter", proof.bytes, proof.signature)).toBe(false);
  expect(codeOf(() => decodeLetter(value, context, bob.publicKey))).toBe("sealed-forged");
  expect(codeOf(() => decodeLetter(value, letterContext("other"), ada.publicKey))).toBe("sealed-forged");
});

test("[SEC-232] [SEC-233] a letter is taken once, and now", () => {
  const windows = new ReplayWindows();
  const take = (number: number, timeMs: number): string =>
    codeOf(() => takeOnce(windows, ada.id, { ...letter, number, time: timeMs * 1_000 }, 5_000_000, 600_000));
  expect(take(5, 5_000_000)).toBe("none");
  expect(take(5, 5_000_000)).toBe("message-replayed");
  expect(take(4, 5_000_000)).toBe("none");
  expect(take(6, 4_399_999)).toBe("message-stale");
  expect(take(6, 5_600_001)).toBe("message-stale");
  expect(take(6, 4_400_000)).toBe("none");
});

test("[SEC-231] what is no letter is refused", () => {
  const sealed = (members: WireValue): WireValue => [encodeValue(members)];
  const { type, data, number, time } = letter;
  const wrong: WireValue[] = [
    null,
    [],
    ["text"],
    [new Uint8Array(0)],
    sealed({ type: "", data, number, time }),
    sealed({ type: "x".repeat(256), data, number, time }),
    sealed({ type, number, time }),
    sealed({ type, data, number: -1, time }),
    sealed({ type, data, number, time: 0.5 }),
    [encodeValue(letter), new Uint8Array(63)],
  ];
  for (const value of wrong) expect(codeOf(() => decodeLetter(value, context, ada.publicKey))).toBe("bad-sealed");
  for (const name of ["", "x".repeat(256)])
    expect(() => encodeLetter({ ...letter, type: name }, context)).toThrow(RangeError);
  const property = fc.property(
    fc.uint8Array({ maxLength: 80 }),
    fc.uint8Array({ maxLength: 70 }),
    (bytes, signature) => {
      expect(["bad-sealed", "sealed-forged"]).toContain(
        codeOf(() => decodeLetter([bytes, signature], context, ada.publicKey)),
      );
    },
  );
  fc.assert(property, { numRuns: 200 });
});
