// A publisher and a subscriber in processes of their own, side by side or with one relay between them.
import { fileURLToPath } from "node:url";
import { Child } from "../process/child.js";
import type { Ages, Commands } from "../process/command.js";
import type { SideName } from "../sides/side.js";

export type Topology = "direct" | "relayed";

const entry = fileURLToPath(new URL("../process/main.js", import.meta.url));
const warmUpMs = 500;
const durationMs = 1_000;
/** The publisher starts before the subscriber's window does. */
const marginMs = 500;

/** What one flood showed. */
export interface Flood {
  readonly perSecond: number;
  /** CPU time of each end for one message, in µs: it drifts less than the rate does on a busy machine. */
  readonly publisherCpuUs: number;
  readonly subscriberCpuUs: number;
  /** Of a relay, where there is one. */
  readonly relayCpuUs: number | undefined;
  readonly missing: number;
}

type Process = Child<Commands>;

function start(side: SideName, options: { readonly listens: boolean }): Process {
  return Child.start(entry, [side, options.listens ? "listens" : ""], side);
}

interface Chain {
  readonly publisher: Process;
  readonly relay: Process | undefined;
  readonly subscriber: Process;
}

/** Starts fresh processes, connects them, runs the measurement, and ends them. */
async function withChain<T>(side: SideName, topology: Topology, run: (chain: Chain) => Promise<T>): Promise<T> {
  // Nodes that do not listen cannot find a way around the relay.
  await using subscriber = start(side, { listens: topology === "direct" });
  await using publisher = start(side, { listens: false });
  if (topology === "direct") {
    const { address } = await subscriber.ask("address", {});
    await publisher.ask("dial", { address });
    await Promise.all([publisher, subscriber].map((child) => child.ask("neighbours", { count: 1 })));
    return await run({ publisher, relay: undefined, subscriber });
  }
  await using relay = start(side, { listens: true });
  const { address } = await relay.ask("address", {});
  await Promise.all([publisher, subscriber].map((child) => child.ask("dial", { address })));
  await relay.ask("neighbours", { count: 2 });
  await Promise.all([publisher, subscriber].map((child) => child.ask("neighbours", { count: 1 })));
  return await run({ publisher, relay, subscriber });
}

async function cpuMsOf(child: Process): Promise<number> {
  return (await child.ask("cpu", {})).cpuMs;
}

/**
 * Messages a second at the subscriber while the publisher sends all it can, and what each cost.
 *
 * @param mostPerTurn messages at most in a turn of the publisher's event loop. Default: as many as it likes
 */
export function flood(side: SideName, topology: Topology, payloadBytes: number, mostPerTurn?: number): Promise<Flood> {
  return withChain(side, topology, async ({ publisher, relay, subscriber }) => {
    const publisherBefore = await cpuMsOf(publisher);
    const relayBefore = relay && (await cpuMsOf(relay));
    const counting = subscriber.ask("count", { warmUpMs, durationMs });
    counting.catch(() => {}); // told below, unless the publisher fails first
    const all = { payloadBytes, durationMs: warmUpMs + durationMs + marginMs };
    await publisher.ask("flood", mostPerTurn === undefined ? all : { ...all, mostPerTurn });
    const count = await counting;
    const { published } = await publisher.ask("stop", {});
    const relayCpuMs = relay && (await cpuMsOf(relay)) - (relayBefore ?? 0);
    return {
      perSecond: (count.received / count.elapsedMs) * 1000,
      publisherCpuUs: (((await cpuMsOf(publisher)) - publisherBefore) / published) * 1000,
      relayCpuUs: relayCpuMs === undefined ? undefined : (relayCpuMs / published) * 1000,
      subscriberCpuUs: (count.cpuMs / count.received) * 1000,
      missing: count.missing,
    };
  });
}

/** Age of messages at the subscriber while the publisher sends at a steady rate. */
export function latency(side: SideName, topology: Topology, payloadBytes: number, perSecond: number): Promise<Ages> {
  return withChain(side, topology, async ({ publisher, subscriber }) => {
    const taking = subscriber.ask("ages", { warmUpMs, durationMs });
    taking.catch(() => {}); // told below, unless the publisher fails first
    await publisher.ask("pace", { payloadBytes, perSecond });
    const ages = await taking;
    await publisher.ask("stop", {});
    return ages;
  });
}
