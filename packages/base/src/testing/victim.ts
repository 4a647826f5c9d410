// A node to be treated badly, and an honest one that has to be served all the same: for the bad-input suites.
import { networkId } from "@p2p/wire";
import type { NodeLimits } from "../limits/limits.js";
import { Node } from "../node.js";
import type { RequestLimits } from "../requests/request-limits.js";
import { MemoryNetwork, memoryTransport } from "../transport/memory.js";
import { tcpTransport } from "../transport/tcp.js";
import type { Transport } from "../transport/transport.js";
import { ManualClock } from "./manual-clock.js";
import { RawPeer, type RawPeerOptions } from "./raw-peer.js";

export type VictimKind = "memory" | "tcp";

const network = "bad-input";

export interface VictimOptions {
  readonly limits?: Partial<NodeLimits>;
  readonly requestLimits?: Partial<RequestLimits>;
  readonly codecs?: readonly number[];
}

/** Over memory with a clock that a test moves, or over loopback TCP with the system's. */
export class Victim implements AsyncDisposable {
  readonly node: Node;
  /** Of the memory kind only. */
  readonly clock: ManualClock | undefined;
  readonly errors: Error[] = [];
  readonly #transport: Transport;
  readonly #peers: RawPeer[] = [];

  private constructor(kind: VictimKind, options: VictimOptions) {
    this.clock = kind === "memory" ? new ManualClock() : undefined;
    this.#transport =
      this.clock === undefined ? tcpTransport() : memoryTransport({ network: new MemoryNetwork(), clock: this.clock });
    this.node = this.#make({ ...options, listen: kind === "memory" ? "memory://victim" : "tcp://127.0.0.1:0" });
    this.node.handle("echo", (message) => message.data);
    this.node.on("error", (error) => this.errors.push(error));
  }

  static async open(kind: VictimKind, options: VictimOptions = {}): Promise<Victim> {
    const victim = new Victim(kind, options);
    await victim.node.open();
    return victim;
  }

  get address(): string {
    const [address] = this.node.addresses;
    if (address === undefined) throw new Error("the victim does not listen");
    return address;
  }

  /** What its handshake has to say to be taken. */
  get networkId(): Uint8Array {
    return networkId(network);
  }

  /** Lets everything happen that can happen without time passing. */
  async run<T>(promise: Promise<T>): Promise<T> {
    if (this.clock === undefined) return promise;
    let isDone = false;
    const done = (): void => {
      isDone = true;
    };
    promise.then(done, done);
    for (let turns = 0; !isDone && turns < 200; turns++) await this.clock.settle();
    if (!isDone) throw new Error("nothing more happens, and the promise waits");
    return promise;
  }

  /** A raw peer that has said nothing yet. */
  async dial(options: RawPeerOptions = {}): Promise<RawPeer> {
    return this.#keep(await this.run(RawPeer.dial(this.#transport, this.address, this.#with(options))));
  }

  /** A raw peer after both handshakes. */
  async join(options: RawPeerOptions = {}): Promise<RawPeer> {
    return this.#keep(await this.run(RawPeer.join(this.#transport, this.address, this.#with(options))));
  }

  /** What a raw peer was closed with, once it was. */
  closed(peer: RawPeer): Promise<RawPeer["closedWith"]> {
    return this.run(peer.closed());
  }

  /** Whether a node that behaves gets an answer. */
  async serves(): Promise<boolean> {
    const honest = this.#make({});
    await honest.open();
    try {
      const connection = await this.run(honest.dial(this.address));
      const answer = await this.run(honest.request(connection, "are you there?", { type: "echo" }));
      return answer.data === "are you there?";
    } finally {
      await this.run(honest.close());
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const peer of this.#peers) peer.destroy();
    await this.run(this.node.close());
  }

  #make(options: VictimOptions & { readonly listen?: string }): Node {
    const { listen, limits = {}, requestLimits = {}, codecs } = options;
    return new Node({
      network,
      limits,
      requestLimits,
      ...(codecs === undefined ? {} : { codecs }),
      ...(listen === undefined ? {} : { listen: [listen] }),
      ...(this.clock === undefined ? {} : { clock: this.clock, transports: [this.#transport] }),
    });
  }

  #with(options: RawPeerOptions): RawPeerOptions {
    return { networkId: this.networkId, ...options };
  }

  #keep(peer: RawPeer): RawPeer {
    this.#peers.push(peer);
    return peer;
  }
}

export const victimKinds: readonly VictimKind[] = ["memory", "tcp"];
