// Entry of a process that measures sealed messages of the side named by its first argument, or letters between nodes: then ends.
import { joseSealing } from "./jose-letters.js";
import { type LetterReport, type PostSide, postSides, readerCounts, type SealedSide } from "./letters.js";
import { ourSealing, posting } from "./our-letters.js";

const [name, duration] = process.argv.slice(2);
const durationMs = Number(duration);
/** Messages under way at once. */
const burst = 50;

async function timed(call: () => unknown, ms: number): Promise<number> {
  const start = performance.now();
  let count = 0;
  for (; performance.now() - start < ms; count++) await call();
  return (count / (performance.now() - start)) * 1_000;
}

/** Times a second that the call can be made, each with its end waited for; a quarter of the time before that to warm up. */
async function rate(call: () => unknown): Promise<number> {
  await timed(call, durationMs / 4);
  return timed(call, durationMs);
}

async function sealing(side: SealedSide): Promise<LetterReport> {
  const made = side === "jose JWE" ? await joseSealing() : ourSealing();
  const report: Record<string, number> = {};
  for (const readers of readerCounts) {
    const sealed = await made.seal(readers);
    report[`seal for ${readers}`] = await rate(() => made.seal(readers));
    report[`open, of ${readers}`] = await rate(() => made.open(sealed));
  }
  return report;
}

async function post(side: PostSide): Promise<LetterReport> {
  const made = await posting(side);
  const report = { "from node to node": (await rate(() => made.send(burst))) * burst };
  await made.close();
  return report;
}

const isPost = (side: string | undefined): side is PostSide => postSides.some((each) => each === side);

process.send?.(isPost(name) ? await post(name) : await sealing(name as SealedSide), () => process.exit());
