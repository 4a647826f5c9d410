// The part of a process that stands on a ring: it opens a chord, stores and finds keys, and reports what it sees of the ring.
import { Chord, positionsOf } from "@p2p/chord";
import type { Report } from "./report.js";

export class RingMember {
  readonly #chord: Chord;
  readonly #report: (fact: Report) => void;

  constructor(bootstrap: readonly string[], report: (fact: Report) => void) {
    this.#chord = new Chord({ network: "demo ring", listen: ["tcp://127.0.0.1:0"], bootstrap });
    this.#report = report;
    this.#chord.on("neighbours", () => this.#tell());
    // For instance a dial to a node that is gone: of interest only if this process fails.
    this.#chord.on("error", (error) => process.stderr.write(`${error.message}\n`));
  }

  /** Opens, and resolves when it has its place. */
  async join(): Promise<void> {
    await this.#chord.open();
    await this.#chord.ready();
    this.#tell();
  }

  async store(key: string, value: string): Promise<void> {
    const { positions } = await this.#chord.set(key, value);
    this.#report({ kind: "stored", key, positions });
  }

  /** Finds out what the key has, and who owns the first of its positions. */
  async find(key: string): Promise<void> {
    const value = await this.#chord.get(key);
    const [position] = positionsOf(key);
    const { owner, hops, tookMs } = await this.#chord.trace(position);
    this.#report({ kind: "found", key, value: typeof value === "string" ? value : null, owner, hops, tookMs });
  }

  close(): Promise<void> {
    return this.#chord.close();
  }

  #tell(): void {
    const { id, addresses, successors, networkSize } = this.#chord;
    const [successor = id] = successors;
    this.#report({ kind: "ring", id, address: addresses[0] ?? "", successor, members: networkSize.members });
  }
}
