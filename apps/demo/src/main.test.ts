// The whole demo, as `npm start` runs it: compiled, in processes of its own.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
// Not dist: a build may be writing there at the same time.
const outDir = join(root, "node_modules", ".cache", "demo-test");

interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the demo to its end; `onText` is called with all that was printed so far. */
function demo(args: readonly string[], onText?: (text: string, child: ChildProcess) => void): Promise<Run> {
  const child = spawn(process.execPath, [join(outDir, "main.js"), ...args], { stdio: ["ignore", "pipe", "pipe"] });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    onText?.(stdout, child);
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject).on("close", (code) => resolve({ code, stdout, stderr }));
  });
}

/** Process ids that the demo told of. */
function pidsIn(text: string): readonly number[] {
  return [...text.matchAll(/ pid (\d+)/g)].map(([, pid]) => Number(pid));
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

beforeAll(() => {
  const typescript = dirname(createRequire(import.meta.url).resolve("typescript/package.json"));
  const compiler = join(typescript, "bin", "tsc");
  execFileSync(process.execPath, [compiler, "-p", join(root, "tsconfig.build.json"), "--outDir", outDir]);
});

describe("the demo", () => {
  it("tells its story, delivers everything once, and ends by itself", async () => {
    const { code, stdout, stderr } = await demo(["--nodes", "3", "--messages", "2"]);
    expect(stderr).toBe("");
    expect(code).toBe(0);
    // 3 speak to 2 others, 2 to 1, and 3 to 2 again; two messages each.
    expect(stdout).toContain("16 broadcasts, 28 of 28 deliveries, each exactly once");
    expect(stdout).toMatch(/A is killed/);
    expect(stdout).toMatch(/D joins/);
    expect(stdout).toMatch(/1 hop/);
    expect(stdout).not.toContain("\u001b");
    expect(stdout).toMatch(/is refused: leased: it is [BC]'s for 60 minutes more/);
    expect(stdout).toMatch(/D is killed, and comes back/);
    const digests = [...stdout.matchAll(/2 keys {2}digest ([0-9a-f]{16})/g)].map(([, digest]) => digest);
    expect([digests.length, new Set(digests).size]).toEqual([3, 1]);
    expect(stdout).toMatch(/After [\d.]+ m?s they are one: B → [CD] → [CD] → B\n/);
    expect([...stdout.matchAll(/stores "book\/[BCD]": [345] of its five positions have it/g)]).toHaveLength(3);
    expect(stdout).toMatch(/[BCD] is killed, and every key is still read/);
    expect([...stdout.matchAll(/"book\/[BCD]" is read by [BC], [CD]; its first position is [BCD]'s/g)]).toHaveLength(3);
    expect(stdout).toMatch(/Eve passed on \d+ bytes, and reads in them "meet me at noon"\n/);
    expect(stdout).toMatch(/Eve passed on \d+ bytes, and does not find it in them\n/);
    expect(stdout).toContain("Bob's node refuses it, record-forged");
    expect(stdout).toContain("Bob refuses it, sealed-forged");
    expect(stdout).toMatch(/Version 3 lets him out: Bob is refused, not-a-reader/);
    expect(stdout).toContain("Bob writes it, and is refused: not-owner");
    expect(stdout).toContain("; 23 claims, all true; in ");
    expect(pidsIn(stdout)).toHaveLength(5);
    expect(pidsIn(stdout).filter(isRunning)).toEqual([]);
  }, 60_000);

  it("fails with the reason when a process dies that should not, and leaves none behind", async () => {
    let victim: number | undefined;
    const { code, stdout } = await demo(["--nodes", "3"], (text) => {
      if (victim !== undefined) return;
      [victim] = pidsIn(text);
      if (victim !== undefined) process.kill(victim, "SIGKILL");
    });
    expect(code).toBe(1);
    expect(stdout).toContain("Failed: process A ended with SIGKILL");
    expect(pidsIn(stdout).filter(isRunning)).toEqual([]);
  }, 60_000);

  it("cleans up on Ctrl-C", async () => {
    let isStopped = false;
    const { code, stdout } = await demo(["--nodes", "3"], (text, child) => {
      if (isStopped || pidsIn(text).length === 0) return;
      isStopped = child.kill("SIGINT");
    });
    expect(code).toBe(130);
    expect(stdout).toContain("stopped by SIGINT");
    expect(pidsIn(stdout).filter(isRunning)).toEqual([]);
  }, 60_000);

  it("explains a wrong argument", async () => {
    const { code, stdout, stderr } = await demo(["--nodes", "two"]);
    expect(code).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toMatch(/^demo: --nodes must be a whole number from 3 to 25, not "two"\n\nusage:/);
  });
});
