// Entry of a process under measurement: starts one side, named by its first argument, and answers the driver.

import type { SideName, StartSide } from "../sides/side.js";
import type { Answer, Ask, Commands } from "./command.js";
import { Publisher } from "./publisher.js";
import { Subscriber } from "./subscriber.js";

/** Each side is loaded by the process that measures it alone, so that no library weighs on another. */
const starters: Record<SideName, () => Promise<StartSide>> = {
  "@p2p/mesh": async () => (await import("../sides/mesh.js")).startMesh,
  "raw tcp": async () => (await import("../sides/raw-tcp.js")).startRawTcp,
  "gossipsub plaintext": async () => (await import("../sides/gossipsub.js")).startGossipsubPlaintext,
  "gossipsub noise": async () => (await import("../sides/gossipsub.js")).startGossipsubNoise,
  js2p: async () => (await import("../sides/js2p.js")).startJs2p,
};

type Handlers = { [Name in keyof Commands]: (args: Commands[Name]["ask"]) => Promise<Commands[Name]["answer"]> };

const [sideName, listening] = process.argv.slice(2);
const start = await starters[sideName as SideName]();
const subscriber = new Subscriber();
const { side, address } = await start({ listens: listening === "listens", onMessage: subscriber.onMessage });
const publisher = new Publisher(side);

/** Publishing goes on after its answer; a failure there must end the process, loudly. */
function goOn(publishing: Promise<void>): void {
  publishing.catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`, () => process.exit(1));
  });
}

const handlers: Handlers = {
  address: async () => ({ address }),
  dial: async (args) => {
    await side.dial(args.address);
    return {};
  },
  neighbours: async ({ count }) => {
    await side.hasNeighbours(count);
    return {};
  },
  flood: async ({ payloadBytes, durationMs }) => {
    goOn(publisher.flood(payloadBytes, durationMs));
    return {};
  },
  pace: async ({ payloadBytes, perSecond }) => {
    goOn(publisher.pace(payloadBytes, perSecond));
    return {};
  },
  stop: async () => ({ published: publisher.stop() }),
  count: (window) => subscriber.count(window),
  ages: (window) => subscriber.ages(window),
  cpu: async () => {
    const { user, system } = process.cpuUsage();
    return { cpuMs: (user + system) / 1000 };
  },
};

process.on("message", (ask: Ask) => {
  const handle = handlers[ask.command] as (args: Ask["args"]) => Promise<Commands[Ask["command"]]["answer"]>;
  const answer = (reply: Answer): void => void process.send?.(reply);
  handle(ask.args).then(
    (value) => answer({ id: ask.id, value }),
    (error: unknown) => answer({ id: ask.id, error: error instanceof Error ? error.message : String(error) }),
  );
});
// Without a driver there is nothing to measure for.
process.on("disconnect", () => process.exit());
