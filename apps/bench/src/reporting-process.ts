// A process that does one thing by itself, reports once, and ends.
import { fork } from "node:child_process";

export interface ReportingOptions {
  readonly args: readonly string[];
  readonly execArgv?: readonly string[];
  /** When the process is killed, in ms. */
  readonly deadlineMs: number;
}

/**
 * Forks the script and resolves with what it sent, once it has ended. The caller names the type that the script sends.
 * @throws Error when it ends without a report
 */
export function reportOf<Report>(
  script: string,
  { args, execArgv = [], deadlineMs }: ReportingOptions,
): Promise<Report> {
  return new Promise((resolve, reject) => {
    const child = fork(script, [...args], { execArgv: [...execArgv], timeout: deadlineMs, killSignal: "SIGKILL" });
    let report: Report | undefined;
    child.on("message", (message) => {
      report = message as Report;
    });
    child.on("error", reject);
    child.on("exit", (code, signal) => {
      if (report !== undefined) resolve(report);
      else reject(new Error(`${script} ${args.join(" ")} ended with ${signal ?? `code ${code}`} and reported nothing`));
    });
  });
}
