// The committed record of which mutant each case failed on (proofs.json): what makes a pass of the case mean something.
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { isBinding, type Requirement } from "../requirements/requirement.js";
import type { Case } from "../runner/case.js";

export interface Proof {
  readonly mutant: string;
  /** What the case said about the mutant. */
  readonly failure: string;
}

export type Proofs = ReadonlyMap<string, Proof>;

export const proofsFile: string = fileURLToPath(new URL("../../proofs.json", import.meta.url));

export function readProofs(path: string = proofsFile): Proofs {
  if (!existsSync(path)) return new Map();
  const { proofs } = JSON.parse(readFileSync(path, "utf8")) as { proofs: Record<string, Proof> };
  return new Map(Object.entries(proofs));
}

export function formatProofs(proofs: Proofs): string {
  const sorted = [...proofs].sort(([a], [b]) => (a < b ? -1 : 1));
  return `${JSON.stringify({ proofs: Object.fromEntries(sorted) }, null, 2)}\n`;
}

/** Cases without a proof, and proofs without a case. */
export function checkProofs(requirements: readonly Requirement[], cases: readonly Case[], proofs: Proofs): string[] {
  const binding = new Set(requirements.filter(isBinding).map((one) => one.id));
  const problems: string[] = [];
  for (const one of cases) {
    if (!proofs.has(one.id) && one.requirements.some((id) => binding.has(id))) {
      problems.push(`case ${one.id} was never seen failing; run: pnpm --filter @p2p/conformance mutants`);
    }
  }
  return problems;
}
