// The mesh: what one node broadcasts, every node gets, once. Holds the parts together and decides nothing by itself.
import {
  type Message as BaseMessage,
  checkAddresses,
  checkOptions,
  Emitter,
  type EventListener,
  type Handler,
  type ListenOptions,
  type MessageStream,
  type NamesOf,
  Node,
  type NodeOptions,
  nodeOptionNames,
  orAborted,
  type RequestOptions,
  takeOptions,
  Waiters,
} from "@p2p/base";
import { flags, type NodeId, type WireValue } from "@p2p/wire";
import type { CarriedSender, Carrier } from "./carrier.js";
import { MeshError } from "./errors.js";
import { type MeshEvents, meshEventNames } from "./mesh-events.js";
import { DirectMessage, type Message } from "./message.js";
import { type MeshOptions, meshOptionNames, resolveMeshLimits } from "./options.js";
import { type MeshCounters, Participant } from "./participant.js";
import { Readers } from "./readers.js";
import { type Validator, Validators } from "./validators.js";

export interface BroadcastOptions {
  /** What the message is about: picks validators, tells readers. Default: `message`. */
  readonly type?: string;
  /** Neighbours that it is not sent to; others may pass it on to them. Default: none. */
  readonly exclude?: readonly NodeId[];
}

const broadcastOptionNames: NamesOf<BroadcastOptions> = { type: true, exclude: true };

export interface DirectOptions {
  /** Picks the handler there. Default: `message`. */
  readonly type?: string;
  /** Gives up waiting; the message may arrive nonetheless. */
  readonly signal?: AbortSignal;
}

const readyOptionNames: NamesOf<ReadyOptions> = { peers: true, signal: true };

export interface ReadyOptions {
  /** Neighbours to wait for. Default: 1. */
  readonly peers?: number;
  /** Gives up. */
  readonly signal?: AbortSignal;
}

const defaultType = "message";

/** A broadcast network. Has a node, and gives it what a mesh adds. Chapter mesh.md. */
export class Mesh implements AsyncIterable<Message> {
  /** The node underneath: its id, addresses, connections and counters, and what base can do besides. */
  readonly node: Node;
  readonly #events: Emitter<MeshEvents> = new Emitter<MeshEvents>("of a mesh", meshEventNames);
  readonly #validators: Validators;
  readonly #participant: Participant;
  readonly #readers: Readers;
  readonly #joining = new Waiters();
  #isClosed = false;

