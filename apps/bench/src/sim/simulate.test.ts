import { expect, test } from "vitest";
import { simulate } from "./simulate.js";

test("every broadcast comes to every simulated node once, and what it took is told", async () => {
  const { missed, twice, links, framesSent, broadcasting, settling, bytesPerNode } = await simulate(40, 5);
  expect({ missed, twice }).toEqual({ missed: 0, twice: 0 });
  expect(links).toBeGreaterThan(4);
  // Over every link of a node but the one that it came by.
  expect(framesSent).toBeGreaterThanOrEqual(39);
  expect(framesSent).toBeLessThan(40 * links);
  expect(broadcasting.events).toBeGreaterThan(5 * framesSent);
  expect(settling.virtualMs).toBe(60_000);
  expect(bytesPerNode).toBeGreaterThan(0);
});
