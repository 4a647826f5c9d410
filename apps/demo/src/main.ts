// Entry of `npm start`: tells the story, judges it, and leaves no process behind.
import { constants } from "node:os";
import { type DemoArguments, readArguments, usage } from "./arguments.js";
import { Cast } from "./cast.js";
import { Claims } from "./claims.js";
import { milliseconds, Narrator } from "./narrator.js";
import { tell } from "./story.js";
import { judge } from "./verdict.js";

/** The whole run, in ms: it takes a few seconds; a busy machine has a minute. */
const deadlineMs = 60_000;

async function run(given: DemoArguments): Promise<number> {
  const start = performance.now();
  const hasColours = process.stdout.isTTY === true && process.stdout.hasColors() && !process.env.NO_COLOR;
  const columns = process.stdout.isTTY === true ? process.stdout.columns : undefined;
  const narrator = new Narrator({ write: (text) => process.stdout.write(text), hasColours, columns });
  const stop = new AbortController();
  const timer = setTimeout(() => {
    stop.abort(new Error(`not done after ${milliseconds(deadlineMs)}`));
  }, deadlineMs);
  const cast = new Cast(stop.signal);
  const claims = new Claims();
  let stoppedBy: NodeJS.Signals | undefined;
  const onSignal = (signal: NodeJS.Signals): void => {
    stoppedBy = signal;
    stop.abort(new Error(`stopped by ${signal}`));
  };
  process.on("SIGINT", onSignal).on("SIGTERM", onSignal);
  try {
    narrator.title(
      `A mesh of ${given.nodes} processes on this machine, talking over TCP; then a table, a ring, and secrets on it.`,
    );
    await tell({ cast, narrator, claims, signal: stop.signal }, given);
  } catch (error) {
    narrator.line();
    if (stoppedBy !== undefined) {
      // What has not come yet is nobody's fault.
      narrator.bad(`Not told to the end: ${(error as Error).message}`);
      return 128 + constants.signals[stoppedBy];
    }
    narrator.bad(`Failed: ${(error as Error).message}`);
    for (const problem of [...cast.deliveries.problems(), ...claims.problems()]) narrator.bad(`  ${problem}`);
    return 1;
  } finally {
    clearTimeout(timer);
    cast.killAll();
  }
  return judge({ deliveries: cast.deliveries, claims }, narrator, performance.now() - start);
}

/** The arguments, or undefined when they are wrong or asked for help, which has been told then. */
function readOrTell(argv: readonly string[]): DemoArguments | undefined {
  try {
    const given = readArguments(argv);
    if (!given.wantsHelp) return given;
    process.stdout.write(`${usage}\n`);
  } catch (error) {
    process.stderr.write(`demo: ${(error as Error).message}\n\n${usage}\n`);
    process.exitCode = 2;
  }
  return undefined;
}

const given = readOrTell(process.argv.slice(2));
// Signal listeners keep nothing open, so the process ends by itself once its children have.
if (given) process.exitCode = await run(given);
