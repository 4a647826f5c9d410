// Which requirements and cases a run is about.
import type { Requirement } from "../requirements/requirement.js";
import type { Case } from "./case.js";

export interface Selection {
  readonly requirements: readonly Requirement[];
  readonly cases: readonly Case[];
}

/** Patterns match whole ids of requirements or cases; `*` stands for any text. No pattern selects everything. */
export function select(all: Selection, patterns: readonly string[]): Selection {
  if (patterns.length === 0) return all;
  const tests = patterns.map((pattern) => new RegExp(`^${pattern.split("*").map(literal).join(".*")}$`));
  const isWanted = (id: string): boolean => tests.some((one) => one.test(id));
  const cases = all.cases.filter((one) => isWanted(one.id) || one.requirements.some(isWanted));
  const named = new Set(cases.filter((one) => isWanted(one.id)).flatMap((one) => one.requirements));
  const requirements = all.requirements.filter((one) => isWanted(one.id) || named.has(one.id));
  return { requirements, cases };
}

function literal(text: string): string {
  return text.replaceAll(/[.+?^${}()|[\]\\]/g, "\\$&");
}
