// What a simulated node keeps when it crashes: files that are written through, and tables whose last writes may be lost.
import type { Life } from "./event-queue.js";
import type { SeededRandom } from "./seeded-random.js";

/** One change of a table: the value of a key, or that it has none any more. */
export interface DiskWrite {
  readonly key: Uint8Array;
  readonly value: Uint8Array | undefined;
}

interface Entry {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

/** What a key had before a write. */
interface Undo {
  readonly name: string;
  readonly entry: Entry | undefined;
}

/** Batches that wait to be synced; earlier ones count as written back by the system in the meantime. */
const maxUnsynced = 1_024;

/** Entries by key. Its batches are kept or lost as a whole, and in their order, as those of a log are. */
export class DiskTable {
  readonly #entries = new Map<string, Entry>();
  /** Of each batch since the last one that was synced, oldest first. */
  #unsynced: Undo[][] = [];

  get entries(): Iterable<Entry> {
    return this.#entries.values();
  }

  /** Writes a batch; with `isSynced` it and all before it outlive the loss of power. */
  write(batch: readonly DiskWrite[], isSynced: boolean): void {
    const undos: Undo[] = [];
    for (const { key, value } of batch) {
      const name = Array.from(key, (byte) => String.fromCharCode(byte)).join("");
      undos.push({ name, entry: this.#entries.get(name) });
      this.#set(name, value === undefined ? undefined : { key: key.slice(), value: value.slice() });
    }
    if (isSynced) this.#unsynced = [];
    else this.#unsynced.push(undos);
    if (this.#unsynced.length > maxUnsynced) this.#unsynced.shift();
  }

  /** Loses some of the latest batches that were not synced; how many, is left to chance. */
  losePower(random: SeededRandom): void {
    const kept = random.integer(this.#unsynced.length + 1);
    for (const undos of this.#unsynced.slice(kept).toReversed()) {
      for (const { name, entry } of undos.toReversed()) this.#set(name, entry);
    }
    this.#unsynced = [];
  }

  #set(name: string, entry: Entry | undefined): void {
    if (entry === undefined) this.#entries.delete(name);
    else this.#entries.set(name, entry);
  }
}

/** The disk of one node. Reading and writing files takes no time, and a written file outlives the loss of power. */
export class Disk {
  readonly #files: Map<string, Uint8Array>;
  readonly #tables: Map<string, DiskTable>;
  readonly #life: Life;

  /** @param life whose disk it is @param of the disk that holds what is on it; none for a new one */
  constructor(life: Life, of?: Disk) {
    this.#life = life;
    this.#files = of === undefined ? new Map() : of.#files;
    this.#tables = of === undefined ? new Map() : of.#tables;
  }

  /** The content of a file, if there is one of that name. */
  get(name: string): Uint8Array | undefined {
    return this.#files.get(name)?.slice();
  }

  /** Writes a file; a run that is over writes nothing any more. */
  set(name: string, content: Uint8Array): void {
    if (!this.#life.isOver) this.#files.set(name, content.slice());
  }

  delete(name: string): void {
    if (!this.#life.isOver) this.#files.delete(name);
  }

  /** The table of that name; empty until it is written to. */
  table(name: string): DiskTable {
    const table = this.#tables.get(name) ?? new DiskTable();
    this.#tables.set(name, table);
    return table;
  }

  losePower(random: SeededRandom): void {
    for (const table of this.#tables.values()) table.losePower(random);
  }

  erase(): void {
    this.#files.clear();
    this.#tables.clear();
  }
}
