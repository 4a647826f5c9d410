// Power taken from members of a ring: real processes, sockets and databases, SIGKILL. The whole minute is `pnpm bench kills`.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { besiege } from "./siege.js";

/** Members run from their source: an import of "x.js" finds x.ts, as the compiler has it. */
const hooks = `data:text/javascript,${encodeURIComponent(`
  import { registerHooks } from "node:module";
  const isSource = (specifier, parent) => specifier.startsWith(".") && String(parent).endsWith(".ts");
  registerHooks({
    resolve: (specifier, context, next) =>
      next(isSource(specifier, context.parentURL) ? specifier.replace(/\\.js$/, ".ts") : specifier, context),
  });
`)}`;
const script = fileURLToPath(new URL("member.ts", import.meta.url));

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "p2p-siege-"));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const command = { script, execArgv: ["--import", hooks] };

test.each([
  ["with their stores", true],
  ["with nothing", false],
])(
  "of 12 processes two are killed at a time and come back %s: no acknowledged value is lost",
  async (_, isKept) => {
    let rounds = 0;
    const { kills, acknowledged, keys, lost } = await besiege({
      command: { script, execArgv: ["--import", hooks] },
      processes: 12,
      atOnce: 2,
      lanes: 2,
      keysPerLane: 5,
      folder: isKept ? folder : undefined,
      seed: 7,
      async pace(history) {
        // In the middle of work, the members that came back last having their part in it.
        await history.more(200);
        rounds += 1;
        return rounds <= 3;
      },
      tell: () => undefined,
      signal: AbortSignal.timeout(100_000),
    });
    expect(lost).toEqual([]);
    expect(kills).toBe(6);
    expect(keys).toBeGreaterThan(0);
    expect(acknowledged).toBeGreaterThanOrEqual(800);
  },
  120_000,
);

test("a siege tells of what is lost: all members are killed at once, and come back with nothing", async () => {
  let rounds = 0;
  const { lost } = await besiege({
    command,
    processes: 3,
    atOnce: 3,
    lanes: 1,
    keysPerLane: 3,
    folder: undefined,
    seed: 7,
    async pace(history) {
      if (rounds === 0) await history.more(20);
      rounds += 1;
      return rounds <= 1;
    },
    tell: () => undefined,
    signal: AbortSignal.timeout(50_000),
  });
  expect(lost.length).toBeGreaterThan(0);
}, 60_000);

test("a siege ends with the reason when a member ends that nobody killed", async () => {
  const siege = besiege({
    command: { script: join(folder, "nowhere.js"), execArgv: [] },
    processes: 2,
    atOnce: 1,
    lanes: 1,
    keysPerLane: 1,
    folder: undefined,
    seed: 7,
    pace: async () => false,
    tell: () => undefined,
    signal: AbortSignal.timeout(50_000),
  });
  await expect(siege).rejects.toThrow("the member ended with code 1");
}, 60_000);
