// A replica joins another one, and is asked for its table at once.
import { firstGets, type Join } from "./command.js";
import type { TableLibrary } from "./side.js";
import { keyOf } from "./writer.js";

function timed(run: () => void): number {
  const startMs = performance.now();
  run();
  return performance.now() - startMs;
}

/** @throws Error when the table is not what it should be: the numbers from 0 up */
export async function timedJoin(library: TableLibrary, address: string): Promise<Join> {
  const startMs = performance.now();
  const table = await library.join(address);
  const elapsedMs = performance.now() - startMs;
  const { size } = table;
  const step = Math.max(1, Math.floor(size / firstGets));
  let sum = 0;
  const getsMs = timed(() => {
    for (let number = 0; number < firstGets; number++) sum += table.get(keyOf(number * step)) ?? Number.NaN;
  });
  if (size >= firstGets && sum !== (step * firstGets * (firstGets - 1)) / 2)
    throw new Error(`reads gave ${sum} in all`);
  sum = 0;
  const iterationMs = timed(() => {
    for (const value of table.values()) sum += value;
  });
  if (sum !== (size * (size - 1)) / 2) throw new Error(`the values of ${size} keys are ${sum} in all`);
  const { digest } = table;
  return { size, elapsedMs, getsMs, iterationMs, digestMs: digest === undefined ? undefined : timed(digest) };
}
