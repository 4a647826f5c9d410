// A part of a run in virtual time, and what it took; memory that is in use.
import type { World } from "@p2p/simulator";
import type { SimPhase } from "./report.js";

/** What a part of a run took. */
export async function measure(world: World, run: () => Promise<void>): Promise<SimPhase> {
  const [steps, nowMs, wall, cpu] = [world.steps, world.nowMs, performance.now(), process.cpuUsage()];
  await run();
  const { user, system } = process.cpuUsage(cpu);
  return {
    events: world.steps - steps,
    cpuMs: (user + system) / 1_000,
    wallMs: performance.now() - wall,
    virtualMs: world.nowMs - nowMs,
  };
}

/** Bytes that are in use; without garbage, if it is collected on demand (`--expose-gc`). */
export function heldBytes(): number {
  // Buffers that the first one finds unused are counted until the second one begins.
  globalThis.gc?.();
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
