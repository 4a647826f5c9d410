// Power taken from a writer in the middle: real processes, a real database, SIGKILL.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ClassicLevel } from "classic-level";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openStore } from "./store/store.js";
import { Sync } from "./sync.js";

const writer = fileURLToPath(new URL("testing/killed-writer-node.ts", import.meta.url));
/** The writer runs from its source: an import of "x.js" finds x.ts, as the compiler has it. */
const hooks = `data:text/javascript,${encodeURIComponent(`
  import { registerHooks } from "node:module";
  const isSource = (specifier, parent) => specifier.startsWith(".") && String(parent).endsWith(".ts");
  const source = (specifier) => specifier.replace(/\\.js$/, ".ts");
  registerHooks({
    resolve: (specifier, context, next) =>
      next(isSource(specifier, context.parentURL) ? source(specifier) : specifier, context),
  });
`)}`;

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "p2p-sync-"));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Acknowledged {
  readonly value: number;
  readonly timeUs: number;
  readonly id: string;
}

/** Runs a writer until it was told of so many writes, and kills it. @returns the last of each key that was acknowledged */
async function killAfter(round: number, writes: number): Promise<Map<string, Acknowledged>> {
  const child = spawn(process.execPath, ["--import", hooks, writer, folder, String(round), "1000000"], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const acknowledged = new Map<string, Acknowledged>();
  let said = "";
  let lines = 0;
  let complaints = "";
  child.stderr.on("data", (chunk) => {
    complaints += String(chunk);
  });
  child.stdout.on("data", (chunk) => {
    said += String(chunk);
    const complete = said.split("\n");
    said = complete.pop() ?? "";
    for (const line of complete) {
      lines += 1;
      const [key = "", value, timeUs, id = ""] = line.split(" ");
      const known = acknowledged.get(key);
      if (known !== undefined && known.value > Number(value)) continue;
      acknowledged.set(key, { value: Number(value), timeUs: Number(timeUs), id });
    }
    if (lines >= writes) child.kill("SIGKILL");
  });
  const [, signal] = await once(child, "close");
  expect([signal, complaints]).toEqual(["SIGKILL", ""]);
  return acknowledged;
}

test("a writer that is killed in the middle of its writes loses none that was acknowledged, and gives no stamp twice", async () => {
  const all = new Map<string, Acknowledged>();
  let latestUs = 0;
  for (const [round, writes] of [1, 300, 3_000].entries()) {
    for (const [key, each] of await killAfter(round, writes)) {
      all.set(key, each);
      latestUs = Math.max(latestUs, each.timeUs);
    }
    const sync = new Sync({ network: "killed", store: await openStore(new ClassicLevel(folder)) });
    await sync.open();
    for (const [key, { value, id }] of all) {
      expect([key, id, (sync.get(key) as number) >= value]).toEqual([key, sync.id, true]);
      expect(sync.lease(key)?.owner).toBe(sync.id);
    }
    for (const key of sync.keys()) latestUs = Math.max(latestUs, sync.entry(key)?.version.timeUs ?? 0);
    const { version } = await sync.set("after", round);
    expect(version.timeUs).toBeGreaterThan(latestUs);
    await sync.close();
  }
}, 60_000);
