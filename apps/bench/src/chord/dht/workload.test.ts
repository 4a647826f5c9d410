import { expect, test } from "vitest";
import type { DhtNetwork } from "./network.js";
import { Workload } from "./workload.js";

/** A table in memory; what every `forgets`th put stored is not found again. */
function table(forgets: number): DhtNetwork & { readonly widest: () => number } {
  const values = new Map<string, Uint8Array>();
  let puts = 0;
  let open = 0;
  let widest = 0;
  return {
    size: 3,
    async put(_node, value) {
      const key = `key ${puts++}`;
      if (puts % forgets !== 0) values.set(key, value);
      return key;
    },
    async get(node, key) {
      expect(node).toBeLessThan(3);
      open++;
      widest = Math.max(widest, open);
      await new Promise(setImmediate);
      open--;
      return values.get(String(key));
    },
    widest: () => widest,
  };
}

const options = { operations: 40, partMs: 5, width: 7, valueBytes: 8, random: Math.random };

test("a workload puts, and gets back what it put, so many at a time", async () => {
  const network = table(Number.POSITIVE_INFINITY);
  const { wrong, getsPerSecond, putMs } = await new Workload(network, options).run();
  expect([wrong, getsPerSecond > 0, putMs >= 0, network.widest()]).toEqual([0, true, true, 7]);
});

test("a workload counts what a table lost", async () => {
  expect((await new Workload(table(2), options).run()).wrong).toBeGreaterThan(0);
});
