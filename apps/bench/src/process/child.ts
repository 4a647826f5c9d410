// The driver's end of a process under measurement: asks with a deadline, and ends it by its own pid.
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { SideName } from "../sides/side.js";
import type { Answer, CommandName, Commands } from "./command.js";

const entry = fileURLToPath(new URL("./main.js", import.meta.url));
const deadlineMs = 30_000;
const keptStderrChars = 4_000;

interface Waiting {
  readonly resolve: (value: never) => void;
  readonly reject: (error: Error) => void;
}

export class Child implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #name: string;
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 0;
  #stderr = "";

  constructor(process: ChildProcess, name: string) {
    this.#process = process;
    this.#name = name;
    process.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-keptStderrChars);
    });
    process.on("message", (answer: Answer) => {
      const waiting = this.#waiting.get(answer.id);
      this.#waiting.delete(answer.id);
      if ("error" in answer) waiting?.reject(this.#failure(answer.error));
      else waiting?.resolve(answer.value as never);
    });
    process.on("error", (error) => this.#failAll(error.message));
    process.on("exit", (code, signal) => this.#failAll(`ended with ${signal ?? code}`));
  }

  /** Forks a fresh process with one node of one side. */
  static start(side: SideName, options: { readonly listens: boolean }): Child {
    const child = fork(entry, [side, options.listens ? "listens" : ""], {
      stdio: ["ignore", "ignore", "pipe", "ipc"],
      execArgv: ["--no-deprecation"],
    });
    return new Child(child, side);
  }

  /**
   * Asks the process, and waits for its answer.
   * @throws Error when it answers with a failure, ends, or is silent for 30 s.
   */
  async ask<Name extends CommandName>(command: Name, args: Commands[Name]["ask"]): Promise<Commands[Name]["answer"]> {
    const id = this.#nextId++;
    const fail = (reason: string): void => this.#waiting.get(id)?.reject(this.#failure(reason));
    const timer = setTimeout(fail, deadlineMs, `did not answer "${command}" in time`);
    try {
      return await new Promise<Commands[Name]["answer"]>((resolve, reject) => {
        this.#waiting.set(id, { resolve, reject });
        this.#process.send({ id, command, args }, (error) => {
          if (error) fail(`could not be asked "${command}": ${error.message}`);
        });
      });
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(id);
    }
  }

  /** Ends the process; resolves when it is gone. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const gone = once(this.#process, "exit");
    this.#process.kill("SIGKILL");
    await gone;
  }

  #failAll(reason: string): void {
    for (const waiting of this.#waiting.values()) waiting.reject(this.#failure(reason));
    this.#waiting.clear();
  }

  #failure(reason: string): Error {
    return new Error(`the process of ${this.#name} ${reason}${this.#stderr ? `\n${this.#stderr}` : ""}`);
  }
}
