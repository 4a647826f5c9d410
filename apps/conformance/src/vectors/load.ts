// Reads the vector files below spec/vectors; a folder without vectors is an error, not an empty pass.
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { specFolder } from "../requirements/chapters.js";
import type { VectorFile } from "./vector.js";

export interface LoadedFile extends VectorFile {
  /** Path below `spec/vectors` without `.json`. */
  readonly path: string;
}

export function loadVectors(folder: string = join(specFolder, "vectors")): LoadedFile[] {
  const files: LoadedFile[] = [];
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.endsWith(".json") || entry.name.endsWith("schema.json")) continue;
    const full = join(entry.parentPath, entry.name);
    const file = JSON.parse(readFileSync(full, "utf8")) as VectorFile;
    const path = relative(folder, full).replace(/\.json$/, "");
    if (file.vectors.length === 0) throw new Error(`${path}: no vectors`);
    const ids = new Set(file.vectors.map((vector) => vector.id));
    if (ids.size !== file.vectors.length) throw new Error(`${path}: an id is used twice`);
    files.push({ ...file, path });
  }
  if (files.length === 0) throw new Error(`no vectors below ${folder}`);
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}
