// Reads all chapters under spec/ into one list of requirements and checks what concerns more than one of them.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Extraction, extractRequirements } from "./extract.js";
import type { Requirement } from "./requirement.js";

/** The spec folder of this repository. */
export const specFolder: string = fileURLToPath(new URL("../../../../spec/", import.meta.url));

/** Chapters whose cases are being written: their requirements count from the moment that they leave this list. */
const inPreparation: ReadonlySet<string> = new Set();

/** Extracts from every chapter (`spec/*.md` but the README and those in preparation), and checks ids across them and against `retired.json`. */
export function readChapters(folder: string = specFolder): Extraction {
  const requirements: Requirement[] = [];
  const problems: string[] = [];
  for (const file of readdirSync(folder).sort()) {
    if (!file.endsWith(".md") || file === "README.md" || inPreparation.has(file)) continue;
    const chapter = extractRequirements(file, readFileSync(join(folder, file), "utf8"));
    requirements.push(...chapter.requirements);
    problems.push(...chapter.problems);
  }
  problems.push(...checkIds(requirements, readRetired(folder), readCommitted(folder)));
  return { requirements, problems };
}

/** An id names one requirement for ever: two owners, a retired id in use, or a vanished id are problems. */
export function checkIds(
  requirements: readonly Requirement[],
  retired: ReadonlyMap<string, string>,
  committed: readonly Requirement[],
): string[] {
  const problems: string[] = [];
  const owners = new Map<string, Requirement>();
  for (const one of requirements) {
    const other = owners.get(one.id);
    if (other) problems.push(`${one.file}: ${one.id} is already used in ${other.file}, section ${other.section}`);
    if (retired.has(one.id)) problems.push(`${one.file}: ${one.id} is retired and cannot be used again`);
    owners.set(one.id, one);
  }
  for (const { id } of committed) {
    if (!owners.has(id) && !retired.has(id)) problems.push(`retired.json: ${id} is gone from the spec and not retired`);
  }
  return problems;
}

/** The text of requirements.json. */
export function formatRequirements(requirements: readonly Requirement[]): string {
  return `${JSON.stringify({ requirements }, null, 2)}\n`;
}

/** The committed requirements, or none when there is no file yet. */
export function readCommitted(folder: string = specFolder): readonly Requirement[] {
  const path = join(folder, "requirements.json");
  if (!existsSync(path)) return [];
  const { requirements } = JSON.parse(readFileSync(path, "utf8")) as { requirements: readonly Requirement[] };
  return requirements;
}

function readRetired(folder: string): ReadonlyMap<string, string> {
  const path = join(folder, "retired.json");
  if (!existsSync(path)) return new Map();
  const { retired } = JSON.parse(readFileSync(path, "utf8")) as { retired: Record<string, string> };
  return new Map(Object.entries(retired));
}
