// The links of a mesh: performs what the views decide, with the connections and dials of the node. [MESH-020 to MESH-046]
import {
  BaseError,
  type CloseReason,
  type Connection,
  hopelessDials,
  isDialable,
  type Node,
  type TimerHandle,
} from "@p2p/base";
import { closeCodes, type NodeId, type WireValue } from "@p2p/wire";
import { Link } from "./link.js";
import { decodeNeighbour, decodePeers, encodeNeighbour, encodePeers, maxEntryAddresses } from "./messages.js";
import type { MeshLimits } from "./options.js";
import type { DialOutcome, DialTarget, LinkEnd, ViewEffect, ViewEvent } from "./view-events.js";
import { Views } from "./views.js";

export interface MembershipListener {
  linkUp(link: Link, isReplacement: boolean): void;
  linkDown(link: Link, reason: CloseReason, isReplaced: boolean): void;
  /** A node without links could not dial a bootstrap address; it tries again. */
  bootstrapFailed(error: BaseError): void;
}

const tickMs = 1_000;

/** How a link that is over counts: `full` and `gone` nodes are dialled again some time, the others are not. */
const causes: Readonly<Partial<Record<CloseReason["name"], LinkEnd>>> = {
  normal: "left",
  viewFull: "full",
  busy: "full",
  rate: "refused",
  rejected: "refused",
  refused: "refused",
  protocol: "refused",
  badFrame: "refused",
  tooLarge: "refused",
};

export class Membership {
  readonly #node: Node;
  readonly #listener: MembershipListener;
  readonly #views: Views;
  readonly #maxRejected: number;
  readonly #links = new Map<NodeId, Link>();
  readonly #schemes: readonly string[];
  readonly #closing = new AbortController();
  readonly #effects: ViewEffect[] = [];
  #isPerforming = false;
  #isRunning = false;
  #timer: TimerHandle | undefined;

