import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { defaultNodeLimits, type NodeLimits, resolveLimits } from "./limits.js";

test("[BASE-130] the defaults are those of the spec, and cannot be changed by accident", () => {
  expect(resolveLimits()).toEqual(defaultNodeLimits);
  expect(Object.isFrozen(defaultNodeLimits)).toBe(true);
  expect(defaultNodeLimits).toMatchObject({
    maxFrameBytes: 1_048_576,
    maxHandshakeBytes: 4_096,
    handshakeTimeoutMs: 10_000,
    maxPendingHandshakes: 32,
    maxConnections: 128,
    maxInboundConnections: 96,
    maxConnectionsPerAddress: 8,
    maxConnectionsPerSubnet: 64,
    maxRequestsPerPeer: 64,
    receiveBufferBytes: 4 * 1_048_576,
    sendBufferBytes: 1_048_576,
    memoryBudgetBytes: 256 * 1_048_576,
    maxDepth: 32,
    maxEntries: 65_536,
    pingIntervalMs: 30_000,
    deadAfterMs: 90_000,
  });
});

test("[BASE-130] the table of the spec has every limit, with its default", () => {
  const chapter = readFileSync(new URL("../../../../spec/base-transport.md", import.meta.url), "utf8");
  const rows = [...chapter.matchAll(/^\| `(\w+)` \| ([0-9,]+) \|/gm)].map(([, name, value = ""]) => [
    name,
    Number(value.replaceAll(",", "")),
  ]);
  expect(Object.fromEntries(rows)).toEqual(defaultNodeLimits);
});

test("[BASE-130] each limit is an option", () => {
  for (const name of Object.keys(defaultNodeLimits)) {
    // Keys of the object are its names.
    const limit = name as keyof NodeLimits;
    if (limit === "pingIntervalMs" || limit === "maxInboundConnections") continue;
    expect(resolveLimits({ [limit]: defaultNodeLimits[limit] + 1_000 })[limit]).toBe(defaultNodeLimits[limit] + 1_000);
  }
  expect(resolveLimits({ maxDials: undefined as unknown as number }).maxDials).toBe(16);
  expect(resolveLimits({ memoryBudgetBytes: Number.POSITIVE_INFINITY }).memoryBudgetBytes).toBe(
    Number.POSITIVE_INFINITY,
  );
});

test.each([
  [{ maxFrameBytes: 0 }],
  [{ maxFrameBytes: 0x1000_0000 }],
  [{ maxFrameBytes: Number.NaN }],
  [{ maxConnections: 1.5 }],
  [{ maxConnections: -1 }],
  [{ maxConnections: "9" as unknown as number }],
  [{ maxInboundConnections: 129 }],
  [{ pingIntervalMs: 90_000 }],
  [{ inboundPerSecond: 0 }],
])("[BASE-130] %j is out of bounds", (overrides) => {
  expect(() => resolveLimits(overrides)).toThrow(RangeError);
});

test("[BASE-130] a limit that does not exist is the caller's mistake", () => {
  const overrides: object = { maxConections: 1 };
  expect(() => resolveLimits(overrides)).toThrow(TypeError);
  expect(() => resolveLimits(JSON.parse('{"__proto__": 1}'))).toThrow(TypeError);
});

test("[BASE-130] a lower total keeps a quarter for outbound connections", () => {
  expect(resolveLimits({ maxConnections: 16 }).maxInboundConnections).toBe(12);
});
