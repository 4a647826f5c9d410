// Entry of a process with a distributed hash table: opens the network named by its first argument, works on it, tells, ends.
import { type DhtName, type DhtNetwork, type DhtReport, dhtNames } from "./network.js";
import { Workload } from "./workload.js";

/** Loaded by the process that measures it alone. */
const makers: Record<DhtName, (size: number) => Promise<DhtNetwork>> = {
  "@p2p/chord": async (size) => (await import("./our-ring.js")).openRing(size),
  hyperdht: async (size) => (await import("./hyperdht.js")).openHyperdht(size),
  "kad-dht": async (size) => (await import("./kad-dht.js")).openKadDht(size),
};

const [asked, size] = process.argv.slice(2);
const name = dhtNames.find((each) => each === asked);
if (name === undefined) throw new TypeError(`there is no network "${asked}"`);
const beganMs = performance.now();
const network = await makers[name](Number(size));
const openMs = performance.now() - beganMs;
const workload = new Workload(network, {
  operations: 300,
  partMs: 2_000,
  width: 64,
  valueBytes: 100,
  random: Math.random,
});
const report: DhtReport = { openMs, ...(await workload.run()) };
process.send?.(report, () => process.exit());
