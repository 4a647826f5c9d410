// The committed record of the mutants that each case failed on (proofs.json): what makes a pass of the case mean something.
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { isBinding, type Requirement } from "../requirements/requirement.js";
import type { Case } from "../runner/case.js";

export interface Proof {
  readonly mutant: string;
  /** The requirement of the case that the mutant breaks; absent for a mutant that breaks everything. */
  readonly requirement?: string;
  /** What the case said about the mutant. */
  readonly failure: string;
}

/** By case id. */
export type Proofs = ReadonlyMap<string, readonly Proof[]>;

export const proofsFile: string = fileURLToPath(new URL("../../proofs.json", import.meta.url));

export function readProofs(path: string = proofsFile): Proofs {
  if (!existsSync(path)) return new Map();
  const { proofs } = JSON.parse(readFileSync(path, "utf8")) as { proofs: Record<string, Proof[]> };
  return new Map(Object.entries(proofs));
}

export function formatProofs(proofs: Proofs): string {
  const sorted = [...proofs].sort(([a], [b]) => (a < b ? -1 : 1));
  return `${JSON.stringify({ proofs: Object.fromEntries(sorted) }, null, 2)}\n`;
}

/** Cases that were never seen failing, and binding requirements of which no case was seen failing. */
export function checkProofs(requirements: readonly Requirement[], cases: readonly Case[], proofs: Proofs): string[] {
  const problems: string[] = [];
  const proved = new Set<string>();
  const unproved: string[] = [];
  for (const one of cases) {
    const own = proofs.get(one.id) ?? [];
    if (own.length === 0) unproved.push(one.id);
    for (const proof of own) {
      const { requirement } = proof;
      if (requirement !== undefined && one.requirements.includes(requirement)) proved.add(requirement);
    }
  }
  if (unproved.length > 0) problems.push(`${unproved.length} cases were never seen failing: ${unproved.join(", ")}`);
  for (const requirement of requirements) {
    const hasCase = cases.some((one) => one.requirements.includes(requirement.id));
    if (isBinding(requirement) && hasCase && !proved.has(requirement.id)) {
      problems.push(`${requirement.id} has no case that was seen failing on an implementation that breaks it`);
    }
  }
  return problems;
}
