// Every limit of a node, its default and its bounds, in one place [BASE-130]. Figures: spec, section "Limits".

import { defaultLimits, highestFrameBytes, type WireLimits } from "@p2p/wire";
import { checkObject, shownValue, unknownName } from "../known-names.js";

/** Limits of a node. Each is an option of its own; sizes are in bytes, times in milliseconds. */
export interface NodeLimits extends WireLimits {
  /** Bytes taken from a peer before the handshake is over. Default 4,096. */
  readonly maxHandshakeBytes: number;
  /** From a channel being open to both handshakes being done, in ms, whatever trickles in. Default 10,000. */
  readonly handshakeTimeoutMs: number;
  /** Inbound connections whose handshake is not done. Default 32. */
  readonly maxPendingHandshakes: number;
  /** Connections in all. Default 128. */
  readonly maxConnections: number;
  /** Inbound connections; the rest is kept for outbound ones. Default 96 (32 kept). */
  readonly maxInboundConnections: number;
  /** Inbound connections of one IPv4 address or one IPv6 /56; loopback is exempt. Default 8. */
  readonly maxConnectionsPerAddress: number;
  /** Inbound connections of one IPv6 /48; loopback is exempt. Default 64. */
  readonly maxConnectionsPerSubnet: number;
  /** New inbound connections of one IPv4 address or IPv6 /56 a second, in the long run; loopback is exempt. Default 5. */
  readonly inboundPerSecond: number;
  /** New inbound connections of one address at once, after a rest. Default 20. */
  readonly inboundBurst: number;
  /** Requests in flight with one peer, each way. Default 64. */
  readonly maxRequestsPerPeer: number;
  /** Bytes received of one connection and not yet handled. Default 4,194,304. */
  readonly receiveBufferBytes: number;
  /** Bytes to send on one connection, above which `send` waits. Default 1,048,576. */
  readonly sendBufferBytes: number;
  /** How long a peer may read nothing while bytes wait for it, in ms, before it is dropped. Default 10,000. */
  readonly stallTimeoutMs: number;
  /** All buffers and caches of the node. Default 268,435,456 (256 MiB). */
  readonly memoryBudgetBytes: number;
  /** How often an idle connection is pinged, in ms. Default 30,000. */
  readonly pingIntervalMs: number;
  /** Without a whole frame from the peer for so long, in ms, the connection is dead. Default 90,000. */
  readonly deadAfterMs: number;
  /** Dials in progress. Default 16. */
  readonly maxDials: number;
  /** Dials that wait for their turn. Default 500. */
  readonly maxQueuedDials: number;
  /** From a dial to an open channel, in ms. Default 10,000. */
  readonly dialTimeoutMs: number;
  /** How long a closing connection may take to send what it buffers, in ms. Default 5,000. */
  readonly closeTimeoutMs: number;
  /** A connection that was up for so long, in ms, is dialled again after the first delay. Default 60,000. */
  readonly reconnectStableMs: number;
  /** Attempts without success, after which a reconnect is given up. Default 150, about a day. */
  readonly maxReconnectAttempts: number;
}

/** The defaults of {@link NodeLimits}. */
export const defaultNodeLimits: NodeLimits = Object.freeze({
  ...defaultLimits,
  maxHandshakeBytes: 4_096,
  handshakeTimeoutMs: 10_000,
  maxPendingHandshakes: 32,
  maxConnections: 128,
  maxInboundConnections: 96,
  maxConnectionsPerAddress: 8,
  maxConnectionsPerSubnet: 64,
  inboundPerSecond: 5,
  inboundBurst: 20,
  maxRequestsPerPeer: 64,
  receiveBufferBytes: 4_194_304,
  sendBufferBytes: 1_048_576,
  stallTimeoutMs: 10_000,
  memoryBudgetBytes: 268_435_456,
  pingIntervalMs: 30_000,
  deadAfterMs: 90_000,
  maxDials: 16,
  maxQueuedDials: 500,
  dialTimeoutMs: 10_000,
  closeTimeoutMs: 5_000,
  reconnectStableMs: 60_000,
  maxReconnectAttempts: 150,
});

/** Lowest value of the limits that are not free to be anything from 1 up. */
const lowest: Readonly<Partial<Record<keyof NodeLimits, number>>> = {
  maxInboundConnections: 0,
  maxQueuedDials: 0,
  maxReconnectAttempts: 0,
  // A handshake with a few addresses must fit.
  maxHandshakeBytes: 256,
  maxFrameBytes: 1_024,
  // The session's own messages nest this deep.
  maxDepth: 4,
};

const highest: Readonly<Partial<Record<keyof NodeLimits, number>>> = { maxFrameBytes: highestFrameBytes };

/** Limits that may be parts of a whole number. */
const fractional: ReadonlySet<string> = new Set<keyof NodeLimits>(["inboundPerSecond", "maxInflateRatio"]);

/**
 * Lays `overrides` over the defaults. `Infinity` switches a limit off; `maxFrameBytes` refuses it, and `maxDepth` then ends at 1,024.
 * @throws TypeError for an unknown name, RangeError for a value out of bounds or limits that exclude each other
 */
export function resolveLimits(overrides: Partial<NodeLimits> = {}): NodeLimits {
  checkObject("the limits of a node", overrides);
  // Keys of an object given by a caller without types may be anything: hence the check.
  for (const [name, value] of Object.entries(overrides)) checkLimit(name, value);
  const limits = Object.freeze({ ...defaultNodeLimits, ...withoutUndefined(overrides) });
  if (limits.maxInboundConnections > limits.maxConnections) {
    if (overrides.maxInboundConnections !== undefined) {
      throw new RangeError("maxInboundConnections is above maxConnections");
    }
    // Only the total was lowered: a quarter stays kept for outbound connections, as in the defaults.
    return Object.freeze({ ...limits, maxInboundConnections: Math.floor(limits.maxConnections * 0.75) });
  }
  if (limits.deadAfterMs <= limits.pingIntervalMs) {
    throw new RangeError("deadAfterMs must be above pingIntervalMs, or every idle connection dies before its ping");
  }
  return limits;
}

function checkLimit(name: string, value: unknown): void {
  if (!isLimitName(name)) throw unknownName("limit", "of a node", defaultNodeLimits, name);
  if (value === undefined) return;
  const low = lowest[name] ?? (fractional.has(name) ? Number.MIN_VALUE : 1);
  const high = highest[name] ?? Number.POSITIVE_INFINITY;
  const isWhole = fractional.has(name) || value === Number.POSITIVE_INFINITY || Number.isInteger(value);
  if (typeof value !== "number" || !isWhole || !(value >= low && value <= high)) {
    throw new RangeError(`limit ${name} is ${shownValue(value)}; it goes from ${low} to ${high}`);
  }
}

function isLimitName(name: string): name is keyof NodeLimits {
  return Object.hasOwn(defaultNodeLimits, name);
}

function withoutUndefined(overrides: Partial<NodeLimits>): Partial<NodeLimits> {
  return Object.fromEntries(Object.entries(overrides).filter(([, value]) => value !== undefined));
}
