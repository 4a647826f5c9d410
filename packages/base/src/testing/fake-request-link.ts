// Requests of several nodes over a link that a test holds in its hands: nothing arrives before it is delivered.
import { decodeValue, encodeValue, type NodeId, nodeIdFromBytes, type WireValue } from "@p2p/wire";
import { BaseError } from "../errors.js";
import { MemoryBudget } from "../limits/budget.js";
import { Handlers } from "../messages/handlers.js";
import { type RequestLimits, resolveRequestLimits } from "../requests/request-limits.js";
import { Requests } from "../requests/requests.js";
import { ManualClock } from "./manual-clock.js";
import { seededRandom } from "./seeded-random.js";

export const idOf = (n: number): NodeId => nodeIdFromBytes(new Uint8Array(48).fill(n));

export interface FakePeer {
  readonly id: NodeId;
  readonly requests: Requests;
  readonly handlers: Handlers;
  readonly budget: MemoryBudget;
  readonly errors: BaseError[];
  readonly dialled: string[];
}

export interface FakeBody {
  readonly from: NodeId;
  readonly to: NodeId;
  readonly bytes: Uint8Array;
}

/** Nodes whose bodies wait in a list until a test delivers them; `cut` pairs do not reach each other. */
export class FakeLink {
  readonly clock: ManualClock = new ManualClock();
  readonly peers: Map<NodeId, FakePeer> = new Map();
  wires: FakeBody[] = [];
  /** The memory of nodes that are added from now on. */
  budgetBytes = 1_000_000;
  /** Sends are queued at once and resolve when this does. */
  room: Promise<void> = Promise.resolve();
  readonly #cut = new Set<string>();

  add(n: number, limits: Partial<RequestLimits> = {}): FakePeer {
    const id = idOf(n);
    const handlers = new Handlers();
    const budget = new MemoryBudget(this.budgetBytes);
    const errors: BaseError[] = [];
    const dialled: string[] = [];
    const send = async (to: NodeId, items: readonly WireValue[]): Promise<void> => {
      const bytes = encodeValue(items);
      if (!this.isLinked(id, to)) throw new BaseError("dial-unreachable", `no way to ${to}`, { peer: to });
      this.wires.push({ from: id, to, bytes });
      await this.room;
    };
    const sendTo = async (to: NodeId, addresses: readonly string[], items: readonly WireValue[]): Promise<void> => {
      if (this.isLinked(id, to)) return send(to, items);
      dialled.push(...addresses);
      this.wires.push({ from: id, to, bytes: encodeValue(items) });
    };
    const transport = {
      id,
      isConnected: (to: NodeId) => this.isLinked(id, to),
      takesRequests: () => true,
      addressesOf: (peer: NodeId) => (this.isLinked(id, peer) ? [`memory://of ${peer}`, "x".repeat(600)] : []),
      send,
      sendTo,
    };
    const parts = {
      transport,
      clock: this.clock,
      random: seededRandom(n),
      budget,
      handlers,
      onError: (error: BaseError) => errors.push(error),
    };
    const peer = { id, requests: new Requests(parts, resolveRequestLimits(limits)), handlers, budget, errors, dialled };
    this.peers.set(id, peer);
    return peer;
  }

  isLinked(from: NodeId, to: NodeId): boolean {
    return this.peers.has(to) && !this.#cut.has(`${from}>${to}`);
  }

  cut(a: FakePeer, b: FakePeer): void {
    this.#cut.add(`${a.id}>${b.id}`).add(`${b.id}>${a.id}`);
    a.requests.peerLost(b.id);
    b.requests.peerLost(a.id);
  }

  deliver(wire: FakeBody): void {
    // Arrays are what encodeRequestMessage makes.
    const items = decodeValue(wire.bytes) as readonly WireValue[];
    const arrival = { from: wire.from, time: 7, bytes: wire.bytes.length, isDirect: true };
    this.peers.get(wire.to)?.requests.receive(items, arrival);
  }

  /** Delivers all, and all that follows. */
  async run(): Promise<void> {
    await this.clock.settle();
    for (let wire = this.wires.shift(); wire !== undefined; wire = this.wires.shift()) {
      this.deliver(wire);
      await this.clock.settle();
    }
  }
}

export function link(
  count: number,
  limits: Partial<RequestLimits> = {},
): { net: FakeLink; peers: FakePeer[] } & Record<"a" | "b" | "c" | "d", FakePeer> {
  const net = new FakeLink();
  const peers = Array.from({ length: Math.max(4, count) }, (_, n) => net.add(n + 1, limits));
  const [a, b, c, d] = peers;
  if (a === undefined || b === undefined || c === undefined || d === undefined) throw new Error("four peers");
  return { net, peers, a, b, c, d };
}

/** The BaseError that a promise rejects with. */
export async function failure(promise: Promise<unknown>): Promise<BaseError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof BaseError)) throw new Error(`rejected with ${String(error)}, not with a BaseError`);
  return error;
}
