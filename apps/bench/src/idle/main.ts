// Entry of an idle-memory process: opens pairs of the side named by its first argument, tells what one costs, ends.
import { setTimeout as wait } from "node:timers/promises";
import type { IdleReport, PairName, Pairs } from "./pairs.js";

/** Loaded by the process that measures it alone: memory that another library loaded and left would hide growth. */
const makers: Record<PairName, () => Promise<Pairs>> = {
  "raw sockets": async () => (await import("./raw-pairs.js")).rawPairs(),
  "@p2p/base": async () => (await import("./base-pairs.js")).basePairs(),
};
/** What the first connections load, compile and allocate for good is not the cost of a connection. */
const warmUpPairs = 200;

/** Resident memory of the process after the garbage has gone, in bytes. */
async function settledRss(): Promise<number> {
  const collect = globalThis.gc;
  if (!collect) throw new TypeError("this process has to be started with --expose-gc");
  for (let i = 0; i < 5; i++) {
    await wait(200);
    collect();
  }
  return process.memoryUsage.rss();
}

const [name, count] = process.argv.slice(2);
const pairCount = Number(count);
const pairs = await makers[name as PairName]();
await pairs.prepare(warmUpPairs + pairCount);
await pairs.open(warmUpPairs);
const before = await settledRss();
await pairs.open(pairCount);
const after = await settledRss();
const report: IdleReport = { bytesPerPair: (after - before) / pairCount };
process.send?.(report, () => process.exit());
