// One process of the story, seen from the story: a child with a node in it, ended by its own pid.
import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Name } from "./deliveries.js";
import type { Order, Report } from "./report.js";

const entry = fileURLToPath(new URL("./node-process.js", import.meta.url));
const keptStderrChars = 2_000;

/** Who is told what an actor reports. */
export interface ActorListener {
  onReport(actor: Actor, report: Report): void;
  /** The process is gone; `reason` says how, with what it wrote to stderr. */
  onGone(actor: Actor, reason: string): void;
}

export class Actor {
  readonly name: Name;
  readonly #process: ChildProcess;
  #stderr = "";
  #isGone = false;

  constructor(name: Name, listener: ActorListener) {
    this.name = name;
    this.#process = fork(entry, [], { serialization: "advanced", stdio: ["ignore", "ignore", "pipe", "ipc"] });
    this.#process.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-keptStderrChars);
    });
    this.#process.on("message", (report) => listener.onReport(this, report as Report));
    this.#process.on("error", (error) => this.#gone(listener, error.message));
    // "close", not "exit": by then all that the process reported has been read.
    this.#process.on("close", (code, signal) => this.#gone(listener, `ended with ${signal ?? `code ${code}`}`));
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  /** Gives an order; an order to a process that is gone is told by `onGone` already. */
  order(order: Order): void {
    if (!this.#isGone) this.#process.send(order, () => {});
  }

  /** Ends the process at once, as a power cut would: its node has no time to say goodbye. */
  kill(): void {
    if (!this.#isGone) this.#process.kill("SIGKILL");
  }

  #gone(listener: ActorListener, reason: string): void {
    if (this.#isGone) return;
    this.#isGone = true;
    listener.onGone(this, this.#stderr === "" ? reason : `${reason}:\n${this.#stderr.trimEnd()}`);
  }
}
