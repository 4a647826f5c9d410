// Nothing leaks real time or randomness: the same seed gives the same trace in fresh processes, byte by byte, with the
// platform's own sources throwing.
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import { forbidPlatform } from "./testing/forbidden-platform-node.js";

let folder = "";
let program = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "simulator-"));
  program = join(folder, "print-trace.mjs");
  const entry = fileURLToPath(new URL("testing/print-trace-node.ts", import.meta.url));
  const common = { bundle: true, platform: "node", format: "esm", target: "node20" } as const;
  // Of CommonJS among what is bundled.
  const js = 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);';
  await build({ ...common, banner: { js }, entryPoints: [entry], outfile: program, logLevel: "silent" });
});

afterAll(() => rm(folder, { recursive: true }));

/** What a fresh process prints for a seed. */
async function printed(seed: number, ...leak: string[]): Promise<string> {
  const options = { maxBuffer: 256 * 1_048_576 };
  return (await promisify(execFile)(process.execPath, [program, String(seed), ...leak], options)).stdout;
}

test("the same seed gives the same trace in fresh processes without real time and randomness; another seed another", async () => {
  const first = await printed(1);
  const second = await printed(1);
  expect(first.split("\n").length).toBeGreaterThan(1_000);
  for (const kind of ["crash", "pause", "partition", "clock-drift", "kept"])
    expect(first).toContain(`"kind":"${kind}"`);
  expect(second === first).toBe(true);
  expect((await printed(2)) === first).toBe(false);
}, 60_000);

test("a node that was not given the clock or the randomness of its world is noticed", async () => {
  await expect(printed(1, "random")).rejects.toThrow("getRandomValues was called");
  await expect(printed(1, "clock")).rejects.toThrow("setTimeout was called");
});

test("the platform's time and randomness do throw while they are forbidden", () => {
  const allow = forbidPlatform();
  const attempts = [
    () => Date.now(),
    () => new Date(),
    () => performance.now(),
    () => setTimeout(() => {}, 1),
    () => setImmediate(() => {}),
    () => Math.random(),
    () => crypto.getRandomValues(new Uint8Array(1)),
  ].map((attempt) => {
    try {
      attempt();
      return "allowed";
    } catch {
      return "thrown";
    }
  });
  allow();
  expect(new Set(attempts)).toEqual(new Set(["thrown"]));
  expect(Date.now()).toBeGreaterThan(0);
});
