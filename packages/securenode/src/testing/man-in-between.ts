// For tests: secure nodes that are honest, and somebody between them who cuts the stream into messages and does what it likes.
import { type Channel, MemoryNetwork, memoryTransport, type Transport } from "@p2p/base";
import { ManualClock, seededRandom } from "@p2p/base/testing";
import { MessageCutter } from "../channel/message-cutter.js";
import { join } from "../primitives/join.js";
import type { NewNodeOptions } from "../secure-node/options.js";
import { SecureNode } from "../securenode.js";
import { identityOf } from "./worlds.js";

/** What becomes of a message on its way: itself, others, or none. `number` counts from 1 in each direction, the handshake's too. */
export type Meddling = (message: Uint8Array, number: number) => readonly Uint8Array[];

export interface Honest {
  readonly node: SecureNode;
  /** "refused code", "forged code": of peers. */
  readonly told: string[];
  readonly heard: unknown[];
}

export class AttackedNodes {
  readonly clock: ManualClock = new ManualClock();
  readonly #network = new MemoryNetwork();
  readonly transport: Transport = memoryTransport({ network: this.#network, clock: this.clock });
  readonly #nodes: SecureNode[] = [];
  /** What each side of each channel through the attacker said, whole. */
  readonly recorded: { readonly toTarget: Uint8Array[]; readonly toDialler: Uint8Array[] }[] = [];

  async open(number: number, options: Partial<NewNodeOptions> = {}): Promise<Honest> {
    const node = new SecureNode({
      network: "club",
      identity: identityOf(number),
      transports: [this.transport],
      clock: this.clock,
      random: seededRandom(number),
      ...options,
    });
    const [told, heard]: [string[], unknown[]] = [[], []];
    node.on("refused", (_what, { code }) => told.push(`refused ${code}`));
    node.on("forged", (_what, { code }) => told.push(`forged ${code}`));
    node.node.on("message", ({ data }) => heard.push(data));
    this.#nodes.push(node);
    await this.run(node.open());
    return { node, told, heard };
  }

  /** Listens at an address, and brings what comes to the target, and back. */
  async meddle(address: string, target: string, toTarget: Meddling, toDialler: Meddling): Promise<void> {
    await this.transport.listen(address, (dialled) => void this.#between(dialled, target, toTarget, toDialler));
  }

  /** A channel of a stranger. */
  async stranger(target: string): Promise<Channel> {
    const channel = await this.transport.dial(target, { signal: new AbortController().signal });
    channel.open({ onData: () => {}, onDrain: () => {}, onClose: () => {} });
    return channel;
  }

  /** Lets the world go on, at most some seconds, until the promise settles. */
  async run<T>(promise: Promise<T>): Promise<T> {
    let isDone = false;
    const done = (): void => {
      isDone = true;
    };
    void promise.then(done, done);
    for (let turn = 0; !isDone && turn < 10; turn++) await this.clock.settle();
    for (let turn = 0; !isDone && turn < 300; turn++) await this.clock.advance(100);
    return promise;
  }

  async close(): Promise<void> {
    await this.run(Promise.all(this.#nodes.map((node) => node.close())));
  }

  async #between(dialled: Channel, target: string, toTarget: Meddling, toDialler: Meddling): Promise<void> {
    const signal = new AbortController().signal;
    const far = await this.transport.dial(target, { signal });
    const record = { toTarget: [], toDialler: [] };
    this.recorded.push(record);
    pipe(dialled, far, record.toTarget, toTarget);
    pipe(far, dialled, record.toDialler, toDialler);
  }
}

/** A message as it goes over a channel. */
export function framed(message: Uint8Array): Uint8Array {
  return join([Uint8Array.of(message.length >> 8, message.length & 255), message]);
}

/** Leaves everything as it is. */
export const honestly: Meddling = (message) => [message];

function pipe(from: Channel, to: Channel, record: Uint8Array[], meddle: Meddling): void {
  const cutter = new MessageCutter();
  from.open({
    onData: (chunk) => {
      cutter.push(chunk);
      for (let parts = cutter.next(); parts !== undefined; parts = cutter.next()) {
        const message = join(parts);
        record.push(message);
        for (const each of meddle(message, record.length)) to.write([framed(each)]);
      }
    },
    onDrain: () => {},
    onEnd: () => to.end(),
    onClose: () => to.destroy(),
  });
}
