// All processes of the story: who is alive, who is linked with whom, who heard what; and waiting for any of it.
import { Actor, type ActorListener } from "./actor.js";
import { Deliveries, type Name } from "./deliveries.js";
import type { Order, Report } from "./report.js";

/** A table as its process told of it last. */
export interface TableFacts {
  readonly digest: string;
  readonly keys: number;
}

/** A write that a lease refused. */
export interface RefusalFacts {
  readonly key: string;
  /** A node id. */
  readonly owner: string;
  readonly expiresAtMs: number;
}

/** A ring as its process told of it last. */
export interface RingFacts {
  readonly address: string;
  /** A node id. */
  readonly successor: string;
  readonly members: number;
}

/** A key of the ring as a process found it. */
export interface FoundFacts {
  readonly value: string | null;
  /** Node ids. */
  readonly owner: string;
  readonly hops: readonly string[];
  readonly tookMs: number;
}

/** What is known of one process. */
export interface Member {
  readonly actor: Actor;
  /** Empty until the node is open. */
  id: string;
  address: string;
  neighbourIds: readonly string[];
  hasLeft: boolean;
  /** Undefined until it has something in it. */
  table: TableFacts | undefined;
  /** Whether the last order to write was carried out. */
  hasWritten: boolean;
  refusal: RefusalFacts | undefined;
  /** Undefined until it stands on the ring. */
  ring: RingFacts | undefined;
  /** Positions that have what it stored, by key. */
  readonly stored: Map<string, number>;
  /** By key. */
  readonly found: Map<string, FoundFacts>;
}

interface Wait {
  readonly isOver: () => boolean;
  readonly describe: () => string;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

export class Cast implements ActorListener {
  readonly deliveries: Deliveries = new Deliveries();
  readonly #alive = new Map<Name, Member>();
  readonly #names = new Map<string, Name>();
  readonly #mayGo = new Set<Actor>();
  #waits: Wait[] = [];
  #failure: Error | undefined;

  /** Rejects every wait when the signal aborts, with what was waited for. */
  constructor(signal: AbortSignal) {
    signal.addEventListener("abort", () => {
      const awaited = this.#waits.map(({ describe }) => describe()).join("; ");
      this.#fail(new Error(`${(signal.reason as Error).message}${awaited ? `, still waiting for ${awaited}` : ""}`));
    });
  }

  /** Those alive, in the order in which they started. */
  get alive(): ReadonlyMap<Name, Member> {
    return this.#alive;
  }

  /** Starts a process, and resolves when its node is open. */
  async start(name: Name, bootstrap: readonly string[]): Promise<Member> {
    const actor = new Actor(name, this);
    const member: Member = {
      actor,
      id: "",
      address: "",
      neighbourIds: [],
      hasLeft: false,
      table: undefined,
      hasWritten: false,
      refusal: undefined,
      ring: undefined,
      stored: new Map(),
      found: new Map(),
    };
    this.#alive.set(name, member);
    actor.order({ do: "join", bootstrap });
    await this.until(
      () => member.id !== "",
      () => `${name} to open`,
    );
    return member;
  }

  /** Names of the neighbours of everyone alive; one that nobody knows here keeps its id. */
  neighbours(): ReadonlyMap<Name, ReadonlySet<Name>> {
    const named = new Map<Name, ReadonlySet<Name>>();
    for (const [name, { neighbourIds }] of this.#alive) {
      named.set(name, new Set(neighbourIds.map((id) => this.#names.get(id) ?? id)));
    }
    return named;
  }

  /** Gives an order to one that is alive. */
  order(name: Name, order: Order): void {
    const member = this.#alive.get(name);
    if (member === undefined) return;
    member.hasWritten = false;
    member.actor.order(order);
  }

  /** The name of the process with a node of this id. */
  nameOf(id: string): Name {
    return this.#names.get(id) ?? id;
  }

  /** The tables of all that are alive. */
  tables(): ReadonlyMap<Name, TableFacts | undefined> {
    return new Map([...this.#alive].map(([name, { table }]) => [name, table]));
  }

  /** Kills a process; it counts no more from now on. */
  kill(name: Name): void {
    const member = this.#alive.get(name);
    if (member === undefined) return;
    this.#mayGo.add(member.actor);
    this.#alive.delete(name);
    member.actor.kill();
  }

  /** Has all nodes closed; resolves when each process has reported all that it had to. */
  async leave(): Promise<void> {
    const members = [...this.#alive.values()];
    for (const { actor } of members) {
      this.#mayGo.add(actor);
      actor.order({ do: "leave" });
    }
    await this.until(
      () => members.every(({ hasLeft }) => hasLeft),
      () => "all nodes to close",
    );
  }

  /** Kills whatever still runs. */
  killAll(): void {
    for (const name of [...this.#alive.keys()]) this.kill(name);
  }

  /** Resolves once the condition holds; it is looked at after everything that a process reports. */
  until(isOver: () => boolean, describe: () => string): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#failure) reject(this.#failure);
      else if (isOver()) resolve();
      else this.#waits.push({ isOver, describe, resolve, reject });
    });
  }

  /** As until, but content to go on without it after some time. */
  async within(patienceMs: number, isOver: () => boolean): Promise<void> {
    let isTooLate = false;
    const timer = setTimeout(() => {
      isTooLate = true;
      this.#look();
    }, patienceMs);
    try {
      await this.until(
        () => isTooLate || isOver(),
        () => "links to settle",
      );
    } finally {
      clearTimeout(timer);
    }
  }

  onReport(actor: Actor, report: Report): void {
    const { name } = actor;
    const member = this.#alive.get(name);
    // What a process reported before it was killed is of no account: it is not among those that have to hear.
    if (member?.actor !== actor) return;
    this.#note(name, member, report);
    this.#look();
  }

  onGone(actor: Actor, reason: string): void {
    const { name } = actor;
    if (!this.#mayGo.has(actor)) this.#fail(new Error(`process ${name} ${reason}`));
  }

  /** Resolves the waits that are over. */
  #look(): void {
    const over = this.#waits.filter(({ isOver }) => isOver());
    this.#waits = this.#waits.filter((wait) => !over.includes(wait));
    for (const { resolve } of over) resolve();
  }

  #note(name: Name, member: Member, report: Report): void {
    switch (report.kind) {
      case "open":
        member.id = report.id;
        member.address = report.address;
        this.#names.set(report.id, name);
        break;
      case "neighbours":
        member.neighbourIds = report.ids;
        break;
      case "sent":
        this.deliveries.began(report.text, report.atNs);
        break;
      case "heard":
        this.deliveries.heard(report.text, name, { via: this.#names.get(report.via) ?? report.via, atNs: report.atNs });
        break;
      case "table":
        member.table = report;
        break;
      case "written":
        member.hasWritten = true;
        break;
      case "refused":
        member.refusal = report;
        break;
      case "ring":
        member.ring = report;
        this.#names.set(report.id, name);
        break;
      case "stored":
        member.stored.set(report.key, report.positions);
        break;
      case "found":
        member.found.set(report.key, report);
        break;
      case "left":
        member.hasLeft = true;
        break;
      case "failed":
        this.#fail(new Error(`process ${name} failed: ${report.reason}`));
        break;
      default:
        report satisfies never;
    }
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    for (const { reject } of this.#waits) reject(this.#failure);
    this.#waits = [];
  }
}
