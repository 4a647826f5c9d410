// Faults that were written by hand: what is misspelt or cannot be is told before the run, not passed over in it.
import { microseconds } from "./event-queue.js";
import { allKinds, type Fault } from "./fault-plan.js";
import { checkLatency, defaultConditions, withConditions } from "./link-conditions.js";
import { checkClock } from "./virtual-clock.js";

/** @throws TypeError for what is no fault, RangeError for numbers that cannot be */
export function checkFault(fault: Fault): void {
  if (!allKinds.includes(fault?.kind)) throw new TypeError(`there is no kind of fault "${String(fault?.kind)}"`);
  microseconds(`${fault.kind}: atMs`, fault.atMs);
  switch (fault.kind) {
    case "reset":
    case "half-open":
      checkNames(fault.kind, [fault.node, fault.peer]);
      return;
    case "clock-jump":
      checkNames(fault.kind, [fault.node]);
      if (!Number.isFinite(fault.byMs)) throw new RangeError("clock-jump: byMs is a number");
      return;
    default:
      microseconds(`${fault.kind}: forMs`, fault.forMs);
  }
  switch (fault.kind) {
    case "partition":
      for (const names of [fault.from, fault.to]) checkNames(fault.kind, names);
      return;
    case "crash":
      checkNames(fault.kind, [fault.node]);
      if (fault.disk !== "kept" && fault.disk !== "lost") throw new TypeError('crash: disk is "kept" or "lost"');
      return;
    case "pause":
      checkNames(fault.kind, [fault.node]);
      return;
    case "clock-drift":
      checkNames(fault.kind, [fault.node]);
      checkClock({ driftPpm: fault.ppm });
      return;
    case "slow":
      checkNames(fault.kind, [fault.node]);
      if (!(fault.bytesPerSecond > 0)) throw new RangeError("slow: bytesPerSecond is above 0");
      return;
    case "latency":
      checkLatency(fault.latency);
      return;
    case "bandwidth":
      withConditions(defaultConditions, { bytesPerSecond: fault.bytesPerSecond });
      return;
    case "loss":
      withConditions(defaultConditions, { lossRate: fault.lossRate });
      return;
    default:
      fault satisfies never;
  }
}

function checkNames(kind: string, names: readonly string[]): void {
  if (!Array.isArray(names)) throw new TypeError(`${kind}: "from" and "to" are lists of names`);
  for (const name of names) {
    if (typeof name !== "string") throw new TypeError(`${kind}: a name of a node is missing`);
  }
}