  /** @throws TypeError, RangeError, BaseError `address-invalid` for options that cannot be */
  constructor(options: MeshOptions) {
    checkOptions("of a mesh", meshOptionNames, options);
    const limits = resolveMeshLimits(options.meshLimits);
    const { bootstrap = [], validators, compressAboveBytes = Number.POSITIVE_INFINITY } = options;
    this.node = new Node(takeOptions<NodeOptions>(nodeOptionNames, options));
    this.#validators = new Validators(validators);
    checkAddresses("bootstrap", bootstrap);
    this.#participant = new Participant(this.node, limits, bootstrap, this.#validators, compressAboveBytes, {
      peerConnected: (peer, connection) => {
        this.#joining.resolveAll();
        this.#events.emit("peerConnected", peer, connection);
      },
      peerDisconnected: (peer, reason) => this.#events.emit("peerDisconnected", peer, reason),
      message: (message) => this.#deliver(message),
      error: (error) => this.#events.emit("error", error),
    });
    const { receiveBufferBytes } = this.node.seams.limits;
    this.#readers = new Readers(limits.streamCapacity, receiveBufferBytes, this.#participant.backpressure);
    this.node.attach(this.#participant);
    this.node.on("message", (message) => this.#deliver(new DirectMessage(message)));
    this.node.on("error", (error) => this.#events.emit("error", error));
  }

  /** This node's id. */
  get id(): NodeId {
    return this.node.id;
  }

  /** Where it can be dialled. */
  get addresses(): readonly string[] {
    return this.node.addresses;
  }

  /** The neighbours, in the order of their coming. */
  get peers(): readonly NodeId[] {
    return [...this.#participant.links.keys()];
  }

  get counters(): MeshCounters {
    return this.#participant.counters;
  }

  /**
   * Listens on all addresses of the option `listen`, and begins to join by those of `bootstrap`; see {@link ready}.
   * @throws BaseError `listen-*`; then nothing is open. MeshError `closed` after close
   */
  async open(): Promise<void> {
    if (this.#isClosed) throw closedError();
    await this.node.open();
    this.#participant.start();
  }

  /** Resolves as soon as there are so many neighbours; waits until `open` too. @throws MeshError `closed` when closed; `signal.reason` */
  async ready(options: ReadyOptions = {}): Promise<void> {
    checkOptions("of ready", readyOptionNames, options);
    const { peers = 1, signal } = options;
    signal?.throwIfAborted();
    while (this.#participant.links.size < peers) {
      if (this.#isClosed) throw closedError();
      await this.#joining.wait(signal);
    }
  }

  /**
   * Sends a message to every node of the network. Costs no promise: for many messages.
   * @returns false when it is on its way but more should wait for {@link drained}
   * @throws MeshError `overflow` when that was not heeded, `message-too-large`, `closed`; WireError for data that cannot be encoded
   */
  broadcast(data: WireValue, options?: BroadcastOptions): boolean {
    if (!this.node.isOpen) throw closedError();
    if (options !== undefined) checkOptions("of a broadcast", broadcastOptionNames, options);
    const type = options?.type ?? defaultType;
    if (type !== defaultType) checkType(type);
    return this.#participant.own.send([flags.subtypes.broadcast, type, data], options?.exclude);
  }

  /**
   * Gives a protocol on top of this mesh broadcasts of a subtype of its own; before `open`. Nodes without the protocol
   * pass them on unjudged, so let peers need a feature for it: see `node.attach`.
   * @returns what broadcasts them
   * @throws RangeError when the subtype is taken, TypeError once the mesh is open
   */
  carry(subtype: number, carrier: Carrier): CarriedSender {
    if (this.node.isOpen) throw new TypeError("give a subtype to a protocol before the mesh is opened");
    this.#participant.flood.carry(subtype, carrier);
    return (...items) => {
      if (!this.node.isOpen) throw closedError();
      return this.#participant.own.send([subtype, ...items]);
    };
  }

  /** Resolves when broadcasts need not wait for neighbours. @throws MeshError `closed` when closed; `signal.reason` */
  drained(signal?: AbortSignal): Promise<void> {
    return this.#isClosed ? Promise.reject(closedError()) : this.#participant.backpressure.room(signal);
  }

  /**
   * Sends a message to one node. Resolves when a neighbour's connection has taken it, or when another node has
   * acknowledged it.
   * @throws MeshError `unreachable`, `too-many-routed`, `closed`; BaseError `connection-closed`, `message-too-large`;
   * WireError for data that cannot be encoded; `signal.reason`
   */
  send(to: NodeId, data: WireValue, options: DirectOptions = {}): Promise<void> {
    if (!this.node.isOpen) return Promise.reject(closedError());
    if (to === this.id) return Promise.reject(new RangeError("a message to this node itself"));
    return orAborted(this.node.send(to, data, options), options.signal);
  }

  /** Asks one node, neighbour or not, and waits for the answer of its handler. @throws as `node.request` and send */
  request(to: NodeId, data: WireValue, options: RequestOptions = {}): Promise<BaseMessage> {
    if (!this.node.isOpen) return Promise.reject(closedError());
    return this.node.request(to, data, options);
  }

  /** Binds a handler to a type of direct messages and requests, `*` being all that have none. @returns what unbinds it */
  handle(type: string, handler: Handler): () => void {
    return this.node.handle(type, handler);
  }

  /** Binds a validator to a type of broadcasts, `*` being all that have none. @returns what unbinds it */
  validate(type: string, validator: Validator): () => void {
    return this.#validators.set(type, validator);
  }

  /** Adds a listener. @returns what removes it */
  on<Name extends keyof MeshEvents>(
    event: Name,
    listener: EventListener<MeshEvents[Name]>,
    options?: ListenOptions,
  ): () => void {
    return this.#events.on(event, listener, options);
  }

  /** Adds a listener for the next time only. @returns what removes it */
  once<Name extends keyof MeshEvents>(
    event: Name,
    listener: EventListener<MeshEvents[Name]>,
    options?: ListenOptions,
  ): () => void {
    return this.#events.once(event, listener, options);
  }

  off<Name extends keyof MeshEvents>(event: Name, listener?: EventListener<MeshEvents[Name]>): void {
    this.#events.off(event, listener);
  }

  /** All messages from now on. While a reader is behind, this node does not read, so that the senders wait. */
  messages(options: { readonly signal?: AbortSignal } = {}): MessageStream<Message> {
    return this.#readers.open(options.signal);
  }

  [Symbol.asyncIterator](): MessageStream<Message> {
    return this.messages();
  }

  /** Leaves the network and frees everything. Harmless when repeated; resolves when no socket and no timer is left. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.node.close();
    this.#readers.close();
    this.#joining.rejectAll(closedError);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #deliver(message: Message): void {
    this.#events.emit("message", message);
    if (this.#readers.areThere) this.#readers.push(message);
  }
}

function checkType(type: string): void {
  if (typeof type !== "string") throw new TypeError("the type of a message is a string");
  if (type === "" || type.length > 255) throw new RangeError("the type of a message has 1 to 255 characters");
}

function closedError(): MeshError {
  return new MeshError("closed", "the mesh is not open; call open() first, or make a new one after close()");
}
