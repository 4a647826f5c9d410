import { expect, test } from "vitest";
import { codecMutants } from "../../mutants/codec-mutants.js";
import { referenceTarget } from "../../reference/reference-target.js";
import type { CodecCase } from "../../runner/case.js";
import { legacyCases } from "../../vectors/legacy-cases.js";
import { loadVectors } from "../../vectors/load.js";
import { vectorCases } from "../../vectors/vector-cases.js";
import { codecCases } from "./codec.js";
import { compressionCases } from "./compression.js";
import { legacyCodeCases } from "./legacy.js";

const cases: readonly CodecCase[] = [
  ...codecCases,
  ...compressionCases,
  ...legacyCodeCases,
  ...loadVectors().flatMap((file) => [...vectorCases(file), ...legacyCases(file)]),
];

test.each(cases.map((one) => [one.id, one] as const))("the reference codec holds %s", async (_, one) => {
  await one.run(referenceTarget());
});

test.each(codecMutants().map((mutant) => [mutant.id, mutant] as const))("some case fails on %s", async (_, mutant) => {
  const candidates = cases.filter((one) => one.requirements.some((id) => mutant.breaks.includes(id)));
  const outcomes = await Promise.allSettled(candidates.map((one) => one.run(mutant.target)));
  expect(outcomes.some((outcome) => outcome.status === "rejected")).toBe(true);
});
