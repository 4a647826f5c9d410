// Who seals and reads in the cases of sealed things, and what is drawn in them.
import type { SealedTarget } from "../../codec/sealed-target.js";
import { publicKeyOf } from "../../reference/secure/ed25519.js";
import { hash, seedOf } from "../../reference/secure/identity.js";
import type { CodecCase } from "../../runner/case.js";
import { checkRefused } from "../../runner/expect.js";
import { CaseSkipped } from "../../runner/skip.js";
import { codecCase } from "../define.js";

export interface Person {
  readonly seed: Uint8Array;
  /** Ed25519. */
  readonly key: Uint8Array;
}

/** The person of a number, the same in every run. */
export function person(number: number): Person {
  const seed = seedOf(2_000 + number);
  return { seed, key: publicKeyOf(seed) };
}

/** Persons whose keys have the sign bit set, and not. */
const many = Array.from({ length: 40 }, (_, number) => person(100 + number));
export const withSign: Person = many.find(({ key }) => (key[31] ?? 0) >= 128) ?? person(0);
export const withoutSign: Person = many.find(({ key }) => (key[31] ?? 0) < 128) ?? person(0);

/** 32 bytes each, the same in every run. */
export function drawn(count: number, start = 0): readonly Uint8Array[] {
  return Array.from({ length: count }, (_, number) =>
    hash("sha256", Uint8Array.of(7, start + (number >> 8), number & 255)),
  );
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Lets other cases go on before each call: these compute for long, and the deadlines of those on nodes would pass meanwhile. */
function inTurns(target: SealedTarget): SealedTarget {
  return {
    seal: (parts) => turn().then(() => target.seal(parts)),
    unseal: (seed, bytes, context) => turn().then(() => target.unseal(seed, bytes, context)),
    sealData: (parts) => turn().then(() => target.sealData(parts)),
    openData: (place, seed) => turn().then(() => target.openData(place, seed)),
    changeData: (place, seed, change, draws) => turn().then(() => target.changeData(place, seed, change, draws)),
  };
}

export function sealedCase(
  id: string,
  requirements: string,
  title: string,
  run: (target: SealedTarget) => Promise<void>,
): CodecCase {
  return codecCase(`sealed/${id}`, requirements, title, async (target) => {
    if (!target.sealed) throw new CaseSkipped("the target seals nothing");
    await run(inTurns(target.sealed));
  });
}

/** However long the start is that is there, and whichever bit is turned, it is refused. */
export async function checkEveryByte(
  bytes: Uint8Array,
  open: (altered: Uint8Array) => Promise<unknown>,
): Promise<void> {
  for (let at = 0; at < bytes.length; at++) {
    const turned = bytes.slice();
    turned[at] = (turned[at] ?? 0) ^ (1 << (at % 8));
    await checkRefused(open(turned), `a bit of byte ${at} turned`);
  }
  for (let length = 0; length < bytes.length; length += length < 90 ? 1 : 13) {
    await checkRefused(open(bytes.slice(0, length)), `the first ${length} bytes`);
  }
  await checkRefused(open(Uint8Array.of(...bytes, 0)), "a byte more");
}
