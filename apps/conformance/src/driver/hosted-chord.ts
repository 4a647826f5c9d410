// A member or client of a ring under test, and the commands about it.
import type { NodeOptions as BaseNodeOptions, Node } from "@p2p/base";
import { Chord, type ChordStore, defaultChordLimits, defaultDictionaryLimits } from "@p2p/chord";
import type { WireValue } from "@p2p/wire";
import { fromHex } from "../reference/value.js";
import { readValue, writeValue } from "../vectors/notation.js";
import { CommandError } from "./command-error.js";
import { limitsOf } from "./hosted-mesh.js";
import type { NodeOptions } from "./node-options.js";
import type { ChordCommand, Notation, RingFacts } from "./protocol.js";

const settings: readonly string[] = ["replicas", "operationTimeoutMs", "compareMs", "auditMs", "abandonMs"];

const isRingLimit = (name: string): boolean => Object.hasOwn(defaultChordLimits, name);
const isDictionaryLimit = (name: string): boolean => Object.hasOwn(defaultDictionaryLimits, name);

export function isChordLimit(name: string): boolean {
  return isRingLimit(name) || isDictionaryLimit(name) || settings.includes(name);
}

export class HostedChord {
  readonly chord: Chord;

  constructor(base: BaseNodeOptions, options: NodeOptions, store: ChordStore | undefined) {
    this.chord = new Chord({
      ...base,
      bootstrap: options.bootstrap ?? [],
      serve: options.serve ?? true,
      chordLimits: limitsOf(options, isRingLimit),
      dictionaryLimits: limitsOf(options, isDictionaryLimit),
      ...limitsOf(options, (name) => settings.includes(name)),
      ...(store === undefined ? {} : { store }),
    });
  }

  get node(): Node {
    return this.chord.node;
  }

  /** Ends as by a loss of power: nothing more is told to anybody but that the connections are over. */
  async die(): Promise<void> {
    await Promise.all(this.node.connections.map((connection) => connection.close()));
    // What it would still do on its own clock, nobody waits for.
    void this.chord.close().catch(() => undefined);
  }

  async run(command: ChordCommand): Promise<unknown> {
    const { chord } = this;
    switch (command.do) {
      case "ring":
        return this.#facts();
      case "serve":
        await chord.serve(command.serves);
        return null;
      case "lookup": {
        const { id, hops } = await chord.lookup(fromHex(command.position));
        return { owner: id, hops };
      }
      case "get":
        return noted(await chord.get(command.key));
      case "set": {
        const { positions } = await chord.set(command.key, readValue(command.data));
        return { positions };
      }
      case "delete": {
        const { positions } = await chord.delete(command.key);
        return { positions };
      }
      case "cas": {
        const { isSwapped, value } = await chord.compareAndSet(command.key, read(command.from), read(command.to));
        return { isSwapped, ...noted(value) };
      }
      case "pop":
        return noted(await chord.pop(command.key));
      case "keys":
        return this.#keys();
      case "entries":
        return this.#entries();
      default:
        throw new CommandError("unsupported", "there is no such command about a chord");
    }
  }

  async #keys(): Promise<readonly Notation[]> {
    const keys: Notation[] = [];
    for await (const key of this.chord.keys()) keys.push(writeValue(key));
    return keys;
  }

  async #entries(): Promise<readonly (readonly [Notation, Notation])[]> {
    const entries: (readonly [Notation, Notation])[] = [];
    for await (const [key, value] of this.chord.entries()) entries.push([writeValue(key), writeValue(value)]);
    return entries;
  }

  #facts(): RingFacts {
    const { role, predecessor, successors, networkSize, held } = this.chord;
    return { role, predecessor: predecessor ?? null, successors, size: networkSize.members, records: held.records };
  }
}

function read(given: { readonly data: Notation } | undefined): WireValue | undefined {
  return given === undefined ? undefined : readValue(given.data);
}

/** Nothing and nil are not the same. */
function noted(value: WireValue | undefined): { readonly data?: Notation } {
  return value === undefined ? {} : { data: writeValue(value) };
}
