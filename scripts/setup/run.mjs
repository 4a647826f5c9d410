// Runs a command of the workspace with this terminal as its own, and tells how it ended.
import { spawn } from "node:child_process";
import { environment, root } from "./workspace.mjs";

/**
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv }} [options]
 * @returns {Promise<number>} the exit code; 1 when the command could not start or a signal ended it
 */
export function run(command, args, { cwd = root, env = environment() } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd, env, stdio: "inherit" });
    // An interrupt from the terminal reaches the child as well: wait for it to end in its own way.
    const wait = () => {};
    process.on("SIGINT", wait);
    child.on("error", (error) => {
      console.error(`${command}: ${error.message}`);
      resolve(1);
    });
    child.on("exit", (code) => {
      process.off("SIGINT", wait);
      resolve(code ?? 1);
    });
  });
}
