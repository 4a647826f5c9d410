// Entry of a process with two tables that differ in a few of many keys: what it takes to make them equal, over loopback.
import { openStore, Sync } from "@p2p/sync";
import { MemoryLevel } from "memory-level";
import { keyOf } from "./writer.js";

/** What the process tells. */
export interface ReconcileReport {
  /** Both ways, all that was sent: handshakes too. */
  readonly bytes: number;
  /** Both ways, of any kind. */
  readonly messages: number;
  /** From the dial until the tables were equal. */
  readonly elapsedMs: number;
}

const network = "bench";
const keysPerUpdate = 1_000;

async function until(isThere: () => boolean): Promise<void> {
  while (!isThere()) await new Promise(setImmediate);
}

function checkEqual(one: Sync, other: Sync): void {
  if (Buffer.compare(one.digest(), other.digest()) !== 0) throw new Error("the tables are not equal");
}

const [keys = 0, differences = 0] = process.argv.slice(2).map(Number);
await using holder = new Sync({ network, listen: ["tcp://127.0.0.1:0"] });
await holder.open();
for (let first = 0; first < keys; first += keysPerUpdate) {
  await holder.update(Array.from({ length: keysPerUpdate }, (_, index) => [keyOf(first + index), index] as const));
}
const level = new MemoryLevel<Uint8Array, Uint8Array>();
const joiner = new Sync({ network, bootstrap: holder.addresses, store: await openStore(level) });
await joiner.open();
await joiner.ready();
await until(() => joiner.size === keys);
checkEqual(holder, joiner);
await joiner.close();

// While they are apart each writes half of what differs.
const changed = Array.from({ length: differences / 2 }, (_, number) => keyOf(number * 997));
for (const key of changed) await holder.set(key, -1);
await using returned = new Sync({ network, store: await openStore(level) });
await returned.open();
for (let number = 0; number < differences / 2; number++) await returned.set(`new-${number}`, number);
const startMs = performance.now();
await returned.mesh.node.dial(holder.addresses[0] ?? "");
const isThere = (): boolean => {
  return holder.size === keys + differences / 2 && changed.every((key) => returned.get(key) === -1);
};
await until(isThere);
const elapsedMs = performance.now() - startMs;
checkEqual(holder, returned);
const { bytesIn, bytesOut, messagesIn, messagesOut } = returned.mesh.node.counters;
const report: ReconcileReport = { bytes: bytesIn + bytesOut, messages: messagesIn + messagesOut, elapsedMs };
if (process.send === undefined) console.log(report);
else process.send(report, () => process.exit());
