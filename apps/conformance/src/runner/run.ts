// Runs cases a few at a time and gives a result for each, in the order of the cases.
import type { CodecTarget } from "../codec/codec-target.js";
import type { DriverProcess } from "../driver/driver-process.js";
import { type Interference, noInterference } from "../stage/interference.js";
import { Stage } from "../stage/stage.js";
import type { Case, CaseResult } from "./case.js";
import { CaseSkipped } from "./skip.js";

export interface RunOptions {
  /** Undefined skips the codec cases. */
  readonly codec: CodecTarget | undefined;
  /** Gives the driver for one case; undefined skips the node cases. */
  readonly driver: (() => Promise<DriverProcess>) | undefined;
  readonly interference?: Interference;
  /** How long a node case waits for anything that must come, in ms. */
  readonly deadlineMs: number;
  readonly parallel: number;
  readonly onResult?: (result: CaseResult) => void;
}

/** A case that takes longer than this many of its deadlines hangs, and fails: a busy machine takes its time. */
const deadlinesPerCase = 12;

export async function runCases(cases: readonly Case[], options: RunOptions): Promise<CaseResult[]> {
  const results: CaseResult[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < cases.length) {
      const at = next;
      next += 1;
      const one = cases[at];
      if (!one) return;
      const result = await runCase(one, options);
      results[at] = result;
      options.onResult?.(result);
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, options.parallel) }, worker));
  return results;
}

export async function runCase(one: Case, options: RunOptions): Promise<CaseResult> {
  const { id, title, requirements } = one;
  const started = performance.now();
  const result = (outcome: CaseResult["outcome"], reason?: string): CaseResult => ({
    id,
    title,
    requirements,
    outcome,
    ...(reason === undefined ? {} : { reason }),
    durationMs: Math.round(performance.now() - started),
  });
  try {
    if (one.kind === "codec") {
      if (!options.codec) return result("skipped", "the target has no codec calls");
      await one.run(options.codec);
      return result("passed");
    }
    if (!options.driver) return result("skipped", "the target has no nodes");
    const driver = await options.driver();
    const stage = new Stage({
      driver,
      interference: options.interference ?? noInterference,
      deadlineMs: options.deadlineMs,
    });
    try {
      await inTime(one.run(stage), options.deadlineMs * deadlinesPerCase);
      if (!stage.isDriverAlive) throw new Error("the node under test crashed");
    } finally {
      await stage.close();
    }
    return result("passed");
  } catch (error) {
    if (error instanceof CaseSkipped) return result("skipped", error.message);
    return result("failed", error instanceof Error ? error.message : String(error));
  }
}

async function inTime(work: Promise<void>, deadlineMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`the case did not end within ${deadlineMs} ms`)), deadlineMs);
  });
  await Promise.race([work, late]).finally(() => clearTimeout(timer));
}
