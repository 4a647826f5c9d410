// Runs a command to its end and keeps what it printed.
import { spawn } from "node:child_process";
import { environment } from "./workspace.mjs";

/**
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd: string, env?: NodeJS.ProcessEnv, timeoutMs?: number }} options
 * @returns {Promise<{ ok: boolean, stdout: string, text: string }>} `text` is stdout and stderr as they came
 */
export function capture(command, args, { cwd, env = environment(), timeoutMs = 120_000 }) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd, env, timeout: timeoutMs, stdio: ["ignore", "pipe", "pipe"] });
    let stdout = "";
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (chunk) => {
      stdout += chunk;
      text += chunk;
    });
    child.stderr.setEncoding("utf8").on("data", (chunk) => {
      text += chunk;
    });
    child.on("error", (error) => resolve({ ok: false, stdout, text: `${text}${error.message}\n` }));
    child.on("close", (code, signal) => {
      if (signal) text += `ended by ${signal} (limit ${timeoutMs} ms)\n`;
      resolve({ ok: code === 0, stdout, text });
    });
  });
}
