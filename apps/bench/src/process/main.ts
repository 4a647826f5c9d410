// Entry of a process under measurement: starts one side, named by its first argument, and answers the driver.

import type { SideName, StartSide } from "../sides/side.js";
import type { Commands } from "./command.js";
import { Publisher } from "./publisher.js";
import { cpuMs, goOn, serve } from "./serve.js";
import { Subscriber } from "./subscriber.js";

/** Each side is loaded by the process that measures it alone, so that no library weighs on another. */
const starters: Record<SideName, () => Promise<StartSide>> = {
  "@p2p/mesh": async () => (await import("../sides/mesh.js")).startMesh,
  "@p2p/mesh noise": async () => (await import("../sides/mesh-noise.js")).startMeshNoise,
  "@p2p/mesh signed": async () => (await import("../sides/mesh-noise.js")).startMeshSigned,
  "raw tcp": async () => (await import("../sides/raw-tcp.js")).startRawTcp,
  "gossipsub plaintext": async () => (await import("../sides/gossipsub.js")).startGossipsubPlaintext,
  "gossipsub noise": async () => (await import("../sides/gossipsub.js")).startGossipsubNoise,
  "gossipsub signed": async () => (await import("../sides/gossipsub.js")).startGossipsubSigned,
  js2p: async () => (await import("../sides/js2p.js")).startJs2p,
};

const [sideName, listening] = process.argv.slice(2);
const start = await starters[sideName as SideName]();
const subscriber = new Subscriber();
const { side, address } = await start({ listens: listening === "listens", onMessage: subscriber.onMessage });
const publisher = new Publisher(side);

serve<Commands>({
  address: async () => ({ address }),
  dial: async (args) => {
    await side.dial(args.address);
    return {};
  },
  neighbours: async ({ count }) => {
    await side.hasNeighbours(count);
    return {};
  },
  flood: async ({ payloadBytes, durationMs, mostPerTurn }) => {
    goOn(publisher.flood(payloadBytes, durationMs, mostPerTurn));
    return {};
  },
  pace: async ({ payloadBytes, perSecond }) => {
    goOn(publisher.pace(payloadBytes, perSecond));
    return {};
  },
  stop: async () => ({ published: publisher.stop() }),
  count: (window) => subscriber.count(window),
  ages: (window) => subscriber.ages(window),
  cpu: async () => ({ cpuMs: cpuMs() }),
});
