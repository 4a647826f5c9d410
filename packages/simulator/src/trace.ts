// What happened in a world, for people to read and for machines to compare.

/** One thing that happened. */
export interface TraceEntry {
  /** Virtual time, in microseconds since the beginning of the world. */
  readonly atUs: number;
  /** The number of the event in which it happened. */
  readonly step: number;
  /** The node where it happened; absent where it concerns the whole world. */
  readonly node?: string;
  readonly kind: string;
  readonly detail: Readonly<Record<string, string | number>>;
}

/** `all`; or `faults`, without the passage of bytes; or nothing: for large worlds. */
export type TraceLevel = "all" | "faults" | "off";

/** Kinds of entries that every chunk brings, left out of the level `faults`. */
const ofBytes: ReadonlySet<string> = new Set(["send", "receive", "read-end"]);

/** Keeps the latest entries, and a fingerprint of all. */
export class WorldTrace {
  readonly #level: TraceLevel;
  readonly #capacity: number;
  readonly #position: () => { readonly atUs: number; readonly step: number };
  #entries: TraceEntry[] = [];
  #dropped = 0;
  #hash = fnvStart;

  constructor(level: TraceLevel, position: () => { readonly atUs: number; readonly step: number }, capacity: number) {
    this.#level = level;
    this.#position = position;
    this.#capacity = capacity;
  }

  /** Whether the passage of bytes is to be told: saves the work of describing it. */
  get hasBytes(): boolean {
    return this.#level === "all";
  }

  record(kind: string, node: string | undefined, detail: TraceEntry["detail"] = {}): void {
    if (this.#level === "off" || (this.#level === "faults" && ofBytes.has(kind))) return;
    const entry: TraceEntry = { ...this.#position(), ...(node === undefined ? {} : { node }), kind, detail };
    this.#hash = fnv(new TextEncoder().encode(line(entry)), this.#hash);
    this.#entries.push(entry);
    if (this.#entries.length <= this.#capacity) return;
    // Half at once, so that the array is not moved for every entry.
    const surplus = Math.ceil(this.#capacity / 2);
    this.#entries = this.#entries.slice(surplus);
    this.#dropped += surplus;
  }

  /** The latest entries, oldest first. */
  get entries(): readonly TraceEntry[] {
    return this.#entries;
  }

  /** Entries that were forgotten, as they were too many. */
  get dropped(): number {
    return this.#dropped;
  }

  /** A hash of all entries from the beginning, forgotten or not: equal for equal runs. */
  get fingerprint(): string {
    return this.#hash.toString(16).padStart(8, "0");
  }

  /** One JSON object a line. */
  jsonl(): string {
    return this.#entries.map((entry) => `${line(entry)}\n`).join("");
  }

  /** One sentence a line, with the time in seconds. */
  text(): string {
    return this.#entries.map((entry) => `${sentence(entry)}\n`).join("");
  }
}

function line({ atUs, step, node, kind, detail }: TraceEntry): string {
  return JSON.stringify({ atUs, step, ...(node === undefined ? {} : { node }), kind, ...detail });
}

function sentence({ atUs, node, kind, detail }: TraceEntry): string {
  const seconds = (atUs / 1_000_000).toFixed(6).padStart(12);
  const fields = Object.entries(detail).map(([name, value]) => `${name}=${onOneLine(String(value))}`);
  return [seconds, (node ?? "world").padEnd(8), kind.padEnd(10), ...fields].join(" ").trimEnd();
}

/** Names that users give may have line breaks in them. */
function onOneLine(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, (character) => JSON.stringify(character).slice(1, -1));
}

const fnvStart = 0x811c_9dc5;

/** FNV-1a of 32 bits: enough to tell runs apart, and cheap. */
export function fnv(bytes: Uint8Array, hash: number = fnvStart): number {
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x0100_0193) >>> 0;
  return hash;
}
