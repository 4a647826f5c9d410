// The simulated transport keeps the contract of all transports, also over bad links. The suite knows nothing of virtual
// time, so a pump lets a world run on for as long as the suite does.
import { transportContract } from "@p2p/base/testing";
import { afterAll, beforeAll, describe, test } from "vitest";
import { World, type WorldOptions } from "./index.js";
import type { NodeSeams } from "./node-in-world.js";

const kinds: [string, Partial<WorldOptions>][] = [
  ["over good links", { conditions: { latency: { minMs: 1, maxMs: 10 } } }],
  ["over bad links", { conditions: { latency: { minMs: 0, maxMs: 50 }, lossRate: 0.1, bytesPerSecond: 10_000_000 } }],
];

describe.each(kinds)("%s", (_name, options) => {
  const world = new World({ seed: 1, trace: "off", allowsOutside: true, ...options });
  const made = world.start("contract", (seams: NodeSeams) => seams);
  let isOver = false;
  let pump: Promise<void> | undefined;

  beforeAll(async () => {
    await made;
    pump = (async () => {
      while (!isOver) {
        await world.runFor(10_000);
        await new Promise((resolve) => setTimeout(resolve, 0));
      }
    })();
  });

  afterAll(async () => {
    isOver = true;
    await pump;
  });

  const transport = async () => (await made).value.transports[0] ?? Promise.reject(new Error("no transport"));
  transportContract({
    test: (title, run) => test(title, run),
    transport: {
      scheme: "sim",
      dial: async (address, dialOptions) => (await transport()).dial(address, dialOptions),
      listen: async (address, onChannel) => (await transport()).listen(address, onChannel),
    },
    listenAddress: "sim://contract:0",
  });
});
