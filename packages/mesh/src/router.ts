// Direct messages between nodes that are not neighbours: sent along learned routes, flooded where there is none,
// acknowledged by the destination, tried again until they are. Pure: events in, effects out.
// [MESH-060] [MESH-061] [MESH-062] [MESH-063] [MESH-064] [MESH-065] [MESH-066] [MESH-067]
import type { NodeId } from "@p2p/wire";
import type { Receipt, Routed } from "./messages.js";
import { maxHops } from "./messages.js";
import { Routes } from "./routes.js";

export interface RouterOptions {
  readonly self: NodeId;
  /** How often a message is sent before it is given up; the first time along a route, then by flooding. */
  readonly attempts: number;
  /** The wait for the first receipt while no round trip is known, in ms; doubled for each further attempt. */
  readonly timeoutMs: number;
  /** Routes remembered. */
  readonly maxRoutes: number;
  /** Own messages waiting for receipts. */
  readonly maxPending: number;
}

export type RouterEffect =
  /** Passes a routed message on, as its origin signed and timed it. */
  | { readonly kind: "pass"; readonly to: readonly NodeId[]; readonly routed: Routed }
  | { readonly kind: "passReceipt"; readonly to: NodeId; readonly receipt: Receipt }
  /** For this node: hands the inner body up. */
  | { readonly kind: "deliver"; readonly inner: Uint8Array }
  /** For this node: tells the origin, also when it is a repetition. */
  | { readonly kind: "acknowledge"; readonly to: NodeId; readonly receipt: Receipt };

interface Pending {
  readonly destination: NodeId;
  readonly inner: Uint8Array;
  readonly onDone: (isDelivered: boolean) => void;
  attempt: number;
  sentMs: number;
  deadlineMs: number;
}

const minTimeoutMs = 200;
const maxTimeoutMs = 10_000;
/** Smoothed round trips within which a receipt is expected. */
const roundTrips = 4;

export class Router {
  readonly #options: RouterOptions;
  readonly #pending = new Map<string, Pending>();
  readonly #links: ReadonlyMap<NodeId, unknown>;
  readonly routes: Routes;
  #roundTripMs: number | undefined;

  /** @param links the links of the moment, kept up to date by the owner */
  constructor(options: RouterOptions, links: ReadonlyMap<NodeId, unknown>) {
    this.#options = options;
    this.#links = links;
    this.routes = new Routes(options.maxRoutes);
  }

  get isFull(): boolean {
    return this.#pending.size >= this.#options.maxPending;
  }

  get pending(): number {
    return this.#pending.size;
  }

