import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runSealedCall, sealedOverDriver } from "../../codec/sealed-calls.js";
import { securenodeSealedTarget } from "../../codec/securenode-sealed-target.js";
import { sealedMutants } from "../../mutants/sealed-mutants.js";
import { referenceTarget } from "../../reference/reference-target.js";
import { openOnce } from "../../reference/secure/hpke.js";
import { pairOf } from "../../reference/secure/noise.js";
import { sealedReference } from "../../reference/secure/sealed-target.js";
import { concat, fromHex, toHex } from "../../reference/value.js";
import { specFolder } from "../../requirements/chapters.js";
import { sealedDataCases } from "./data.js";
import { sealedMessageCases } from "./messages.js";
import { sealedVectorCases } from "./vectors.js";

const cases = [...sealedVectorCases, ...sealedMessageCases, ...sealedDataCases].map((one) => [one.id, one] as const);
const spoken = sealedOverDriver(async (call, args) => {
  // As it would come through a driver.
  const wire = JSON.parse(JSON.stringify(args)) as typeof args;
  return runSealedCall(securenodeSealedTarget, call, wire);
});

test.each(cases)("the reference holds %s", async (_, one) => {
  await one.run({ ...referenceTarget(), sealed: sealedReference() });
});

test.each(cases)("the package, through the protocol of drivers, holds %s", async (_, one) => {
  await one.run({ ...referenceTarget(), sealed: spoken });
});

interface HpkeVector {
  readonly mode: number;
  readonly info: string;
  readonly skRm: string;
  readonly pkSm?: string;
  readonly enc: string;
  readonly encryptions: readonly { readonly aad: string; readonly ct: string; readonly pt: string }[];
}

test("HPKE is that of the vectors of RFC 9180", () => {
  const path = join(specFolder, "vectors/securenode/hpke/rfc9180.txt");
  const { vectors } = JSON.parse(readFileSync(path, "utf8")) as { readonly vectors: readonly HpkeVector[] };
  expect(vectors.map(({ mode }) => mode).sort()).toEqual([0, 2]);
  for (const { info, skRm, pkSm, enc, encryptions } of vectors) {
    const [first] = encryptions;
    const sender = pkSm === undefined ? undefined : fromHex(pkSm);
    const use = { info: fromHex(info), aad: fromHex(first?.aad ?? ""), sender };
    const opened = openOnce(concat([fromHex(enc), fromHex(first?.ct ?? "")]), pairOf(fromHex(skRm)), use);
    expect(opened && toHex(opened)).toBe(first?.pt);
  }
});

test.each(sealedMutants().map((mutant) => [mutant.id, mutant] as const))("some case fails on %s", async (_, mutant) => {
  const failures: string[] = [];
  for (const [id, one] of cases) {
    if (failures.length > 0 || !one.requirements.some((requirement) => mutant.breaks.includes(requirement))) continue;
    await one.run(mutant.target).catch(() => failures.push(id));
  }
  expect(failures).toHaveLength(1);
});
