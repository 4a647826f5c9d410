// The driver's end of a process under measurement: asks with a deadline, and ends it by its own pid.
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";

const deadlineMs = 30_000;
const keptStderrChars = 4_000;

/** Commands by name: what each is asked with, and what it answers. Plain data over the IPC channel. */
export type CommandTable<All> = { readonly [Name in keyof All]: { readonly ask: object; readonly answer: object } };

/** A question to the process. */
export interface Ask<All extends CommandTable<All>> {
  readonly id: number;
  readonly command: keyof All;
  readonly args: All[keyof All]["ask"];
}

/** Its answer: a value, or why there is none. */
export type Answer = { readonly id: number; readonly value: object } | { readonly id: number; readonly error: string };

interface Waiting {
  readonly resolve: (value: never) => void;
  readonly reject: (error: Error) => void;
}

export class Child<All extends CommandTable<All>> implements AsyncDisposable {
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

  /** Forks a fresh process that runs the script `entry`; `name` is for messages to a person. */
  static start<All extends CommandTable<All>>(entry: string, args: readonly string[], name: string): Child<All> {
    const child = fork(entry, [...args], {
      stdio: ["ignore", "ignore", "pipe", "ipc"],
      execArgv: ["--no-deprecation", "--expose-gc"],
    });
    return new Child(child, name);
  }

  /**
   * Asks the process, and waits for its answer.
   * @throws Error when it answers with a failure, ends, or is silent for 30 s.
   */
  async ask<Name extends keyof All>(command: Name, args: All[Name]["ask"]): Promise<All[Name]["answer"]> {
    const id = this.#nextId++;
    const fail = (reason: string): void => this.#waiting.get(id)?.reject(this.#failure(reason));
    const timer = setTimeout(fail, deadlineMs, `did not answer "${String(command)}" in time`);
    try {
      return await new Promise<All[Name]["answer"]>((resolve, reject) => {
        this.#waiting.set(id, { resolve, reject });
        this.#process.send({ id, command, args }, (error) => {
          if (error) fail(`could not be asked "${String(command)}": ${error.message}`);
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