  /** When `expire` is to be called next, in monotonic ms. */
  get nextDeadlineMs(): number {
    let next = Number.POSITIVE_INFINITY;
    for (const { deadlineMs } of this.#pending.values()) next = Math.min(next, deadlineMs);
    return next;
  }

  /**
   * Sends an inner body towards a node.
   *
   * @param key the message id of the inner body, as text
   * @param onDone called once: true when the receipt came, false when all attempts failed
   */
  send(
    destination: NodeId,
    inner: Uint8Array,
    key: string,
    nowMs: number,
    onDone: (isDelivered: boolean) => void,
  ): RouterEffect[] {
    const deadlineMs = nowMs + this.#timeoutMs(0);
    const pending: Pending = { destination, inner, onDone, attempt: 0, sentMs: nowMs, deadlineMs };
    this.#pending.set(key, pending);
    return this.#try(pending);
  }

  /** Forgets a message whose sender waits no more. */
  cancel(key: string): void {
    this.#pending.delete(key);
  }

  /**
   * A routed message came over a link.
   *
   * @param isNew whether destination, attempt and inner body were not seen together before
   * @param isNewInner whether, this node being the destination, the inner body was not delivered before
   */
  routed(
    from: NodeId,
    origin: NodeId,
    routed: Routed,
    isNew: boolean,
    isNewInner: boolean,
    innerId: Uint8Array,
  ): RouterEffect[] {
    const { self } = this.#options;
    if (origin === self || !isNew) return [];
    this.routes.learn(origin, from);
    if (routed.destination === self) {
      const receipt: Receipt = { origin, hopsLeft: maxHops, innerId };
      const acknowledge: RouterEffect = { kind: "acknowledge", to: from, receipt };
      return isNewInner ? [{ kind: "deliver", inner: routed.inner }, acknowledge] : [acknowledge];
    }
    if (routed.hopsLeft === 0) return [];
    return this.#pass({ ...routed, hopsLeft: routed.hopsLeft - 1 }, from);
  }

  /** A receipt came over a link. */
  receipt(from: NodeId, sender: NodeId, receipt: Receipt, key: string, nowMs: number): RouterEffect[] {
    const { self } = this.#options;
    if (sender === self) return [];
    this.routes.learn(sender, from);
    if (receipt.origin === self) {
      const pending = this.#pending.get(key);
      if (pending === undefined || pending.destination !== sender) return [];
      this.#pending.delete(key);
      this.#measure(pending, nowMs);
      pending.onDone(true);
      return [];
    }
    if (receipt.hopsLeft === 0) return [];
    const next = this.#links.has(receipt.origin) ? receipt.origin : this.routes.get(receipt.origin);
    if (next === undefined || next === from || !this.#links.has(next)) return [];
    return [{ kind: "passReceipt", to: next, receipt: { ...receipt, hopsLeft: receipt.hopsLeft - 1 } }];
  }

  /** Sends again what has waited too long, and gives up what was sent often enough. */
  expire(nowMs: number): RouterEffect[] {
    const effects: RouterEffect[] = [];
    for (const [key, pending] of this.#pending) {
      if (pending.deadlineMs > nowMs) continue;
      this.routes.forget(pending.destination);
      pending.attempt += 1;
      if (pending.attempt >= this.#options.attempts) {
        this.#pending.delete(key);
        pending.onDone(false);
        continue;
      }
      pending.sentMs = nowMs;
      pending.deadlineMs = nowMs + this.#timeoutMs(pending.attempt);
      effects.push(...this.#try(pending));
    }
    return effects;
  }

  /** Gives up everything. */
  close(): void {
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    for (const each of pending) each.onDone(false);
  }

  #try({ destination, attempt, inner }: Pending): RouterEffect[] {
    return this.#pass({ destination, attempt, hopsLeft: maxHops, inner }, undefined);
  }

  /** To the destination if it is a neighbour, else along the route on the first attempt, else to everybody. */
  #pass(routed: Routed, from: NodeId | undefined): RouterEffect[] {
    const { destination, attempt } = routed;
    if (this.#links.has(destination)) return [{ kind: "pass", to: [destination], routed }];
    const route = attempt === 0 ? this.routes.get(destination) : undefined;
    if (route !== undefined && route !== from && this.#links.has(route)) return [{ kind: "pass", to: [route], routed }];
    const to = [...this.#links.keys()].filter((link) => link !== from);
    return to.length === 0 ? [] : [{ kind: "pass", to, routed }];
  }

  #timeoutMs(attempt: number): number {
    const known = this.#roundTripMs;
    const first = known === undefined ? this.#options.timeoutMs : Math.max(minTimeoutMs, known * roundTrips);
    return Math.min(maxTimeoutMs, first * 2 ** attempt);
  }

  /** Only first attempts tell a round trip: a receipt does not say which attempt it answers (Karn, 1987). */
  #measure(pending: Pending, nowMs: number): void {
    if (pending.attempt > 0) return;
    const roundTripMs = nowMs - pending.sentMs;
    this.#roundTripMs = this.#roundTripMs === undefined ? roundTripMs : this.#roundTripMs * 0.875 + roundTripMs * 0.125;
  }
}
