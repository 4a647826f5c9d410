// Entry of a process that holds a table of many small keys of one library, and tells what each takes.
import { libraryNamed } from "./libraries.js";
import { Writer } from "./writer.js";

/** What the process tells. */
export interface MemoryReport {
  /** Heap and buffers for one key, after garbage collection. */
  readonly bytesPerKey: number;
  /** For writing all keys, in ms. */
  readonly fillMs: number;
}

/** Bytes that are in use, without garbage. */
function heldBytes(): number {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

const [name = "", keys = "0"] = process.argv.slice(2);
const library = await libraryNamed(name);
const { side } = await library.start({ listens: false, onUpdate: () => {} });
const writer = new Writer(side);
const before = heldBytes();
const startMs = performance.now();
await writer.fill(Number(keys));
const fillMs = performance.now() - startMs;
if (side.size !== Number(keys)) throw new Error(`the table has ${side.size} of ${keys} keys`);
const report: MemoryReport = { bytesPerKey: (heldBytes() - before) / Number(keys), fillMs };
if (process.send === undefined) console.log(report);
else process.send(report, () => process.exit());