  constructor(node: Node, limits: MeshLimits, bootstrap: readonly string[], listener: MembershipListener) {
    const { random, transports } = node.seams;
    const { activeMin, activeTarget, activeMax, passiveSize } = limits;
    this.#node = node;
    this.#listener = listener;
    this.#maxRejected = limits.maxRejected;
    this.#schemes = [...transports.keys()];
    this.#views = new Views({
      self: node.id,
      activeMin,
      activeTarget,
      activeMax,
      passiveSize,
      bootstrap,
      random: () => random.float(),
    });
  }

  get links(): ReadonlyMap<NodeId, Link> {
    return this.#links;
  }

  /** Nodes known besides the neighbours. */
  get passiveSize(): number {
    return this.#views.passive.size;
  }

  /** The node is open: begins to join. Harmless when repeated, or too late. */
  start(): void {
    if (this.#isRunning || this.#closing.signal.aborted) return;
    this.#isRunning = true;
    this.#tick();
  }

  /** Dials no more. */
  stop(): void {
    this.#isRunning = false;
    this.#closing.abort();
    if (this.#timer !== undefined) this.#node.seams.clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  connected(connection: Connection): void {
    const link = new Link(connection, this.#maxRejected);
    const old = this.#links.get(link.id);
    if (old !== undefined) this.#listener.linkDown(old, replaced, true);
    const addresses = connection.addresses
      .filter((address) => isDialable(address, this.#schemes, link.isLocal))
      .slice(0, maxEntryAddresses);
    // Deleted first, so that the map is in the order of coming.
    this.#links.delete(link.id);
    this.#links.set(link.id, link);
    this.#step({ kind: "linkUp", id: link.id, outbound: connection.direction === "outbound", addresses });
    this.#listener.linkUp(link, old !== undefined);
  }

  disconnected(connection: Connection, reason: CloseReason): void {
    const link = this.#links.get(connection.id);
    if (link === undefined || link.connection !== connection) return;
    this.#links.delete(link.id);
    this.#listener.linkDown(link, reason, false);
    this.#step({ kind: "linkDown", id: link.id, cause: causes[reason.name] ?? "gone" });
  }

  /** @throws MeshError `bad-message` */
  peers(link: Link, items: readonly WireValue[]): void {
    const isGood = (address: string): boolean => isDialable(address, this.#schemes, link.isLocal);
    // Mostly all are good: a filtered list would keep room for more, and is kept for long.
    const entries = decodePeers(items).map((entry) =>
      entry.addresses.every(isGood) ? entry : { id: entry.id, addresses: entry.addresses.filter(isGood) },
    );
    this.#step({ kind: "peers", from: link.id, entries });
  }

  /** @throws MeshError `bad-message` */
  neighbour(link: Link, items: readonly WireValue[]): void {
    const { links, wantsPeers } = decodeNeighbour(items);
    this.#step({ kind: "neighbour", from: link.id, links, wantsPeers });
  }

  #tick(): void {
    if (!this.#isRunning) return;
    this.#timer = this.#node.seams.clock.setTimeout(() => this.#tick(), tickMs);
    this.#step({ kind: "tick" });
  }

  #step(event: ViewEvent): void {
    this.#effects.push(...this.#views.step(event, this.#node.seams.clock.monotonic()));
    // Closing a connection is an event again: its effects come after those at hand.
    if (this.#isPerforming) return;
    this.#isPerforming = true;
    for (let effect = this.#effects.shift(); effect !== undefined; effect = this.#effects.shift())
      this.#perform(effect);
    this.#isPerforming = false;
  }

  #perform(effect: ViewEffect): void {
    switch (effect.kind) {
      case "dial":
        if (this.#isRunning) void this.#dial(effect.target);
        return;
      case "sendNeighbour":
        this.#send(effect.to, encodeNeighbour(effect));
        return;
      case "sendPeers":
        this.#send(effect.to, encodePeers(effect.entries));
        return;
      case "close":
        if (effect.cause === "rate")
          this.#close(effect.id, closeCodes.rate, "too many messages about neighbours or peers");
        else this.#close(effect.id, closeCodes.viewFull, "enough links; see the peers message for others");
        return;
      default:
        effect satisfies never;
    }
  }

  #send(to: NodeId, items: readonly WireValue[]): void {
    try {
      this.#links.get(to)?.connection.sendWhisper(items);
    } catch (error) {
      // A peer whose message limit is tiny does not hear of others; that is its own choice.
      if (!(error instanceof BaseError) || error.code !== "message-too-large") throw error;
    }
  }

  #close(id: NodeId, code: number, text: string): void {
    void this.#links.get(id)?.connection.close(code, text);
  }

  async #dial(target: DialTarget): Promise<void> {
    let outcome: DialOutcome = { kind: "failed" };
    const addresses =
      target.kind === "node" ? target.addresses.map((each) => `${each}#${target.id}`) : [target.address];
    for (const address of addresses) {
      outcome = await this.#dialAddress(address, target.kind === "bootstrap");
      if (outcome.kind === "connected") break;
    }
    this.#step({ kind: "dialled", target, outcome });
  }

  async #dialAddress(address: string, isBootstrap: boolean): Promise<DialOutcome> {
    try {
      const connection = await this.#node.dial(address, { signal: this.#closing.signal });
      return { kind: "connected", id: connection.id };
    } catch (error) {
      if (!(error instanceof BaseError)) return { kind: "failed" };
      // A node that has links does without; one that is alone waits for somebody to mend it.
      const isAlone = this.#isRunning && this.#links.size === 0;
      if (isBootstrap && isAlone && !isUsual(error)) this.#listener.bootstrapFailed(error);
      return { kind: hopelessDials.has(error.code) ? "unfit" : "failed" };
    }
  }
}

/** Whether a healthy network has such failures: a seed that many join at once, a list of seeds with the node itself in it. */
function isUsual({ code, reason }: BaseError): boolean {
  return code === "self-dial" || (reason !== undefined && causes[reason.name] === "full");
}

const replaced: CloseReason = {
  code: closeCodes.duplicate,
  name: "duplicate",
  text: "another connection between the two nodes stays",
  byUs: true,
};
