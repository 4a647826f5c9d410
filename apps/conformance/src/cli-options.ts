// The command line of the suite.
import { parseArgs } from "node:util";

export const usage = `pnpm conformance [options]

  --target node:<command>  test another implementation: the command starts its test driver (spec/README.md);
                           default: the packages of this repository
  --only <id or pattern>   only requirements or cases that match, for example WIRE-014, "BASE-*" or "mesh/*"; repeatable
  --list                   print the cases and the requirements of each, run nothing
  --json <file>            where the JSON report goes       (default report/report.json)
  --junit <file>           where the JUnit XML report goes  (default report/junit.xml)
  --parallel <n>           node cases at once (default 8)
  --deadline <ms>          how long a case waits for what must come (default 10000)
  --help

Exit code: 0 all passed, 1 something failed or is not covered, 2 wrong usage.`;

export interface CliOptions {
  /** The shell command of a driver; undefined for our own packages. */
  readonly command: string | undefined;
  readonly only: readonly string[];
  readonly isList: boolean;
  readonly json: string | undefined;
  readonly junit: string | undefined;
  readonly parallel: number;
  readonly deadlineMs: number;
}

/** Throws `TypeError` for a command line that is not understood; undefined when help was asked for. */
export function parseOptions(args: readonly string[]): CliOptions | undefined {
  const { values } = parseArgs({
    args: args.filter((arg) => arg !== "--"),
    options: {
      target: { type: "string" },
      only: { type: "string", multiple: true },
      list: { type: "boolean" },
      json: { type: "string" },
      junit: { type: "string" },
      parallel: { type: "string" },
      deadline: { type: "string" },
      help: { type: "boolean" },
    },
  });
  if (values.help) return undefined;
  if (values.target !== undefined && !/^node:./.test(values.target)) {
    throw new TypeError(`a target is written node:<command>, not ${values.target}`);
  }
  return {
    command: values.target?.slice("node:".length),
    only: values.only ?? [],
    isList: values.list ?? false,
    json: values.json,
    junit: values.junit,
    parallel: positive("parallel", values.parallel, 8),
    deadlineMs: positive("deadline", values.deadline, 10_000),
  };
}

function positive(name: string, text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback;
  if (!/^[1-9][0-9]*$/.test(text)) throw new TypeError(`--${name} takes a number above 0, not ${text}`);
  return Number(text);
}
