// The judge: keeps what every process said it heard, and tells what did not arrive exactly once at everyone alive.

/** Names a process in the story; unique in a run. */
export type Name = string;

/** One broadcast, and who was to hear it. */
interface Said {
  readonly by: Name;
  /** When it was said; undefined until the origin reports it. */
  atNs: bigint | undefined;
  readonly audience: ReadonlySet<Name>;
  readonly heard: Map<Name, Heard[]>;
}

/** One delivery to the application of one process. */
export interface Heard {
  /** The neighbour that passed the message on. */
  readonly via: Name;
  /** On the clock of `began`, which all processes of one machine share. */
  readonly atNs: bigint;
}

/** How one message came to one process. */
export interface Arrival {
  readonly at: Name;
  readonly via: Name;
  /** Links that the message crossed; undefined when the way cannot be told. */
  readonly hops: number | undefined;
  readonly afterMs: number;
}

export class Deliveries {
  readonly #messages = new Map<string, Said>();
  readonly #strays: string[] = [];
  #expected = 0;
  #arrived = 0;

  /** Deliveries that had to be, over all messages. */
  get expected(): number {
    return this.#expected;
  }

  /** Deliveries that were, those counted once that came more often. */
  get arrived(): number {
    return this.#arrived;
  }

  /** Messages told of. */
  get messages(): number {
    return this.#messages.size;
  }

  /** Notes a broadcast, and who is to hear it. To be told before it is ordered, so that nobody can hear it earlier. */
  said(text: string, by: Name, audience: Iterable<Name>): void {
    if (this.#messages.has(text)) throw new RangeError(`"${text}" was said before`);
    const others = new Set(audience);
    others.delete(by);
    this.#messages.set(text, { by, atNs: undefined, audience: others, heard: new Map() });
    this.#expected += others.size;
  }

  /** Notes when the origin sent a broadcast; its report may come later than those of who heard it. */
  began(text: string, atNs: bigint): void {
    const said = this.#messages.get(text);
    if (said) said.atNs = atNs;
  }

  /** Notes that a process heard a broadcast. */
  heard(text: string, at: Name, heard: Heard): void {
    const said = this.#messages.get(text);
    if (!said) {
      this.#strays.push(`${at} heard "${text}", which nobody had said`);
      return;
    }
    if (!said.audience.has(at)) {
      this.#strays.push(`${at} heard "${text}" of ${said.by}, which was not for it`);
      return;
    }
    const earlier = said.heard.get(at);
    if (earlier) {
      earlier.push(heard);
      return;
    }
    said.heard.set(at, [heard]);
    this.#arrived++;
  }

  /** Whether everyone who was to hear the message did, and the origin told when it sent it. */
  isComplete(text: string): boolean {
    const said = this.#messages.get(text);
    return said?.atNs !== undefined && said.heard.size === said.audience.size;
  }

  /** How the message came to each process that heard it, the first to hear it first. */
  arrivals(text: string): readonly Arrival[] {
    const said = this.#messages.get(text);
    if (said?.atNs === undefined) return [];
    const arrivals: Arrival[] = [];
    for (const [at, [first]] of said.heard) {
      if (!first) continue;
      const afterMs = Number(first.atNs - said.atNs) / 1e6;
      arrivals.push({ at, via: first.via, hops: hopsTo(at, said), afterMs });
    }
    return arrivals.sort((a, b) => a.afterMs - b.afterMs);
  }

  /** Sentences on all that was not exactly once; none if all is well. */
  problems(): readonly string[] {
    const problems = [...this.#strays];
    for (const [text, { by, audience, heard }] of this.#messages) {
      const missing = [...audience].filter((name) => !heard.has(name));
      if (missing.length > 0) problems.push(`"${text}" of ${by} never came to ${missing.join(", ")}`);
      for (const [name, all] of heard) {
        if (all.length > 1) problems.push(`"${text}" of ${by} came to ${name} ${all.length} times`);
      }
    }
    return problems;
  }
}

/** Counts the links back to the origin, by what each process on the way said it got the message from. */
function hopsTo(at: Name, { by, heard }: Said): number | undefined {
  let hops = 1;
  let via = heard.get(at)?.[0]?.via;
  while (via !== by) {
    if (via === undefined || hops > heard.size) return undefined;
    via = heard.get(via)?.[0]?.via;
    hops++;
  }
  return hops;
}
