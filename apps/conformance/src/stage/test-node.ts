// A node under test, as a case handles it: commands to its driver, and the reports that it makes.

import type { DriverProcess } from "../driver/driver-process.js";
import { DriverError } from "../driver/driver-process.js";
import type {
  Command,
  Notation,
  Opened,
  PeerFacts,
  Report,
  ReportKind,
  TableEntry,
  TableLease,
} from "../driver/protocol.js";
import { fromBase58 } from "../reference/base58.js";
import { deferred } from "../runner/deferred.js";
import { CaseFailure } from "../runner/expect.js";
import type { Inbox } from "./inbox.js";
import type { Interference } from "./interference.js";

type ReportOf<K extends ReportKind> = Extract<Report, { report: K }>;
type WithoutNode<T> = T extends { readonly node: string } ? Omit<T, "node"> : never;

/** How a request of the node ended: with data, or with a code. */
export interface AskEnd {
  readonly data?: unknown;
  readonly code?: string;
  readonly message?: string;
}

export interface TestNodeParts {
  readonly driver: DriverProcess;
  readonly interference: Interference;
  readonly reports: Inbox<Report>;
  readonly deadlineMs: number;
}

export class TestNode {
  readonly name: string;
  /** Base58 text. */
  readonly id: string;
  readonly addresses: readonly string[];
  readonly reports: Inbox<Report>;
  readonly #driver: DriverProcess;
  readonly #interference: Interference;
  readonly #deadlineMs: number;

  constructor(name: string, opened: Opened, parts: TestNodeParts) {
    const { driver, interference, reports, deadlineMs } = parts;
    this.#deadlineMs = deadlineMs;
    this.name = name;
    this.id = opened.id;
    this.addresses = opened.addresses;
    this.#driver = driver;
    this.#interference = interference;
    this.reports = reports;
  }

  /** 48 bytes. */
  get idBytes(): Uint8Array {
    return fromBase58(this.id, 48);
  }

  /** Host and port of the first address. */
  get endpoint(): { readonly host: string; readonly port: number } {
    const match = /^tcp:\/\/([^#]+):(\d+)/.exec(this.addresses[0] ?? "");
    if (!match) throw new CaseFailure(`the node has no tcp address: ${this.addresses.join(", ")}`);
    return { host: (match[1] ?? "").replace(/^\[(.*)\]$/, "$1"), port: Number(match[2]) };
  }

  /** Runs a command and gives what it came to; a refusal rejects with `DriverError`. */
  async call(command: WithoutNode<Command>): Promise<unknown> {
    const late = deferred<never>();
    const timer = setTimeout(
      () => late.reject(new CaseFailure(`the command ${command.do} did not end within ${this.#deadlineMs} ms`)),
      this.#deadlineMs,
    );
    const work = run(this.#driver, this.#interference, { ...command, node: this.name } as Command);
    return Promise.race([work, late.promise]).finally(() => clearTimeout(timer));
  }

  /** The command must be refused; gives the error. */
  async refused(command: WithoutNode<Command>): Promise<DriverError> {
    let value: unknown;
    try {
      value = await this.call(command);
    } catch (error) {
      if (error instanceof DriverError && error.code !== "driver-ended") return error;
      throw error;
    }
    throw new CaseFailure(`${command.do} was not refused: ${JSON.stringify(value)}`);
  }

  async send(to: string, data: Notation, type?: string): Promise<void> {
    await this.call({ do: "send", to, data, ...(type === undefined ? {} : { type }) });
  }

  /** Asks `to`; how it ended, never a rejection but when the driver dies. */
  async ask(to: string, type: string, data: Notation, tag?: string): Promise<AskEnd> {
    try {
      return { data: await this.call({ do: "request", to, type, data, ...(tag === undefined ? {} : { tag }) }) };
    } catch (error) {
      if (error instanceof DriverError && error.code !== "driver-ended")
        return { code: error.code, message: error.message };
      throw error;
    }
  }

  /** Lets time pass at a node with a manual clock. */
  async advance(ms: number): Promise<void> {
    await this.call({ do: "advance", ms });
  }

  async broadcast(data: Notation, type?: string): Promise<void> {
    await this.call({ do: "broadcast", data, ...(type === undefined ? {} : { type }) });
  }

  /** The entries of a table, by key. */
  async table(): Promise<Readonly<Record<string, Notation>>> {
    const entries = (await this.call({ do: "table" })) as readonly TableEntry[];
    return Object.fromEntries(entries.map(({ key, data }) => [key, data]));
  }

  async lease(key: string): Promise<TableLease | null> {
    return (await this.call({ do: "lease", key })) as TableLease | null;
  }

  async peers(): Promise<readonly PeerFacts[]> {
    return (await this.call({ do: "peers" })) as readonly PeerFacts[];
  }

  /** The next report of a kind that matches. */
  async next<K extends ReportKind>(
    kind: K,
    matches: (report: ReportOf<K>) => boolean = () => true,
  ): Promise<ReportOf<K>> {
    const report = await this.reports.next(
      (one) => one.report === kind && matches(one as ReportOf<K>),
      `a report "${kind}" of the node`,
    );
    return report as ReportOf<K>;
  }

  /** Every report of a kind that came so far, taken or not. */
  seen<K extends ReportKind>(kind: K): ReportOf<K>[] {
    return this.reports.all.filter((one): one is ReportOf<K> => one.report === kind);
  }
}

/** Runs a command through the interference. */
export async function run(driver: DriverProcess, interference: Interference, wanted: Command): Promise<unknown> {
  const command = interference.command?.(wanted) ?? wanted;
  let ok: unknown;
  try {
    ok = await driver.call(command);
  } catch (error) {
    if (!(error instanceof DriverError) || !interference.failure) throw error;
    const { code, message, reasonCode } = error;
    const told = { code, message, ...(reasonCode === undefined ? {} : { reasonCode }) };
    const replaced = interference.failure(command, told);
    if (replaced.error) throw new DriverError(replaced.error.code, replaced.error.message, replaced.error.reasonCode);
    return replaced.ok;
  }
  return interference.answer ? interference.answer(command, ok) : ok;
}
