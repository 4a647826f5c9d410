// Every case of the suite: those made from vectors and those written as code.
import type { Case } from "../runner/case.js";
import { loadVectors } from "../vectors/load.js";
import { vectorCases } from "../vectors/vector-cases.js";

export function allCases(): Case[] {
  const cases: Case[] = loadVectors().flatMap(vectorCases);
  const ids = new Set<string>();
  for (const one of cases) {
    if (ids.has(one.id)) throw new Error(`two cases are named ${one.id}`);
    ids.add(one.id);
  }
  return cases;
}
