// A member that tells everybody what the owners of keys did not write, and what they wrote long ago.
import type { OwnedRecord } from "@p2p/base";
import type { SimulatedNode, World } from "@p2p/simulator";
import { FrameWriter, flags, nodeIdToBytes, type WireValue } from "@p2p/wire";
import type { Member } from "./table-watch.js";

/** Above all clocks. */
const far = 2 ** 52;

export class ForgingMember {
  readonly #world: World;
  readonly #member: SimulatedNode<Member>;
  readonly #writer = new FrameWriter();
  readonly #old: OwnedRecord[] = [];
  /** Messages that went to somebody. */
  told = 0;

  constructor(world: World, member: SimulatedNode<Member>) {
    this.#world = world;
    this.#member = member;
  }

  /** Keeps what the owners of these keys have written so far. */
  keep(keys: readonly string[]): void {
    for (const key of keys) {
      const record = this.#member.value.sync.proof(key);
      if (record !== undefined) this.#old.push(record);
    }
  }

  /** A value, or a removal, with another's proof. */
  forge(key: string): void {
    const { random } = this.#world;
    const [proof, value] = [random.bytes(96), random.chance(0.5) ? ["forged"] : []];
    this.#tell([key, 4, proof, far + random.integer(1_000), ...value]);
  }

  /** What an owner wrote once, as it was. */
  replay(): void {
    if (this.#old.length === 0) return;
    const { key, proof, sequence, value } = this.#world.random.pick(this.#old);
    this.#tell([key, 4, proof, sequence, ...(value === undefined ? [] : [value])]);
  }

  #tell(entry: readonly WireValue[]): void {
    const { value, clock } = this.#member;
    const stampUs = Math.floor(clock.now() * 1_000);
    const { id, mesh } = value.sync;
    const items = [flags.subtypes.store, stampUs, 0, [entry]];
    const frame = this.#writer.write(flags.mainTypes.broadcast, nodeIdToBytes(id), stampUs, items);
    for (const connection of mesh.node.connections) if (connection.sendFrame(frame)) this.told += 1;
  }
}
