// Checks the import directions, circles and file names of a workspace: `node scripts/imports/check.ts`.
import { fileURLToPath } from "node:url";
import { cycles } from "./cycles.ts";
import { edges } from "./graph.ts";
import { readManifest } from "./manifest.ts";
import { complaintOfEdge, complaintsOfFile } from "./rules.ts";
import { sourceFiles } from "./source-file.ts";

/** Every broken rule as one line that names the file. Throws if there is nothing to check. */
export function checkImports(root: string): string[] {
  const files = sourceFiles(root);
  if (files.length === 0) throw new Error("found no source file to check");
  const owners = new Map(files.map(({ group, owner }) => [`${group}/${owner}`, { group, owner }]));
  const manifests = new Map([...owners].map(([key, at]) => [key, readManifest(root, at.group, at.owner)]));
  const all = edges(files, manifests);

  const graph = new Map<string, string[]>(files.map((file) => [file.path, []]));
  for (const { from, to } of all) if (to.kind === "file") graph.get(from.path)?.push(to.path);

  return [
    ...files.flatMap((file) => complaintsOfFile(file).map((complaint) => `${file.path} ${complaint}`)),
    ...all.flatMap((edge) => {
      const complaint = complaintOfEdge(edge, manifests);
      return complaint ? [`${edge.from.path} imports ${edge.specifier}: ${complaint}`] : [];
    }),
    ...cycles(graph).map((members) => `circle of imports: ${members.join(" -> ")}`),
  ];
}

if (import.meta.filename === process.argv[1]) {
  const complaints = checkImports(fileURLToPath(new URL("../..", import.meta.url)));
  for (const complaint of complaints) console.error(complaint);
  console.log(
    complaints.length === 0 ? "Import directions hold, without circles." : `${complaints.length} rules broken.`,
  );
  process.exitCode = complaints.length === 0 ? 0 : 1;
}
