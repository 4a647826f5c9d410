// Entry of an idle-memory process: opens pairs of the side named by its first argument, tells what one costs, ends.
import { setTimeout as wait } from "node:timers/promises";
import { basePairs } from "./base-pairs.js";
import type { PairName, Pairs } from "./pairs.js";
import { rawPairs } from "./raw-pairs.js";

const makers: Record<PairName, () => Pairs> = { "raw sockets": rawPairs, "@p2p/base": basePairs };

/** Memory of the process after the garbage has gone, in bytes. */
async function settledRss(): Promise<number> {
  for (let i = 0; i < 5; i++) {
    await wait(200);
    globalThis.gc?.();
  }
  return process.memoryUsage.rss();
}

const [name, wanted] = process.argv.slice(2);
const pairs = makers[name as PairName]();
await pairs.prepare(Number(wanted));
// What the first connections load and compile is not the cost of a connection.
await pairs.open(100);
const before = await settledRss();
const opened = await pairs.open(Number(wanted));
const after = await settledRss();
process.send?.({ bytesPerPair: (after - before) / opened }, () => process.exit());
