// The words on the screen: plain sentences, with colour only where there is a terminal to show it.
import type { Arrival, Name } from "./deliveries.js";
import type { Link } from "./links.js";

/** Where the words go. */
export interface Page {
  write(text: string): unknown;
  /** Whether it shows colours. */
  readonly hasColours: boolean;
  /** Characters of a line; undefined where lines may be as long as they are, as in a file. */
  readonly columns?: number | undefined;
}

type Tone = "bold" | "dim" | "red" | "green" | "cyan";
const tones: Record<Tone, readonly [on: number, off: number]> = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  cyan: [36, 39],
};

/** Arrivals of one message that are told one by one; of more, only how many hops they took. */
const mostTold = 6;

export class Narrator {
  readonly #page: Page;
  #chapter = 0;

  constructor(page: Page) {
    this.#page = page;
  }

  title(text: string): void {
    this.line(this.#toned("bold", text));
  }

  chapter(title: string, ...explanations: readonly string[]): void {
    this.#chapter++;
    this.line();
    this.line(this.#toned("bold", `${this.#chapter}. ${title}`));
    for (const explanation of explanations) this.line(`   ${this.#toned("dim", explanation)}`);
  }

  /** A sentence on something that happened. */
  fact(text: string): void {
    this.line(`   ${text}`);
  }

  process(name: Name, facts: { readonly pid: number; readonly id: string; readonly address: string }): void {
    this.fact(`${this.name(name)}  id ${shortId(facts.id)}  pid ${facts.pid}  ${facts.address}`);
  }

  /** The picture of the mesh: each process with its neighbours. */
  links(neighbours: ReadonlyMap<Name, ReadonlySet<Name>>): void {
    for (const [name, others] of neighbours) {
      this.fact(`  ${this.name(name)} ── ${[...others].sort(byName).join(" ")}`);
    }
  }

  newLinks(links: readonly Link[]): string {
    return links.map(([one, other]) => this.#toned("cyan", `${one}──${other}`)).join(" ");
  }

  /** One broadcast and how it came to each. */
  broadcast(by: Name, text: string, arrivals: readonly Arrival[]): void {
    this.fact(`${this.name(by)} says ${JSON.stringify(text)}`);
    if (arrivals.length > mostTold) {
      this.fact(`     ${this.#toned("green", `heard by all ${arrivals.length}`)}: ${summary(arrivals)}`);
      return;
    }
    const told = arrivals.map(({ at, via, hops, afterMs }) => {
      const way = hops === 1 ? "1 hop" : `${hops ?? "?"} hops, through ${via}`;
      return `${this.name(at)} ${this.#toned("dim", `${milliseconds(afterMs)} (${way})`)}`;
    });
    this.fact(`     heard by ${told.join("  ")}`);
  }

  /** Further broadcasts, all at once. */
  broadcasts(by: Name, count: number, arrivals: readonly Arrival[]): void {
    this.fact(`${this.name(by)} says ${count} more, all at once`);
    this.fact(`     ${this.#toned("green", `${arrivals.length} deliveries`)}: ${summary(arrivals)}`);
  }

  /** Each table: its digest and how many keys it has. */
  tables(tables: ReadonlyMap<Name, { readonly digest: string; readonly keys: number } | undefined>): void {
    for (const [name, table] of tables) {
      this.fact(`  ${this.name(name)}  ${table?.keys ?? 0} keys  digest ${table?.digest.slice(0, 16) ?? "unknown"}`);
    }
  }

  /** A write that a lease refused. */
  refusal(name: Name, key: string, { owner, minutes }: { readonly owner: Name; readonly minutes: number }): void {
    const why = this.#toned("green", `leased: it is ${owner}'s for ${minutes} minutes more`);
    this.fact(`${this.name(name)} writes ${JSON.stringify(key)}, and is refused: ${why}`);
  }

  /** What came of something, and whether it is as it ought to be. */
  outcome(text: string, isGood: boolean): void {
    this.fact(isGood ? this.#toned("green", text) : this.#toned("red", `it is not so: ${text}`));
  }

  good(text: string): void {
    this.line(this.#toned("green", text));
  }

  bad(text: string): void {
    this.line(this.#toned("red", text));
  }

  name(name: Name): string {
    return this.#toned("cyan", name);
  }

  line(text = ""): void {
    this.#page.write(`${wrapped(text, this.#page.columns)}\n`);
  }

  #toned(tone: Tone, text: string): string {
    if (!this.#page.hasColours) return text;
    const [on, off] = tones[tone];
    return `\u001b[${on}m${text}\u001b[${off}m`;
  }
}

/** Breaks a line between words, or, where double spaces part it, between the parts; what follows is indented as the line is. */
export function wrapped(text: string, columns: number = Number.POSITIVE_INFINITY): string {
  const body = text.trimStart();
  const indent = " ".repeat(text.length - body.length);
  const gap = body.includes("  ") ? "  " : " ";
  const lines: string[] = [];
  for (const part of body.split(gap)) {
    const last = lines.at(-1);
    const longer = last === undefined ? `${indent}${part}` : `${last}${gap}${part}`;
    if (last !== undefined && width(longer) > columns) lines.push(`${indent}${part}`);
    else lines.splice(-1, 1, longer);
  }
  return lines.join("\n");
}

/** Characters that a terminal shows: the changes of colour take none. */
function width(text: string): number {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what such a change begins with
  return text.replace(/\u001b\[\d+m/g, "").length;
}

/** "0.84 ms", "12 ms", "1.3 s". */
export function milliseconds(ms: number): string {
  if (ms >= 1000) return `${(ms / 1000).toFixed(1)} s`;
  return ms >= 10 ? `${ms.toFixed(0)} ms` : `${ms.toFixed(1)} ms`;
}

/** The first characters of an id: enough to tell a handful of nodes apart. */
export function shortId(id: string): string {
  return id.length > 8 ? `${id.slice(0, 8)}…` : id;
}

/** "3 over 1 hop, 4 over 2 hops; the last after 2.1 ms". */
export function summary(arrivals: readonly Arrival[]): string {
  const byWay = new Map<string, number>();
  let lastMs = 0;
  for (const { hops, afterMs } of [...arrivals].sort((a, b) => (a.hops ?? 0) - (b.hops ?? 0))) {
    const way = hops === undefined ? "an unknown way" : `${hops} ${hops === 1 ? "hop" : "hops"}`;
    byWay.set(way, (byWay.get(way) ?? 0) + 1);
    lastMs = Math.max(lastMs, afterMs);
  }
  const counts = [...byWay].map(([way, count]) => `${count} over ${way}`);
  return `${counts.join(", ")}; the last after ${milliseconds(lastMs)}`;
}

function byName(one: Name, other: Name): number {
  return one.length - other.length || (one < other ? -1 : 1);
}
