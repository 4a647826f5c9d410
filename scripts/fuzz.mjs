// Fuzzes for longer: every property test of the packages, then whatever fuzzer of its own a package has:
// `pnpm fuzz [seconds for each property and fuzzer] [package …]`.
import { join } from "node:path";
import { built } from "./setup/built.mjs";
import { installed } from "./setup/installed.mjs";
import { run } from "./setup/run.mjs";
import { bin, environment } from "./setup/workspace.mjs";

const args = process.argv.slice(2);
const seconds = /^\d+$/.test(args[0] ?? "") ? args.shift() : "60";
const filters = (args.length > 0 ? args : ["*"]).map((name) => `--filter=./packages/${name}`);

const ready = (await installed()) && built();
const env = { ...environment(), FUZZ_SECONDS: seconds };
/** @param {string[]} task */
const pnpm = (...task) => run(join(bin, "pnpm"), [...filters, "--workspace-concurrency=1", "run", ...task], { env });
process.exitCode = ready ? (await pnpm("test")) || (await pnpm("--if-present", "fuzz", String(seconds))) : 1;
