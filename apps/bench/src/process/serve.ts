// The other end of `Child`: answers what the driver asks of this process.
import type { Answer, Ask, CommandTable } from "./child.js";

/** One function a command. */
export type Handlers<All extends CommandTable<All>> = {
  readonly [Name in keyof All]: (args: All[Name]["ask"]) => Promise<All[Name]["answer"]>;
};

/** Answers until the driver is gone; then there is nothing to measure for, and the process ends. */
export function serve<All extends CommandTable<All>>(handlers: Handlers<All>): void {
  process.on("message", (ask: Ask<All>) => {
    const answer = (reply: Answer): void => void process.send?.(reply);
    handlers[ask.command](ask.args).then(
      (value) => answer({ id: ask.id, value }),
      (error: unknown) => answer({ id: ask.id, error: error instanceof Error ? error.message : String(error) }),
    );
  });
  process.on("disconnect", () => process.exit());
}

/** What goes on after its answer: a failure there must end the process, loudly. */
export function goOn(work: Promise<void>): void {
  work.catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`, () => process.exit(1));
  });
}

/** Before what is timed: garbage of what was done earlier is not collected in it. `Child` starts processes so that they can. */
export function collectGarbage(): void {
  if (globalThis.gc === undefined) throw new TypeError("this process has to be started with --expose-gc");
  globalThis.gc();
}

/** CPU time that this process used up to now. */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
