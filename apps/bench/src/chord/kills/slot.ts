// A place for a member process: it is started there, killed, and started again, and keeps its folder.
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import type { Answer, Order } from "./messages.js";

/** How a member process is started. */
export interface MemberCommand {
  readonly script: string;
  readonly execArgv: readonly string[];
}

/** An order without its number. */
type Bare<Each> = Each extends Order ? Omit<Each, "id"> : never;

interface Pending {
  readonly resolve: (value: number | null) => void;
  readonly reject: (reason: Error) => void;
}

export class Slot {
  readonly #command: MemberCommand;
  readonly #folder: string;
  readonly #onLost: (reason: Error) => void;
  #process: ChildProcess | undefined;
  #address: string | undefined;
  readonly #pending = new Map<number, Pending>();
  #lastId = 0;
  #isKilled = false;

  /**
   * @param folder where the member has its store; "" for none
   * @param onLost is called when a member ends that was not killed
   */
  constructor(command: MemberCommand, folder: string, onLost: (reason: Error) => void) {
    this.#command = command;
    this.#folder = folder;
    this.#onLost = onLost;
  }

  /** Undefined while the member is not in the ring. */
  get address(): string | undefined {
    return this.#address;
  }

  /** Starts a member; resolves when it has its place. @throws Error when it ends before */
  start(bootstrap: readonly string[]): Promise<void> {
    const { script, execArgv } = this.#command;
    const member = fork(script, [this.#folder, ...bootstrap], {
      execArgv: [...execArgv],
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    this.#process = member;
    this.#isKilled = false;
    let complaints = "";
    member.stderr?.setEncoding("utf8").on("data", (text: string) => {
      complaints = (complaints + text).slice(-2_000);
    });
    return new Promise((resolve, reject) => {
      member.on("message", (message) => {
        const answer = message as Answer; // a member sends nothing else
        if (answer.kind === "ready") {
          this.#address = answer.address;
          resolve();
        } else this.#settle(answer);
      });
      member.on("error", reject);
      // "close", not "exit": by then all that the member told has been read.
      member.on("close", (code, signal) => {
        this.#address = undefined;
        const gone = new Error(`the member ended with ${signal ?? `code ${code}`} ${complaints}`.trimEnd());
        for (const { reject: fail } of this.#pending.values()) fail(gone);
        this.#pending.clear();
        reject(gone);
        if (!this.#isKilled) this.#onLost(gone);
      });
    });
  }

  /** Has the member do something. @throws Error when it fails, or dies before it tells */
  order(order: Bare<Order>): Promise<number | null> {
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve, reject) => {
      if (this.#address === undefined) {
        reject(new Error("there is no member"));
        return;
      }
      this.#pending.set(id, { resolve, reject });
      // An order to a member that dies is told of by its end.
      this.#process?.send({ ...order, id }, () => undefined);
    });
  }

  /** kill -9; resolves when the process is gone. */
  async kill(): Promise<void> {
    const member = this.#process;
    if (member === undefined || member.exitCode !== null || member.signalCode !== null) return;
    const closed = once(member, "close");
    this.#isKilled = true;
    member.kill("SIGKILL");
    await closed;
  }

  #settle(answer: Exclude<Answer, { readonly kind: "ready" }>): void {
    const pending = this.#pending.get(answer.id);
    this.#pending.delete(answer.id);
    if (answer.kind === "done") pending?.resolve(answer.value);
    else pending?.reject(new Error(answer.reason));
  }
}
