// What is claimed of every table, whatever goes wrong around it, judged from outside by what its users see:
//
// - Equal: some time after all was mended the digests of all are the same, and stay so.
// - True: a key never has a value that nobody wrote to it, at any node.
// - Kept: without leases, a value that was acknowledged is there in the end, unless a later version took its place, or its
//   writer lost its disk.
import type { WireValue } from "@p2p/base";
import type { NodeSeams, SimulatedNode, World } from "@p2p/simulator";
import { simulatedLevel } from "@p2p/simulator/level";
import { openStore, Sync, type SyncOptions } from "@p2p/sync";

/** A table of the world, for as long as its node runs. */
export interface Member {
  readonly sync: Sync;
  /** Keys whose lease it lost to another claim. */
  readonly lost: string[];
}

/** What a member is told besides what its world gives it. `network` is the same for all. */
export type MemberOptions = Omit<SyncOptions, "network" | "listen" | "clock" | "random" | "transports" | "store">;

/** A write that its writer was told is durable. */
interface Acknowledged {
  readonly timeUs: number;
  readonly by: string;
  readonly key: string;
}

export class TableWatch {
  readonly #world: World;
  readonly #written = new Map<string, Set<string>>();
  readonly #acknowledged: Acknowledged[] = [];
  readonly #forgetful = new Set<string>();
  readonly #wrong: string[] = [];

  constructor(world: World) {
    this.#world = world;
    world.invariant("no key has a value that nobody wrote to it", () => {
      if (this.#wrong.length > 0) throw new Error(this.#wrong.slice(0, 3).join("; "));
    });
  }

  /** Opens a member with a store on its disk. For {@link World.start}. */
  async open(seams: NodeSeams, options: MemberOptions = {}): Promise<Member> {
    const { name, address, clock, random, transports, run } = seams;
    const store = await openStore(simulatedLevel<Uint8Array, Uint8Array>(seams));
    if (run > 1 && !(await this.#remembers(seams))) this.#forgetful.add(name);
    const bootstrap = (options.bootstrap ?? []).filter((other) => other !== address);
    const sync = new Sync({
      ...options,
      bootstrap,
      network: "swarm",
      listen: [address],
      clock,
      random,
      transports,
      store,
    });
    const lost: string[] = [];
    sync.on("update", ({ key, newValue }) => this.#judge(name, key, newValue));
    sync.on("leaseLost", ({ key }) => lost.push(key));
    await sync.open();
    seams.disk.set("was here", Uint8Array.of(1));
    return { sync, lost };
  }

  /** A write by a member, of a value of its own; that it is refused is no failure. */
  set({ name, value: { sync } }: SimulatedNode<Member>, key: string, value: WireValue): void {
    this.#note(key, value);
    const done = sync.set(key, value);
    const { timeUs } = sync.entry(key)?.version ?? { timeUs: 0 };
    done.then(
      () => this.#acknowledged.push({ timeUs, by: name, key }),
      (error: unknown) => this.#expectRefusal(error),
    );
  }

  /** Fields of a map, each with a value of its own. */
  applyDelta({ value: { sync } }: SimulatedNode<Member>, key: string, field: string, value: WireValue): void {
    this.#note(key, field);
    this.#note(`${key}/${field}`, value);
    sync.applyDelta(key, { [field]: value }).catch((error: unknown) => this.#expectRefusal(error));
  }

  /** Anything else that a member does to its table. */
  act(member: SimulatedNode<Member>, action: (sync: Sync) => Promise<unknown>): void {
    action(member.value.sync).catch((error: unknown) => this.#expectRefusal(error));
  }

  /**
   * Holds that all tables become equal, and are still so a while later.
   * @throws Error when they are not equal in time
   */
  async untilEqual(nodes: readonly SimulatedNode<Member>[], withinMs: number): Promise<void> {
    const beganMs = this.#world.nowMs;
    while (!areEqual(nodes)) {
      if (this.#world.nowMs - beganMs > withinMs) throw new Error(`the tables are not equal: ${differenceOf(nodes)}`);
      await this.#world.runFor(1_000);
    }
    await this.#world.runFor(130_000);
    if (!areEqual(nodes)) throw new Error(`the tables did not stay equal: ${differenceOf(nodes)}`);
  }

  /** Holds that nothing acknowledged was lost. Without leases only: a claim that loses takes its writes with it. */
  checkKept([node]: readonly SimulatedNode<Member>[]): void {
    if (node === undefined) return;
    for (const { key, timeUs, by } of this.#acknowledged) {
      if (this.#forgetful.has(by)) continue;
      const version = node.value.sync.entry(key)?.version;
      // A deleted key tells no version.
      if (version !== undefined && version.timeUs < timeUs) {
        throw new Error(`${by} was told that "${key}" was written, and all have an earlier version`);
      }
    }
  }

  #note(key: string, value: WireValue): void {
    const values = this.#written.get(key) ?? new Set();
    this.#written.set(key, values.add(JSON.stringify(value)));
  }

  #judge(name: string, key: string, value: WireValue | undefined): void {
    if (value === undefined) return;
    const isMap = typeof value === "object" && value !== null && !Array.isArray(value);
    if (!isMap) {
      if (!this.#hasWritten(key, value)) this.#wrong.push(`${name} has ${JSON.stringify(value)} at "${key}"`);
      return;
    }
    for (const [field, one] of Object.entries(value)) {
      if (!this.#hasWritten(`${key}/${field}`, one))
        this.#wrong.push(`${name} has ${JSON.stringify(one)} at ${key}/${field}`);
    }
  }

  #hasWritten(key: string, value: WireValue): boolean {
    return this.#written.get(key)?.has(JSON.stringify(value)) === true;
  }

  async #remembers({ disk }: NodeSeams): Promise<boolean> {
    return disk.get("was here") !== undefined;
  }

  #expectRefusal(error: unknown): void {
    const { code } = error as { readonly code?: string };
    if (code !== "leased" && code !== "not-a-map" && code !== "closed")
      this.#wrong.push(`a write failed: ${String(error)}`);
  }
}

/** The members that are up now. */
export function membersOf(nodes: readonly SimulatedNode<Member>[]): SimulatedNode<Member>[] {
  return nodes.filter((node) => node.isReady);
}

export function areEqual(nodes: readonly SimulatedNode<Member>[]): boolean {
  return nodes.every((node) => node.isReady) && new Set(nodes.map(digestOf)).size === 1;
}

function digestOf({ value: { sync } }: SimulatedNode<Member>): string {
  return sync.digest().join();
}

/** The first key of which two have different versions, for a person. */
function differenceOf(nodes: readonly SimulatedNode<Member>[]): string {
  const down = nodes.filter((node) => !node.isReady).map(({ name }) => name);
  if (down.length > 0) return `${down.join(", ")} are down`;
  const keys = new Set(nodes.flatMap(({ value: { sync } }) => [...sync.keys()]));
  for (const key of keys) {
    const texts = nodes.map(({ name, value: { sync } }) => `${name} ${JSON.stringify(sync.entry(key) ?? null)}`);
    const values = new Set(texts.map((text) => text.slice(text.indexOf(" "))));
    if (values.size > 1) return texts.join("; ");
  }
  return "no visible key differs";
}
