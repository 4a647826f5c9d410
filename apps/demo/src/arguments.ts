// What `npm start` was asked for.
import { parseArgs } from "node:util";

export const nodesRange = { least: 3, most: 25, usual: 5 } as const;
export const messagesRange = { least: 1, most: 200, usual: 1 } as const;

export const usage: string = `usage: npm start -- [--nodes N] [--messages M]

  --nodes N     processes that form the mesh, ${nodesRange.least} to ${nodesRange.most} (default ${nodesRange.usual}); one of them is killed, one more joins later
  --messages M  broadcasts of each process in a round, ${messagesRange.least} to ${messagesRange.most} (default ${messagesRange.usual})
  --help        this text`;

export interface DemoArguments {
  readonly nodes: number;
  readonly messages: number;
  readonly wantsHelp: boolean;
}

interface Range {
  readonly least: number;
  readonly most: number;
  readonly usual: number;
}

/**
 * Reads the command line (without node and script).
 * @throws TypeError that names the argument and what it may be.
 */
export function readArguments(argv: readonly string[]): DemoArguments {
  const { values } = parseArgs({
    args: joined(argv),
    options: {
      nodes: { type: "string" },
      messages: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  return {
    nodes: wholeNumber("--nodes", values.nodes, nodesRange),
    messages: wholeNumber("--messages", values.messages, messagesRange),
    wantsHelp: values.help,
  };
}

/** A number below 0 belongs to the option before it, and is no option itself. pnpm hands on the "--" that separates its own. */
function joined(argv: readonly string[]): string[] {
  const args: string[] = [];
  for (const argument of argv) {
    if (argument === "--") continue;
    const option = args.at(-1);
    if (/^-\d/.test(argument) && option?.startsWith("--") && !option.includes("="))
      args.splice(-1, 1, `${option}=${argument}`);
    else args.push(argument);
  }
  return args;
}

function wholeNumber(name: string, text: string | undefined, { least, most, usual }: Range): number {
  if (text === undefined) return usual;
  const value = Number(text);
  if (text.trim() === "" || !Number.isInteger(value) || value < least || value > most) {
    throw new TypeError(`${name} must be a whole number from ${least} to ${most}, not "${text}"`);
  }
  return value;
}
