// In a settled ring of n members every lookup names the owner, the mean path is at most 1/2 log2 n + 1 hops, and upkeep
// costs a node less than 900 bytes a second (what Bamboo was allowed, USENIX 2004).
import type { Scenario } from "@p2p/simulator";
import { onGrownRing, type Tell, tellNobody } from "../chord/grown-ring.js";
import { mean } from "../chord/ring-watch.js";

const settleMs = 120_000;
const measureMs = 60_000;
const allowedBytesPerSecond = 900;

/** @param tell is told the figures */
export function ringPaths(name: string, count: number, lookups: number, tell: Tell = tellNobody): Scenario {
  return onGrownRing({ name, count, settleMs, tell }, async ({ ring, world, judge }) => {
    if (ring.broken.length > 0) throw new Error(ring.broken.join("; "));
    const before = ring.bytesSent;
    await world.runFor(measureMs);
    const bytes = (ring.bytesSent - before) / count / (measureMs / 1_000);
    const { asked, right, hops } = await ring.lookUp(lookups, 2);
    const path = mean(hops);
    const allowed = Math.log2(count) / 2 + 1;
    const p99 = hops[Math.floor(0.99 * hops.length)];
    const figures = `${count} members: ${right} of ${asked} lookups right, mean path ${path.toFixed(2)} (allowed ${allowed.toFixed(2)}), p99 ${p99}, upkeep ${bytes.toFixed(0)} B/s a node`;
    judge(figures, right >= asked && path <= allowed && bytes <= allowedBytesPerSecond);
  });
}
