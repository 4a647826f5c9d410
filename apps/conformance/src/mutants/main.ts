// Proves the cases: runs them against mutants and writes proofs.json. `--only` limits the cases, `--missing` to those
// without a full proof, `--check` writes nothing and fails when a recorded proof no longer holds.

import { writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { allCases } from "../cases/all.js";
import { wireTarget } from "../codec/wire-target.js";
import { DriverPool } from "../driver/driver-pool.js";
import { ownDriverCommand } from "../driver/own-driver.js";
import { readCommitted } from "../requirements/chapters.js";
import { ignoreAbandonedWaits } from "../runner/abandoned.js";
import { runInOwnNetwork } from "../runner/own-network.js";
import { select } from "../runner/select.js";
import { allMutants, hopelessMutants } from "./all-mutants.js";
import { checkProofs, formatProofs, type Proof, proofsFile, readProofs } from "./proofs.js";
import { type ProveOptions, prove, survivors } from "./prove.js";

const elsewhere = runInOwnNetwork();
if (elsewhere !== undefined) process.exit(await elsewhere);

ignoreAbandonedWaits();
const { values } = parseArgs({
  options: {
    only: { type: "string", multiple: true, default: [] },
    missing: { type: "boolean", default: false },
    check: { type: "boolean", default: false },
    verbose: { type: "boolean", default: false },
    deadline: { type: "string", default: "2500" },
  },
});

const requirements = readCommitted();
const cases = allCases();
const committed = readProofs();
const binding = new Set(requirements.map((one) => one.id));
let { cases: wanted } = select({ requirements, cases }, values.only);
if (values.missing) {
  wanted = wanted.filter((one) => {
    const proved = new Set((committed.get(one.id) ?? []).map((proof) => proof.requirement));
    return !one.requirements.every((id) => proved.has(id) || !binding.has(id));
  });
}

const pool = new DriverPool(ownDriverCommand, availableParallelism());
const started = performance.now();
try {
  const options: ProveOptions = {
    mutants: allMutants(),
    hopeless: hopelessMutants(),
    codec: wireTarget,
    driver: () => pool.take(),
    onFlaw: (one, failure) => process.stdout.write(`${one.id} fails on the sound implementation: ${failure}\n`),
    deadlineMs: Number(values.deadline),
    parallel: 16,
    onCase: (one, proofs) => {
      const missed = one.requirements.filter((id) => !proofs.some((proof) => proof.requirement === id));
      if (proofs.length === 0) process.stdout.write(`never failed: ${one.id}\n`);
      else if (missed.length > 0 && values.verbose)
        process.stdout.write(`${one.id}: no mutant that breaks ${missed.join(", ")} was noticed\n`);
    },
  };
  const found = await prove(wanted, options);
  const all = new Map<string, readonly Proof[]>();
  const names = new Set(wanted.map((one) => one.id));
  for (const one of cases) {
    const proofs = names.has(one.id) ? found.get(one.id) : committed.get(one.id);
    if (proofs) all.set(one.id, proofs);
  }
  const problems = checkProofs(requirements, cases, all);
  if (wanted.length === cases.length) {
    for (const mutant of await survivors(cases, all.values(), options)) {
      problems.push(`no case notices ${mutant.id}: ${mutant.what} (${mutant.breaks.join(" ")})`);
    }
  }
  for (const problem of problems) process.stdout.write(`problem: ${problem}\n`);
  const text = formatProofs(all);
  const isChanged = text !== formatProofs(committed);
  if (!values.check) writeFileSync(proofsFile, text);
  else if (isChanged) process.stdout.write("proofs.json is old; run: pnpm --filter @p2p/conformance mutants\n");
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  process.stdout.write(`${wanted.length} cases, ${found.size} proved, ${problems.length} problems in ${seconds} s\n`);
  process.exitCode = problems.length > 0 || (values.check && isChanged) ? 1 : 0;
} finally {
  await pool.close();
}
