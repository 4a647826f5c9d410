// Stage: import directions, circles and names of files and types.
import { checkImports } from "../imports/check.ts";
import { root } from "../setup/workspace.mjs";
import { type StageResult, single } from "./result.ts";

export function imports(): StageResult {
  const complaints = checkImports(root);
  for (const complaint of complaints) console.error(complaint);
  return single(complaints.length === 0);
}
