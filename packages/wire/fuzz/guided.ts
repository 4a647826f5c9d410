/**
 * A coverage-guided fuzzer for the decoders: inputs that reach new blocks of code are kept and mutated further.
 *
 *     pnpm --filter @p2p/wire fuzz [seconds] [seed]
 *
 * Made here because the one for Node on npm, @jazzer.js/core 4, ships binaries that need glibc 2.38, newer than that of
 * Debian 12. A failure prints the seed and the input, and ends with exit code 1.
 */
import { readdirSync, readFileSync } from "node:fs";
import { Coverage } from "./coverage.ts";
import { mutate, seeded } from "./mutate.ts";

/** What stands before the part of a frame that a target takes. */
const skippedBytes: Readonly<Record<string, number>> = { body: 4, body07: 36, inflate: 4, inflateBare: 6 };
const maxBytes = 1500;
const batchSize = 64;
const seconds = Number(process.argv[2] ?? 60);
const seed = Number(process.argv[3] ?? Date.now() % 0x100000000);
if (!(seconds > 0) || !Number.isInteger(seed)) throw new RangeError("usage: fuzz [seconds] [seed]");

const coverage = new Coverage("/wire/dist/");
// Imported after coverage has started, so that every function is counted.
const { targets } = await import("./targets.ts");
const random = seeded(seed);
const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
const corpus = vectors();
const known = new Set<string>();
let executions = 0;

console.log(`seed ${seed}, ${corpus.length} inputs to begin with`);
for (const input of corpus) run(input);
for (const block of coverage.take()) known.add(block);

const started = performance.now();
let told = started;
while (performance.now() - started < seconds * 1000) {
  const batch = Array.from({ length: batchSize }, () => mutate(pick(corpus), pick(corpus), random, maxBytes));
  for (const input of batch) run(input);
  // Reading the counters costs as much as many inputs: only a batch that found something is looked at one by one.
  if (isNews(coverage.take())) for (const input of batch) keepIfNew(input);
  if (performance.now() - told > 10_000) {
    told = performance.now();
    report();
  }
}
report();
coverage.close();

function keepIfNew(input: Uint8Array): void {
  run(input);
  const blocks = coverage.take();
  if (!isNews(blocks)) return;
  for (const block of blocks) known.add(block);
  corpus.push(input);
}

function isNews(blocks: ReadonlySet<string>): boolean {
  for (const block of blocks) if (!known.has(block)) return true;
  return false;
}

/** The first byte picks the target, the rest is its input. */
function run(input: Uint8Array): void {
  executions += 1;
  const target = targets[(input[0] ?? 0) % targets.length];
  try {
    target?.(input.subarray(1));
  } catch (error) {
    console.error(
      `${target?.name} failed after ${executions} inputs; seed ${seed}\ninput ${Buffer.from(input.subarray(1)).toString("hex")}`,
    );
    console.error(error);
    process.exit(1);
  }
}

function report(): void {
  const elapsed = ((performance.now() - started) / 1000).toFixed(0);
  console.log(`${elapsed} s: ${executions} inputs, ${known.size} blocks, ${corpus.length} in the corpus`);
}

/** Every short vector, for every target. */
function vectors(): Uint8Array[] {
  const folder = new URL("../../../spec/vectors/wire/", import.meta.url);
  const inputs: Uint8Array[] = [];
  for (const path of [
    "1.0/values",
    "1.0/values-refused",
    "1.0/bodies",
    "1.0/frames",
    "0.7/frames-py2p",
    "0.7/frames-compressed",
  ]) {
    const { vectors: list } = JSON.parse(readFileSync(new URL(`${path}.json`, folder), "utf8")) as {
      vectors: { bytes?: unknown }[];
    };
    for (const [index, { bytes }] of list.entries()) {
      if (typeof bytes !== "string" || bytes.length > maxBytes || (list.length > 300 && index % 10 > 0)) continue;
      const raw = Buffer.from(bytes, "hex");
      targets.forEach(({ name }, target) => {
        const skip = path.includes("frames") ? (skippedBytes[name] ?? 0) : 0;
        inputs.push(Uint8Array.of(target, ...raw.subarray(skip)));
      });
    }
  }
  if (inputs.length === 0) throw new Error(`no vectors in ${readdirSync(folder).join()}`);
  return inputs;
}
