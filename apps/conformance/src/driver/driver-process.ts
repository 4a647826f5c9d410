// A driver program as a child process: commands out, answers and reports in, one JSON object a line.
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { deferred } from "../runner/deferred.js";
import type { Answer, Command, Greeting, Report } from "./protocol.js";

export class DriverError extends Error {
  override readonly name = "DriverError";
  readonly code: string;
  /** The close code of the connection that the command was about. */
  readonly reasonCode: number | undefined;
  constructor(code: string, message: string, reasonCode?: number) {
    super(message);
    this.code = code;
    this.reasonCode = reasonCode;
  }
}

interface Pending {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

export class DriverProcess {
  readonly #child: ChildProcess;
  readonly #pending = new Map<number, Pending>();
  readonly #listeners = new Map<string, (report: Report) => void>();
  readonly #greeting: Promise<Greeting>;
  readonly #ended: Promise<void>;
  #stderr = "";
  #nextId = 1;
  #exit: string | undefined;

  /** `command` runs in a shell, so that it may have arguments. */
  constructor(command: string) {
    // Its own process group, so that what the shell started ends with it.
    this.#child = spawn(command, { shell: true, stdio: ["pipe", "pipe", "pipe"], detached: true });
    const { promise, resolve, reject } = deferred<Greeting>();
    this.#greeting = promise;
    if (this.#child.stdout) {
      createInterface({ input: this.#child.stdout }).on("line", (line) => this.#read(line, resolve));
    }
    this.#child.stderr?.on("data", (chunk: Buffer) => {
      this.#stderr = (this.#stderr + chunk.toString()).slice(-4000);
    });
    this.#child.stdin?.on("error", () => undefined);
    this.#ended = new Promise((done) => {
      const end = (how: string): void => {
        this.#exit ??= how;
        const error = new DriverError("driver-ended", `the driver ended (${this.#exit}): ${this.#stderr}`);
        reject(error);
        for (const pending of this.#pending.values()) pending.reject(error);
        this.#pending.clear();
        done();
      };
      this.#child.once("error", (error) => end(error.message));
      this.#child.once("exit", (code, signal) => end(signal ?? `exit code ${code}`));
    });
  }

  get hasEnded(): boolean {
    return this.#exit !== undefined;
  }

  /** Resolves with the first line. */
  greeting(): Promise<Greeting> {
    return this.#greeting;
  }

  /** Resolves with the answer; rejects with `DriverError` when the driver refuses or ends. */
  async call(command: Command): Promise<unknown> {
    if (this.#exit !== undefined) throw new DriverError("driver-ended", `the driver ended (${this.#exit})`);
    const id = this.#nextId;
    this.#nextId += 1;
    const { promise, resolve, reject } = deferred<unknown>();
    this.#pending.set(id, { resolve, reject });
    this.#child.stdin?.write(`${JSON.stringify({ id, ...command })}\n`);
    return promise;
  }

  /** Reports about one node go to `listener` until it is removed. */
  listen(node: string, listener: (report: Report) => void): void {
    this.#listeners.set(node, listener);
  }

  unlisten(node: string): void {
    this.#listeners.delete(node);
  }

  async close(): Promise<void> {
    this.#child.stdin?.end();
    const { pid } = this.#child;
    if (pid !== undefined && this.#exit === undefined) {
      try {
        process.kill(-pid, "SIGKILL");
      } catch {
        // It ended between the two lines.
      }
    }
    await this.#ended;
  }

  #read(line: string, greet: (greeting: Greeting) => void): void {
    let message: Greeting | Answer | Report;
    try {
      message = JSON.parse(line) as Greeting | Answer | Report;
    } catch {
      this.#stderr = `${this.#stderr}\nnot JSON on stdout: ${line.slice(0, 200)}`;
      return;
    }
    if ("driver" in message) greet(message);
    else if ("report" in message) this.#listeners.get(message.node)?.(message);
    else {
      const pending = this.#pending.get(message.id);
      this.#pending.delete(message.id);
      if (message.error) pending?.reject(errorOf(message.error));
      else pending?.resolve(message.ok);
    }
  }
}

function errorOf({ code, message, reasonCode }: NonNullable<Answer["error"]>): DriverError {
  return new DriverError(code, message, reasonCode);
}
