import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readCommitted, specFolder } from "../requirements/chapters.js";
import { loadVectors } from "./load.js";
import { checkSchema, type Schema } from "./schema-check.js";

const folder = join(specFolder, "vectors");
const schema = JSON.parse(readFileSync(join(folder, "schema.json"), "utf8")) as Schema;
const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter(
  (file) => file.endsWith(".json") && !file.endsWith("schema.json"),
);

test.each(files)("%s keeps the schema of vectors", (file) => {
  expect(checkSchema(JSON.parse(readFileSync(join(folder, file), "utf8")), schema).slice(0, 5)).toEqual([]);
});

test("every vector names requirements that exist", () => {
  const known = new Set(readCommitted().map(({ id }) => id));
  for (const file of loadVectors()) {
    for (const { id, requirements } of file.vectors) for (const one of requirements) expect(known, id).toContain(one);
  }
});

test("a folder without vectors is an error", () => {
  expect(() => loadVectors(join(specFolder, "registries/none"))).toThrow();
});

test("the check finds what breaks the schema", () => {
  const sound = {
    title: "t",
    profile: "1.0",
    provenance: "by hand, for a test",
    operation: "value",
    vectors: [{ id: "a", requirements: ["WIRE-001"], bytes: ["00", { hex: "01", repeat: 3 }], value: 0 }],
  };
  expect(checkSchema(sound, schema)).toEqual([]);
  const broken: object[] = [
    { ...sound, profile: "2.0" },
    { ...sound, more: 1 },
    { ...sound, vectors: [] },
    { ...sound, provenance: "short" },
    { ...sound, vectors: [{ id: "A", requirements: ["WIRE-001"], bytes: "00" }] },
    { ...sound, vectors: [{ id: "a", requirements: ["WIRE-1"], bytes: "00" }] },
    { ...sound, vectors: [{ id: "a", requirements: ["WIRE-001"], bytes: "0" }] },
    { ...sound, vectors: [{ id: "a", requirements: ["WIRE-001"], value: 1 }] },
    { ...sound, operation: "base58" },
  ];
  for (const one of broken) expect(checkSchema(one, schema), JSON.stringify(one)).not.toEqual([]);
  expect(() => checkSchema(1, { not: {} })).toThrow(/keyword/);
});
