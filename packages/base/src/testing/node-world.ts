// Nodes for tests, in two worlds: in memory with a clock that the test moves, or over loopback TCP with the system's.
import { networkId } from "@p2p/wire";
import { Node } from "../node.js";
import type { NodeOptions } from "../options.js";
import { systemClock } from "../runtime/clock.js";
import { MemoryNetwork, memoryTransport } from "../transport/memory.js";
import { tcpTransport } from "../transport/tcp.js";
import type { Transport } from "../transport/transport.js";
import { ManualClock } from "./manual-clock.js";
import { RawPeer, type RawPeerOptions } from "./raw-peer.js";

export type WorldKind = "memory" | "tcp";

export const worldKinds: readonly WorldKind[] = ["memory", "tcp"];

/** Closes all its nodes and raw peers when it is disposed of. */
export class NodeWorld implements AsyncDisposable {
  readonly network = "test-world";
  readonly transport: Transport;
  readonly #clock: ManualClock | undefined;
  readonly #nodes: Node[] = [];
  readonly #peers: RawPeer[] = [];

  constructor(kind: WorldKind = "memory") {
    this.#clock = kind === "memory" ? new ManualClock() : undefined;
    this.transport =
      this.#clock === undefined
        ? tcpTransport()
        : memoryTransport({ network: new MemoryNetwork(), clock: this.#clock });
  }

  /** Of the memory world only. */
  get clock(): ManualClock {
    if (this.#clock === undefined) throw new TypeError("the world of tcp has the system's clock");
    return this.#clock;
  }

  get listenAddress(): string {
    return this.#clock === undefined ? "tcp://127.0.0.1:0" : "memory://node:0";
  }

  /** A node that is not open; listens unless told otherwise. */
  make(options: Partial<NodeOptions> = {}): Node {
    const clock = this.#clock === undefined ? {} : { clock: this.#clock };
    const base = { network: this.network, listen: [this.listenAddress], transports: [this.transport], ...clock };
    const node = new Node({ ...base, ...options });
    this.#nodes.push(node);
    return node;
  }

  /** An open node. */
  async open(options: Partial<NodeOptions> = {}): Promise<Node> {
    const node = this.make(options);
    await node.open();
    return node;
  }

  /** A raw peer that has said nothing yet. */
  async rawPeer(node: Node, options: RawPeerOptions = {}): Promise<RawPeer> {
    const all = { networkId: networkId(this.network), ...options };
    const peer = await this.run(RawPeer.dial(this.transport, addressOf(node), all));
    this.#peers.push(peer);
    return peer;
  }

  /** A raw peer after both handshakes. */
  async joined(node: Node, options: RawPeerOptions = {}): Promise<RawPeer> {
    const peer = await this.rawPeer(node, options);
    peer.sendHandshake();
    await this.run(peer.until(() => peer.handshake !== undefined || peer.isClosed));
    return peer;
  }

  /** Waits for something that no time has to pass for. */
  async run<T>(promise: Promise<T>): Promise<T> {
    if (this.#clock === undefined) return promise;
    let isDone = false;
    const done = (): void => {
      isDone = true;
    };
    promise.then(done, done);
    for (let turns = 0; !isDone && turns < 500; turns++) await this.#clock.settle();
    if (!isDone) throw new Error("nothing more happens, and the promise waits");
    return promise;
  }

  /** Waits until something holds, without time passing in the world of memory. */
  async until(holds: () => boolean): Promise<void> {
    for (let turns = 0; !holds(); turns++) {
      if (turns > 2_000) throw new Error("what the test waits for does not come");
      if (this.#clock !== undefined) await this.#clock.settle();
      else await new Promise<void>((resolve) => systemClock.setTimeout(resolve, 2));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const peer of this.#peers) peer.destroy();
    const closed = Promise.all(this.#nodes.map((node) => node.close()));
    if (this.#clock === undefined) await closed;
    else {
      for (let turns = 0; turns < 20; turns++) await this.#clock.settle();
      // Peers that do not answer a close are waited for.
      await this.#clock.advance(10_000);
      await this.run(closed);
    }
  }
}

/** Where a node listens. */
export function addressOf(node: Node): string {
  const [address] = node.addresses;
  if (address === undefined) throw new Error("the node does not listen");
  return address;
}
