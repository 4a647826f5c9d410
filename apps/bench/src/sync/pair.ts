// Two replicas in processes of their own: how fast writes get across, and how fast a joiner has all of a table.
import { fileURLToPath } from "node:url";
import { Child } from "../process/child.js";
import type { Join, TableCommands, WriteKind } from "./command.js";
import type { TableSideName } from "./side.js";

const entry = fileURLToPath(new URL("./process.js", import.meta.url));
const warmUpMs = 500;
const durationMs = 1_000;
/** The writer starts before the reader's window does. */
const marginMs = 500;

type Process = Child<TableCommands>;

function start(side: TableSideName, options: { readonly listens: boolean }): Process {
  return Child.start(entry, [side, options.listens ? "listens" : ""], side);
}

async function cpuMsOf(child: Process): Promise<number> {
  return (await child.ask("cpu", {})).cpuMs;
}

/** What one flood showed. */
export interface WriteFlood {
  /** Keys a second that the reader had in its table, and was told of. */
  readonly perSecond: number;
  /** CPU time of each end for one key, in µs. */
  readonly writerCpuUs: number;
  readonly readerCpuUs: number;
}

/** Keys a second at the reader while the writer writes all it can. */
export async function floodTable(side: TableSideName, kind: WriteKind): Promise<WriteFlood> {
  await using reader = start(side, { listens: true });
  await using writer = start(side, { listens: false });
  const { address } = await reader.ask("address", {});
  await writer.ask("dial", { address });
  await Promise.all([reader, writer].map((child) => child.ask("neighbour", {})));
  const writerBefore = await cpuMsOf(writer);
  const counting = reader.ask("count", { warmUpMs, durationMs });
  counting.catch(() => {}); // told below, unless the writer fails first
  await writer.ask("flood", { kind, durationMs: warmUpMs + durationMs + marginMs });
  const count = await counting;
  const { written } = await writer.ask("stop", {});
  return {
    perSecond: (count.written / count.elapsedMs) * 1000,
    writerCpuUs: (((await cpuMsOf(writer)) - writerBefore) / written) * 1000,
    readerCpuUs: (count.cpuMs / count.written) * 1000,
  };
}

/**
 * How long a fresh replica takes to have all of a table, and to look at it.
 * @throws Error when it has not
 */
export async function joinTable(side: TableSideName, keys: number): Promise<Join> {
  await using holder = start(side, { listens: true });
  await using joiner = start(side, { listens: false });
  const { address } = await holder.ask("address", {});
  await holder.ask("fill", { keys });
  const join = await joiner.ask("join", { address });
  if (join.size !== keys) throw new Error(`a joiner of ${side} had ${join.size} of ${keys} keys`);
  return join;
}
