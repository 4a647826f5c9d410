import { expect, test } from "vitest";
import { simulateRing } from "./simulate-ring.js";

test("every lookup in a simulated ring names the owner, and what it took is told", async () => {
  const lines: string[] = [];
  const { broken, right, hops, links, upkeep, bytesPerNode, resting } = await simulateRing(20, 50, (line) =>
    lines.push(line),
  );
  expect({ broken, right }).toEqual({ broken: [], right: 50 });
  // All have links to all.
  expect(hops.most).toBe(1);
  expect(links).toBe(19);
  expect(upkeep).toBeGreaterThan(0);
  expect(resting.virtualMs).toBeCloseTo(60_000);
  expect(bytesPerNode).toBeGreaterThan(0);
  expect(lines).toEqual(["the ring has settled"]);
});
