// A node's part in the mesh, as base's seam for networks wants it: takes what comes and hands it to the part concerned.
// [MESH-001] [MESH-045] [MESH-048] [MESH-052]
import { BaseError, type CloseReason, type Connection, type Node, type Protocol } from "@p2p/base";
import { type Body, closeCodes, type Frame, flags, type NodeId, type NodeIdCache } from "@p2p/wire";
import { Backpressure } from "./backpressure.js";
import { DirectMessages } from "./direct.js";
import { MeshError } from "./errors.js";
import { Flood, type FloodCounters } from "./flood.js";
import type { Link } from "./link.js";
import { Membership } from "./membership.js";
import type { Message } from "./message.js";
import type { MeshLimits } from "./options.js";
import { OwnBroadcasts } from "./own-broadcasts.js";
import { SeenCache } from "./seen.js";
import type { Validators } from "./validators.js";

/** The feature of nodes that take part in a mesh [MESH-001]. */
export const meshFeature = "mesh/1";

export interface ParticipantListener {
  peerConnected(peer: NodeId, connection: Connection): void;
  peerDisconnected(peer: NodeId, reason: CloseReason): void;
  message(message: Message): void;
  error(error: Error): void;
}

/** Figures of a mesh. */
export interface MeshCounters extends Readonly<FloodCounters> {
  /** Neighbours. */
  readonly peers: number;
  /** Nodes known besides them, to heal from. */
  readonly passive: number;
  /** Own direct messages whose receipt has not come. */
  readonly routedPending: number;
  /** Routed messages to this node that were none of an application. */
  readonly routedDropped: number;
}

const { mainTypes, subtypes } = flags;

export class Participant implements Protocol {
  readonly features: readonly string[] = [meshFeature];
  readonly subtypes: readonly number[] = [subtypes.peers, subtypes.routed, subtypes.receipt, subtypes.neighbour];
  readonly hasBroadcasts = true;
  readonly links: ReadonlyMap<NodeId, Link>;
  readonly backpressure: Backpressure;
  readonly membership: Membership;
  readonly direct: DirectMessages;
  readonly flood: Flood<Link>;
  readonly own: OwnBroadcasts;
  readonly #names: NodeIdCache;

  constructor(
    node: Node,
    limits: MeshLimits,
    bootstrap: readonly string[],
    validators: Validators,
    compressAboveBytes: number,
    listener: ParticipantListener,
  ) {
    const { clock, random, names, signing, limits: nodeLimits } = node.seams;
    this.#names = names;
    this.membership = new Membership(node, limits, bootstrap, {
      linkUp: (link, isReplacement) => {
        this.backpressure.added(link);
        if (!isReplacement) listener.peerConnected(link.id, link.connection);
      },
      linkDown: (link, reason, isReplaced) => {
        this.flood.unlearn();
        this.direct.linkDown(link);
        this.backpressure.removed(link);
        if (!isReplaced) listener.peerDisconnected(link.id, reason);
      },
      bootstrapFailed: (error) => listener.error(error),
    });
    this.links = this.membership.links;
    this.backpressure = new Backpressure({ clock, links: this.links, sendBufferBytes: nodeLimits.sendBufferBytes });
    const salt = new DataView(random.bytes(8).buffer);
    const seenOptions = {
      capacity: limits.seenCapacity,
      lifetimeMs: limits.seenLifetimeMs,
      salt: [salt.getUint32(0), salt.getUint32(4)] as const,
      memory: node.budget.account(),
    };
    const seen = new SeenCache(seenOptions, clock.monotonic());
    const onBlocked = (link: Link): void => this.backpressure.blocked(link);
    const rejected = (link: Link): void => {
      if (!link.blame.add(clock.monotonic())) return;
      void link.connection.close(closeCodes.rejected, "too many messages that this node rejects");
    };
    this.direct = new DirectMessages({ node, links: this.links, seen, limits, onBlocked, onRejected: rejected });
    this.flood = new Flood<Link>({
      self: node.idBytes,
      links: this.links,
      seen,
      validators,
      names,
      signing,
      monotonic: () => clock.monotonic(),
      sink: {
        deliver: (message) => listener.message(message),
        learned: (origin, link) => this.direct.learn(origin, link),
        blocked: onBlocked,
        rejected,
        failed: (error) => listener.error(error),
        waiting: (count, bytes) => {
          // Far enough apart that not every message stops and starts all reading.
          if (count >= limits.maxJudged || bytes >= limits.maxJudgedBytes) this.backpressure.pause(validators);
          else if (count <= limits.maxJudged / 2 && bytes <= limits.maxJudgedBytes / 2)
            this.backpressure.resume(validators);
        },
      },
    });
    const { flood, links, backpressure } = this;
    const failed = (error: Error): void => listener.error(error);
    this.own = new OwnBroadcasts({ node, links, flood, backpressure, compressAboveBytes, failed });
  }

  get counters(): MeshCounters {
    const routed = { routedPending: this.direct.pending, routedDropped: this.direct.dropped };
    return { ...this.flood.counters, peers: this.links.size, passive: this.membership.passiveSize, ...routed };
  }

  /** The node is open: joins. */
  start(): void {
    this.membership.start();
  }

  onConnected(connection: Connection): void {
    this.membership.connected(connection);
  }

  onDisconnected(connection: Connection, reason: CloseReason): void {
    this.membership.disconnected(connection, reason);
  }

  onDrained(connection: Connection): void {
    const link = this.links.get(connection.id);
    if (link?.connection === connection) this.backpressure.drained(link);
  }

  onBody(connection: Connection, body: Body, frame: Frame, rawBody: Uint8Array): void {
    const link = this.links.get(connection.id);
    if (link === undefined) return;
    try {
      if (body.type === mainTypes.broadcast) this.flood.receive(link, body, frame, rawBody);
      else this.#whisper(link, body);
    } catch (error) {
      if (!(error instanceof MeshError) || error.code !== "bad-message") throw error;
      // What base answers by closing with `protocol`.
      throw new BaseError("bad-message", error.message, { cause: error, peer: link.id });
    }
  }

  route(to: NodeId, body: Uint8Array): Promise<void> {
    return this.direct.send(to, body);
  }

  onClosing(): void {
    this.own.finish();
    this.membership.stop();
    this.flood.close();
    this.direct.close();
    this.backpressure.close(new MeshError("closed", "the mesh was closed"));
  }

  #whisper(link: Link, body: Body): void {
    switch (body.items[0]) {
      case subtypes.routed:
        this.direct.routed(link, body);
        return;
      case subtypes.receipt:
        this.direct.receipt(link, body);
        return;
      default:
        if (this.#names.toText(body.sender) !== link.id) {
          throw new MeshError("bad-message", "a message about peers in the name of another node");
        }
        if (body.items[0] === subtypes.peers) this.membership.peers(link, body.items);
        else this.membership.neighbour(link, body.items);
    }
  }
}
