// Codes for frequencies: complete, within the limit, and none cheaper. [WIRE-012]
import fc from "fast-check";
import { expect, test } from "vitest";
import { codeLengths } from "./code-lengths.js";

/** What is left of the codes: 0 when none is unused. */
function left(lengths: Uint8Array, limit: number): number {
  return lengths.reduce((rest, length) => rest - (length === 0 ? 0 : 1 << (limit - length)), 1 << limit);
}

/** Bits that the symbols take under the best code: each join of the two lightest adds one to all below it. */
function bestCost(frequencies: readonly number[]): number {
  const weights = frequencies.filter((frequency) => frequency > 0);
  let cost = 0;
  while (weights.length > 1) {
    weights.sort((one, other) => other - one);
    const joined = (weights.pop() as number) + (weights.pop() as number);
    weights.push(joined);
    cost += joined;
  }
  return cost;
}

const manyFrequencies = fc.array(fc.nat({ max: 1_000 }), { minLength: 2, maxLength: 286 });

test("[WIRE-012] two symbols or more use up all codes, at the least cost", () => {
  fc.assert(
    fc.property(
      manyFrequencies.filter((all) => all.filter(Boolean).length > 1),
      (frequencies) => {
        const lengths = codeLengths(Uint32Array.from(frequencies), 20);
        expect(left(lengths, 20)).toBe(0);
        expect(frequencies.map(Boolean)).toEqual([...lengths].map(Boolean));
        expect(frequencies.reduce((cost, times, symbol) => cost + times * (lengths[symbol] ?? 0), 0)).toBe(
          bestCost(frequencies),
        );
      },
    ),
  );
});

test("[WIRE-012] no code is longer than the limit, however uneven the frequencies are", () => {
  const fibonacci = [1, 1];
  while (fibonacci.length < 30) fibonacci.push((fibonacci.at(-1) ?? 0) + (fibonacci.at(-2) ?? 0));
  expect(Math.max(...codeLengths(Uint32Array.from(fibonacci), 30))).toBe(29);
  for (const [count, limit] of [
    [30, 15],
    [19, 7],
    [30, 5],
  ] as const) {
    const lengths = codeLengths(Uint32Array.from(fibonacci.slice(0, count)), limit);
    expect(Math.max(...lengths)).toBe(limit);
    expect(left(lengths, limit)).toBe(0);
    // The more frequent, the shorter.
    expect([...lengths].sort((one, other) => other - one)).toEqual([...lengths]);
  }
});

test("[WIRE-012] one symbol has a code of one bit, and none has none", () => {
  expect(codeLengths(Uint32Array.of(0, 7, 0), 15)).toEqual(Uint8Array.of(0, 1, 0));
  expect(codeLengths(new Uint32Array(30), 15)).toEqual(new Uint8Array(30));
});
