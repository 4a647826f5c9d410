// The limits of base that a chord has others of: of its connections, and how it finds out that they live. [CHORD-029]
import type { NodeLimits } from "@p2p/base";

/**
 * Successors and predecessors, members of a small ring, fingers both ways, clients: many connections. So many that pings are rarer
 * than base's: each end sends them, and who is silent is found by rounds and lookups, sooner.
 */
const defaults = {
  maxConnections: 512,
  maxInboundConnections: 448,
  pingIntervalMs: 120_000,
  deadAfterMs: 300_000,
} as const;

/** @param given as the user did; of two that go together the one that is not given follows the other */
export function connectionLimits(given: Partial<NodeLimits> = {}): Partial<NodeLimits> {
  const {
    maxConnections = defaults.maxConnections,
    pingIntervalMs = Math.max(1, Math.min(defaults.pingIntervalMs, half(given.deadAfterMs))),
    deadAfterMs = Math.max(defaults.deadAfterMs, 2 * pingIntervalMs),
    // An eighth stays kept for outbound ones.
    maxInboundConnections = Math.min(defaults.maxInboundConnections, Math.floor((maxConnections / 8) * 7)),
  } = given;
  return { ...given, maxConnections, maxInboundConnections, pingIntervalMs, deadAfterMs };
}

/** Of what is no number base says so. */
function half(deadAfterMs: number | undefined): number {
  return typeof deadAfterMs === "number" ? Math.floor(deadAfterMs / 2) : defaults.pingIntervalMs;
}
