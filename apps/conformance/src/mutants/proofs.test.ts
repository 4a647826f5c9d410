import { expect, test } from "vitest";
import { allCases } from "../cases/all.js";
import { readCommitted } from "../requirements/chapters.js";
import { allMutants } from "./all-mutants.js";
import { checkProofs, formatProofs, type Proof, readProofs } from "./proofs.js";

const requirements = readCommitted();
const cases = allCases();

test("every case and every binding requirement has a committed proof", () => {
  expect(checkProofs(requirements, cases, readProofs())).toEqual([]);
});

test("a missing proof is told", () => {
  const [one] = cases;
  if (!one) throw new Error("no cases");
  const proofs = new Map<string, readonly Proof[]>(readProofs());
  proofs.delete(one.id);
  expect(checkProofs(requirements, cases, proofs).join()).toContain(one.id);
  expect(checkProofs(requirements, [one], new Map())).not.toEqual([]);
});

test("proofs name mutants that exist, and mutants break requirements that exist", () => {
  const mutants = allMutants();
  const names = new Set(mutants.map((mutant) => mutant.id));
  expect(names.size).toBe(mutants.length);
  for (const proofs of readProofs().values()) {
    for (const { mutant, requirement } of proofs) {
      if (requirement !== undefined) expect(names).toContain(mutant);
    }
  }
  const known = new Set(requirements.map(({ id }) => id));
  for (const mutant of mutants) for (const id of mutant.breaks) expect(known, mutant.id).toContain(id);
});

test("the file is sorted, so that it changes only where proofs change", () => {
  const text = formatProofs(
    new Map([
      ["b", []],
      ["a", [{ mutant: "m", failure: "f" }]],
    ]),
  );
  expect(text.indexOf('"a"')).toBeLessThan(text.indexOf('"b"'));
});
