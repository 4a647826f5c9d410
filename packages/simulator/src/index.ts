// A deterministic network that runs the shipped code in virtual time.
export type { Disk } from "./disk.js";
export { SimulatorError, type SimulatorErrorCode } from "./errors.js";
export { drawFaults, type Fault, type FaultKind, type FaultMix } from "./fault-plan.js";
export { scheduleFaults } from "./fault-script.js";
export type { Latency, LinkConditions } from "./link-conditions.js";
export type { Network, StreamOptions } from "./network.js";
export type { CrashOptions, NodeFactory, NodeSeams, SimulatedNode, StartOptions } from "./node-in-world.js";
export { type Outcome, type PlayOptions, play, type Scenario } from "./scenario.js";
export { SeededRandom } from "./seeded-random.js";
export { type ShrinkOptions, shrink } from "./shrink.js";
export type { TraceEntry, TraceLevel, WorldTrace } from "./trace.js";
export type { ClockFaults, VirtualClock } from "./virtual-clock.js";
export { type WaitOptions, World } from "./world.js";
export type { WorldOptions } from "./world-options.js";
