// The test driver of this repository's packages: hosts nodes and answers the test driver protocol on stdin and stdout.
import { createInterface } from "node:readline";
import { BaseError } from "@p2p/base";
import { wireTarget } from "../codec/wire-target.js";
import { Refusal } from "../reference/refusal.js";
import { runCodecCommand } from "./codec-command.js";
import { NodeHost } from "./node-host.js";
import type { Answer, Command, Greeting, Report } from "./protocol.js";

function tell(line: Greeting | Answer | Report): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

const host = new NodeHost(tell);

async function run(command: Command): Promise<unknown> {
  if (command.do === "codec") return runCodecCommand(wireTarget, command.call, command.args);
  return host.run(command);
}

async function answer(line: string): Promise<void> {
  const { id, ...command } = JSON.parse(line) as { id: number } & Command;
  try {
    tell({ id, ok: (await run(command as Command)) ?? null });
  } catch (error) {
    const code = error instanceof Refusal ? "refused" : String((error as { code?: unknown }).code ?? "failed");
    const message = error instanceof Refusal ? error.code : error instanceof Error ? error.message : String(error);
    const reasonCode = error instanceof BaseError ? error.reason?.code : undefined;
    tell({ id, error: { code, message, ...(reasonCode === undefined ? {} : { reasonCode }) } });
  }
}

tell({ driver: 1, implementation: "@p2p packages", supports: host.supports });
createInterface({ input: process.stdin })
  .on("line", (line) => void answer(line))
  .on("close", () => process.exit(0));
