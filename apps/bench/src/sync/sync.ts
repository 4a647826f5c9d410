// `pnpm bench sync`: a shared table beside Yjs over the same kind of link, and beside what the mesh underneath carries.
import { fileURLToPath } from "node:url";
import { flood } from "../mesh/chain.js";
import { reportOf } from "../reporting-process.js";
import {
  type BenchOptions,
  type BenchResult,
  type Comparison,
  compare,
  type Measurement,
  type Target,
} from "../result.js";
import { Samples } from "../samples.js";
import { firstGets, type WriteKind } from "./command.js";
import type { MemoryReport } from "./memory.js";
import { floodTable, joinTable } from "./pair.js";
import type { ReconcileReport } from "./reconcile.js";
import { type TableSideName, tableSideNames } from "./side.js";

const ours: TableSideName = "@p2p/sync";
const theirs: TableSideName = "yjs";
const mesh = "@p2p/mesh, 64 B";
const joinKeys = 100_000;
const memoryKeys = 1_000_000;
const differences = 10;
const reconcileAtMostBytes = 65_536;
const deadlineMs = 180_000;

const memoryEntry = fileURLToPath(new URL("./memory.js", import.meta.url));
const reconcileEntry = fileURLToPath(new URL("./reconcile.js", import.meta.url));

const scenarioOf: Record<WriteKind, string> = { set: "set, a key each", update: "update, 100 keys each" };
const joining = (keys: number): string => `snapshot of ${keys} keys to a joiner`;
const holding = `a table of ${memoryKeys} keys`;
const reconciling = `${differences} differences in ${joinKeys} keys`;

/** Each round: the mesh, then each way of writing, a joiner, memory on both sides, and a comparison of two tables. */
export async function run({ rounds, progress }: BenchOptions): Promise<BenchResult> {
  const samples = new Samples();
  for (let round = 1; round <= rounds; round++) {
    const tell = (line: string): void => progress(`round ${round} of ${rounds}, ${line}`);
    const { perSecond } = await flood("@p2p/mesh", "direct", 64);
    samples.add("messages", mesh, "msg/s", perSecond);
    tell(`mesh: ${count(perSecond)}/s`);
    for (const kind of ["set", "update"] as const) await measureWrites(samples, kind, tell);
    for (const keys of [joinKeys, memoryKeys]) await measureJoins(samples, keys, tell);
    await measureMemory(samples, tell);
    await measureReconciliation(samples, tell);
  }
  return {
    group: "sync",
    measurements: samples.all(),
    comparisons: comparisons(samples),
    notes: [
      "Two processes on loopback TCP; rates are counted at the reader, which is told of every key by its change event.",
      "Yjs 13.6: one transaction a set (or a batch), each update a frame, corked; those that come together are applied as one.",
      "Our writes of one turn leave as one message each time the outbox is emptied; default options, leases on.",
      "A joiner is a fresh process: from making the table, connecting included, until all keys are there and can be read.",
      "Holder and joiner collect their garbage before: that of loading programs and of filling the table is in no figure of it.",
      "Ours keeps them packed then, checked and findable; each gets its objects when it is written, or all are iterated or compared.",
      "So what comes right after is told, too: keys are read, then all values, then the digest is taken.",
      "Memory is the growth of heap and buffers after garbage collection. Bytes of a reconciliation are of both ways, handshakes too.",
    ],
  };
}

type Tell = (line: string) => void;

async function measureWrites(samples: Samples, kind: WriteKind, tell: Tell): Promise<void> {
  const told: string[] = [];
  for (const side of tableSideNames) {
    const { perSecond, writerCpuUs, readerCpuUs } = await floodTable(side, kind);
    samples.add(scenarioOf[kind], side, "keys/s", perSecond);
    samples.add(scenarioOf[kind], side, "µs CPU/key written", writerCpuUs);
    samples.add(scenarioOf[kind], side, "µs CPU/key read", readerCpuUs);
    told.push(`${side} ${count(perSecond)}/s`);
  }
  tell(`${scenarioOf[kind]}: ${told.join(", ")}`);
}

async function measureJoins(samples: Samples, keys: number, tell: Tell): Promise<void> {
  const told: string[] = [];
  for (const side of tableSideNames) {
    const { elapsedMs, getsMs, iterationMs, digestMs } = await joinTable(side, keys);
    samples.add(joining(keys), side, "ms", elapsedMs);
    samples.add(joining(keys), side, `ms, ${firstGets} gets at once after it`, getsMs);
    samples.add(joining(keys), side, "ms, all values after that", iterationMs);
    if (digestMs !== undefined) samples.add(joining(keys), side, "ms, the digest after that", digestMs);
    told.push(`${side} ${elapsedMs.toFixed(0)} ms, gets ${getsMs.toFixed(1)} ms, all ${iterationMs.toFixed(0)} ms`);
  }
  tell(`${joining(keys)}: ${told.join("; ")}`);
}

async function measureMemory(samples: Samples, tell: Tell): Promise<void> {
  const told: string[] = [];
  for (const side of tableSideNames) {
    const args = [side, String(memoryKeys)];
    const { bytesPerKey, fillMs } = await reportOf<MemoryReport>(memoryEntry, {
      args,
      execArgv: ["--expose-gc"],
      deadlineMs,
    });
    samples.add(holding, side, "bytes/key", bytesPerKey);
    samples.add(holding, side, "keys/s written", (1_000 * memoryKeys) / fillMs);
    told.push(`${side} ${bytesPerKey.toFixed(0)} bytes a key`);
  }
  tell(`${holding}: ${told.join(", ")}`);
}

async function measureReconciliation(samples: Samples, tell: Tell): Promise<void> {
  const args = [joinKeys, differences].map(String);
  const { bytes, messages, elapsedMs } = await reportOf<ReconcileReport>(reconcileEntry, { args, deadlineMs });
  samples.add(reconciling, ours, "bytes", bytes);
  samples.add(reconciling, ours, "messages, both ways", messages);
  samples.add(reconciling, ours, "ms", elapsedMs);
  tell(`${reconciling}: ${count(bytes)} bytes, ${messages} messages, ${elapsedMs.toFixed(1)} ms`);
}

function comparisons(samples: Samples): readonly Comparison[] {
  const atLeast = (ratio: number): Target => ({ bound: "at-least", ratio });
  const sets = scenarioOf.set;
  const updates = scenarioOf.update;
  const bytes = samples.of(reconciling, ours, "bytes");
  const allowed = { ...bytes, side: "64 KiB", samples: bytes.samples.map(() => reconcileAtMostBytes) };
  const joins = [ours, theirs].map((side) => samples.of(joining(joinKeys), side, "ms")) as [Measurement, Measurement];
  return [
    compare(samples.of(sets, ours, "keys/s"), samples.of(sets, theirs, "keys/s"), atLeast(3)),
    compare(samples.of(updates, ours, "keys/s"), samples.of("messages", mesh, "msg/s"), atLeast(0.5)),
    compare(samples.of(updates, ours, "keys/s"), samples.of(updates, theirs, "keys/s")),
    compare(joins[0], joins[1], { bound: "at-most", ratio: 0.2 }),
    compare(samples.of(holding, ours, "bytes/key"), samples.of(holding, theirs, "bytes/key")),
    compare(bytes, allowed, { bound: "at-most", ratio: 1 }),
  ];
}

function count(value: number): string {
  return Math.round(value).toLocaleString("en");
}
