// A member of a ring that forges keys of others: in what it answers, and in what it stores at others.
import type { Connection } from "@p2p/base";
import type { Chord } from "@p2p/chord";
import type { World } from "@p2p/simulator";
import { encodeValue, flags, type NodeId, nodeIdToBytes, type WireValue } from "@p2p/wire";

/** Above all clocks. */
const far = 2 ** 52;
const { subtypes } = flags;
const put = 1;
const has = 0;

export class Forger {
  readonly #chord: Chord;
  readonly #world: World;
  readonly #patched = new WeakSet<Connection>();
  /** Answers that it forged, and writes that it told others to store. */
  forged = 0;

  constructor(world: World, chord: Chord) {
    this.#world = world;
    this.#chord = chord;
    chord.on("neighbours", () => this.#patchAll());
    this.#patchAll();
  }

  /** Tells a member that it has a link to, to store what the owner of the key did not write. */
  store(key: string, owner: NodeId): void {
    this.#patchAll();
    const { connections } = this.#chord.node;
    if (connections.length === 0) return;
    const write = [far + this.forged, nodeIdToBytes(owner), encodeValue("forged"), null, new Uint8Array(96)];
    const question = [
      subtypes.question,
      this.#world.random.integer(2 ** 32),
      put,
      new TextEncoder().encode(key),
      write,
    ];
    this.forged += 1;
    this.#world.random.pick(connections).sendWhisper(question);
  }

  #patchAll(): void {
    for (const connection of this.#chord.node.connections) {
      if (this.#patched.has(connection)) continue;
      this.#patched.add(connection);
      const send = connection.sendWhisper.bind(connection);
      Object.assign(connection, { sendWhisper: (items: readonly WireValue[]) => send(this.#altered(items)) });
    }
  }

  /** An answer with an owned write tells another value, with a higher sequence. */
  #altered(items: readonly WireValue[]): readonly WireValue[] {
    const [kind, , status, what, write] = items;
    const isAnswer = kind === subtypes.answer && status === 0 && what === has;
    if (!isAnswer || !isList(write) || write.length < 5) return items;
    this.forged += 1;
    return [...items.slice(0, 4), [far, write[1] ?? null, encodeValue("forged"), ...write.slice(3)], ...items.slice(5)];
  }
}

function isList(value: WireValue | undefined): value is readonly WireValue[] {
  return Array.isArray(value);
}
