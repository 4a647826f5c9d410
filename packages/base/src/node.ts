// The node: opens, dials, sends, asks, tells and closes. Holds the parts together and decides nothing by itself.

import type { Body, NodeId, WireValue } from "@p2p/wire";
import { checkTarget, type DialNodeOptions, dialOptionNames, outgoing, type SendOptions } from "./call-options.js";
import type { Connection } from "./connection/connection.js";
import { Dialer } from "./dialling/dialer.js";
import { Hub } from "./dialling/hub.js";
import { Keeper } from "./dialling/keeper.js";
import { Listening } from "./dialling/listening.js";
import { BaseError } from "./errors.js";
import { checkOptions } from "./known-names.js";
import type { MemoryBudget } from "./limits/budget.js";
import type { Counters } from "./limits/counters.js";
import { encodeAppMessage, type ReceivedMessage } from "./messages/app-message.js";
import { Delivery } from "./messages/delivery.js";
import { type Handler, Handlers } from "./messages/handlers.js";
import { Inbox } from "./messages/inbox.js";
import type { Message } from "./messages/message.js";
import type { Protocol } from "./messages/protocol.js";
import { Protocols } from "./messages/protocols.js";
import { isExcluded, Sending } from "./messages/sending.js";
import { type NodeEvents, nodeEventNames } from "./node-events.js";
import { type NodeSeams, seamsOf } from "./node-seams.js";
import type { NodeTraceEvent } from "./node-trace.js";
import { type NodeOptions, type ResolvedNodeOptions, requestsFeature, resolveOptions } from "./options.js";
import { type RequestOptions, requestOptionNames } from "./requests/asking.js";
import { type RequestCounters, Requests } from "./requests/requests.js";
import type { Trace } from "./runtime/diagnostics.js";
import { Emitter, type EventListener, type ListenOptions } from "./runtime/events.js";
import type { MessageStream } from "./runtime/message-stream.js";
import { type CloseReason, ourReason } from "./session/close-reason.js";
import { ownVersion } from "./session/handshake.js";

type State = "new" | "opening" | "open" | "closing" | "closed";

/** A node of a network: connections with other nodes, and messages over them. Chapter base.md. */
export class Node {
  readonly #options: ResolvedNodeOptions;
  readonly #events: Emitter<NodeEvents> = new Emitter<NodeEvents>("of a node", nodeEventNames);
  readonly #handlers = new Handlers();
  readonly #protocols = new Protocols();
  readonly #closing = new AbortController();
  readonly #hub: Hub;
  readonly #dialer: Dialer;
  readonly #keeper: Keeper;
  readonly #listening: Listening;
  readonly #inbox: Inbox;
  readonly #requests: Requests;
  readonly #sending: Sending;
  readonly #delivery: Delivery;
  #state: State = "new";
  #opened: Promise<void> | undefined;
  #closed: Promise<void> | undefined;

  /** @throws TypeError, RangeError, BaseError `address-invalid` for options that cannot be */
  constructor(options: NodeOptions) {
    const resolved = resolveOptions(options);
    const { clock, random, limits, reconnect } = resolved;
    const onError = (error: unknown): void => this.#report(error);
    this.#options = resolved;
    this.#hub = new Hub(resolved, {
      handshake: () => this.#handshake(),
      connected: (link) => this.#connected(link),
      restarted: (id) => this.#requests.peerLost(id),
      disconnected: (link, reason) => this.#disconnected(link, reason),
      failed: (link, reason) => this.#dialer.failed(link, reason),
      deliver: (link, body, frame, rawBody) => this.#delivery.receive(link, body, frame, rawBody),
      drained: (link) => this.#protocols.drained(link),
      isInUse: (link) => this.#requests.isOpenWith(link.id),
      report: onError,
    });
    this.#dialer = new Dialer(resolved, this.#hub);
    this.#keeper = new Keeper({
      clock,
      random,
      backoff: { ...reconnect, stableMs: limits.reconnectStableMs, maxAttempts: limits.maxReconnectAttempts },
      dial: (address, signal) => this.#dialer.dial(address, { signal }),
      isConnected: (id) => this.#hub.connectionTo(id) !== undefined,
      onError,
      onGivenUp: (address, error) => this.#events.emit("reconnectFailed", address, error),
    });
    this.#listening = new Listening(resolved, this.#hub, this.#dialer, onError);
    this.#inbox = new Inbox(this.#hub.budget.account(), limits.receiveBufferBytes);
    this.#sending = new Sending(this.#hub, this.#dialer, this.#protocols, this.#closing.signal);
    const transport = {
      id: resolved.id,
      isConnected: (to: NodeId) => this.#hub.connectionTo(to) !== undefined,
      takesRequests: (to: NodeId) => this.#hub.connectionTo(to)?.features.includes(requestsFeature) ?? true,
      addressesOf: (peer: NodeId) => this.#hub.connectionTo(peer)?.addresses ?? [],
      send: (to: NodeId, items: readonly WireValue[]) => this.#sending.toNode(to, items),
      sendTo: (to: NodeId, addresses: readonly string[], items: readonly WireValue[]) =>
        this.#sending.toNodeAt(to, addresses, items),
    };
    this.#requests = new Requests(
      { transport, clock, random, budget: this.#hub.budget, handlers: this.#handlers, onError },
      resolved.requestLimits,
    );
    this.#delivery = new Delivery({
      id: resolved.id,
      names: this.#hub.names,
      signing: resolved.signing,
      handlers: this.#handlers,
      protocols: this.#protocols,
      requests: this.#requests,
      inbox: this.#inbox,
      closing: this.#closing.signal,
      hasListeners: () => this.#events.has("message"),
      onMessage: (message) => this.#events.emit("message", message),
      onError,
      reply: (to, data, type) => this.#sending.toNode(to, encodeAppMessage(data, type)),
    });
    const { onEvent } = options;
    if (onEvent === undefined) return;
    // The keys are the names of the events.
    for (const event of Object.keys(nodeEventNames) as (keyof NodeEvents)[]) {
      this.#events.on(event, (...args) => onEvent(event, ...args));
    }
  }

  /** This node's id as text. */
  get id(): NodeId {
    return this.#options.id;
  }

  /** This node's id as 48 bytes; not to be changed. */
  get idBytes(): Uint8Array {
    return this.#options.idBytes;
  }

  /** Where it can be dialled: what it tells its peers. */
  get addresses(): readonly string[] {
    return this.#options.advertise ?? this.#listening.addresses;
  }

  /** The open connections, one for each node. */
  get connections(): readonly Connection[] {
    return [...this.#hub.connections];
  }

  get isOpen(): boolean {
    return this.#state === "open";
  }

  /** The one memory budget of the node; whoever caches for it reserves there. */
  get budget(): MemoryBudget {
    return this.#hub.budget;
  }

  /** Messages, bytes and errors of all connections there are and were. */
  get counters(): Counters {
    return this.#hub.ledger.total();
  }

  /** The same by peer. */
  get countersByPeer(): ReadonlyMap<NodeId, Counters> {
    return this.#hub.ledger.byPeer();
  }

  /** The hook for tracing: subscribe to see dials, session events and frames. Costs one property read when unused. */
  get trace(): Trace<NodeTraceEvent> {
    return this.#hub.trace;
  }

  get requestCounters(): RequestCounters {
    return this.#requests.counters;
  }

  /** What networks on top of this node are built with. */
  get seams(): NodeSeams {
    return seamsOf(this.#options, this.#hub);
  }

  /** Listens on all addresses of the option `listen`. @throws BaseError `listen-*`, `closed`; then nothing is open */
  open(): Promise<void> {
    if (this.#closed !== undefined) return Promise.reject(closedError());
    this.#opened ??= this.#open();
    return this.#opened;
  }

  /**
   * Connects to a node. An open connection to the same address is returned as it is.
   * @throws BaseError, see "Errors" in the README; `signal.reason`
   */
  async dial(address: string, options: DialNodeOptions = {}): Promise<Connection> {
    this.#mustBeOpen();
    checkOptions("of a dial", dialOptionNames, options);
    const { keep = false, signal } = options;
    if (keep) return this.#keeper.keep(address, signal);
    return this.#dialer.dial(address, { signal });
  }

  /** Ends the keeping of an address; its connection stays as it is. @returns whether it was kept */
  forget(address: string): boolean {
    return this.#keeper.forget(address);
  }

  /** The connection to a node, if there is one. */
  connectionTo(id: NodeId): Connection | undefined {
    return this.#hub.connectionTo(id);
  }

  /**
   * Sends a message to a connection, to a node by its id (through the network when it is no neighbour), or to an
   * address (by a temporary connection when there is none). Resolves when it is queued and there is room for more.
   * @throws BaseError `not-connected`, `connection-closed`, `message-too-large`, of a dial; WireError; `signal.reason`
   */
  async send(target: Connection | NodeId | string, data: WireValue, options: SendOptions = {}): Promise<void> {
    this.#mustBeOpen();
    checkTarget(target);
    const { items, exclude, signal } = outgoing(data, options);
    if (typeof target === "string" && !isAddress(target)) {
      const id = target as NodeId;
      if (!isExcluded(id, exclude)) await this.#sending.toNodeInTurn(id, items, signal);
      return;
    }
    const connection =
      typeof target === "string" ? await this.#dialer.dial(target, { isTemporary: true, signal }) : target;
    if (!isExcluded(connection.id, exclude)) await this.#sending.inTurn(connection, items, signal);
  }

  /**
   * Sends a message to every neighbour but the excluded ones. Resolves when it is queued for all and there is room for
   * more; neighbours that go away meanwhile do not matter. @returns to how many
   */
  async sendAll(data: WireValue, options: SendOptions = {}): Promise<number> {
    this.#mustBeOpen();
    const { items, exclude, signal } = outgoing(data, options);
    return this.#sending.toAll(items, exclude, signal);
  }

  /**
   * Asks a node (by its id, a connection to it or its address) and waits for the answer, from it or from the node that
   * it forwards the request to.
   * @throws BaseError `refused`, `request-timeout`, `connection-lost`, `too-many-requests`, `bad-redirect`, and as send
   */
  async request(target: Connection | NodeId | string, data: WireValue, options: RequestOptions = {}): Promise<Message> {
    this.#mustBeOpen();
    checkTarget(target);
    checkOptions("of a request", requestOptionNames, options);
    if (typeof target !== "string") return this.#requests.request(target.id, data, options);
    if (!isAddress(target)) return this.#requests.request(target as NodeId, data, options);
    const dialled = await this.#dialer.dial(target, { isTemporary: true, signal: options.signal });
    return this.#requests.request(dialled.id, data, options);
  }

  /** Binds a handler to a type of messages and requests, `*` being all that have none. @returns what unbinds it */
  handle(type: string, handler: Handler): () => void {
    return this.#handlers.set(type, handler);
  }

  /** Adds a listener. @returns what removes it */
  on<Name extends keyof NodeEvents>(
    event: Name,
    listener: EventListener<NodeEvents[Name]>,
    options?: ListenOptions,
  ): () => void {
    return this.#events.on(event, listener, options);
  }

  /** Adds a listener for the next time only. @returns what removes it */
  once<Name extends keyof NodeEvents>(
    event: Name,
    listener: EventListener<NodeEvents[Name]>,
    options?: ListenOptions,
  ): () => void {
    return this.#events.once(event, listener, options);
  }

  off<Name extends keyof NodeEvents>(event: Name, listener?: EventListener<NodeEvents[Name]>): void {
    this.#events.off(event, listener);
  }

  /** The messages to this node from now on. A reader that is slow makes the senders wait. */
  messages(options: { readonly signal?: AbortSignal } = {}): MessageStream<ReceivedMessage> {
    const stream = this.#inbox.read(options.signal);
    if (this.#closing.signal.aborted) stream.end();
    return stream;
  }

  /** Puts a network on top. Before the node is opened, as peers are told of it in the handshake. */
  attach(protocol: Protocol): void {
    if (this.#state !== "new") throw new TypeError("attach a protocol before the node is opened");
    this.#protocols.add(protocol);
    this.#hub.forgetGreeting();
  }

  /** Whether a routed whisper can be kept: false while a reader of {@link messages} is behind. Its origin tries again. */
  get hasRoom(): boolean {
    return !this.#inbox.isFull;
  }

  /**
   * Takes a whisper that a network has routed here; its sender is the body's.
   * @param isJudged whether the network has asked `seams.signing` about it; otherwise it is asked here
   * @throws BaseError `bad-message`, WireError for a body that is none of an application, or whose signature does not hold
   */
  deliver(body: Body, rawBody: Uint8Array, isJudged = false): void {
    this.#delivery.receiveRouted(body, rawBody, isJudged);
  }

  /**
   * Closes: tells listeners and networks, sends what is queued, tells peers, and frees everything. Harmless when
   * repeated; resolves when no socket and no timer is left.
   */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #open(): Promise<void> {
    if (this.#state !== "new") throw closedError();
    this.#state = "opening";
    await this.#options.signing?.open();
    this.#mustBeOpening();
    await this.#listening.open();
    // The addresses are known now.
    this.#hub.forgetGreeting();
    this.#mustBeOpening();
    this.#state = "open";
  }

  async #close(): Promise<void> {
    const wasOpen = this.#state === "open";
    this.#state = "closing";
    const error = closedError();
    if (wasOpen) this.#events.emit("closing");
    this.#keeper.close(error);
    this.#dialer.close(error);
    await this.#protocols.closing(this.#options.clock, this.#options.limits.closeTimeoutMs, (cause) =>
      this.#report(cause),
    );
    await this.#listening.close();
    // Were it opening, then a listener would be left until it finds out.
    await this.#opened?.catch(() => undefined);
    this.#closing.abort(error);
    this.#requests.close(error);
    await this.#hub.closeAll(ourReason("normal", "the node closes"));
    await this.#options.signing?.close();
    this.#inbox.close();
    this.#handlers.clear();
    this.#state = "closed";
  }

  /** Somebody may have closed the node meanwhile. */
  #mustBeOpening(): void {
    if (this.#state !== "opening") throw closedError();
  }

  #mustBeOpen(): void {
    if (this.#state !== "open") throw closedError();
  }

  #handshake(): ReturnType<ConstructorParameters<typeof Hub>[1]["handshake"]> {
    const { network, codecs, features, needs, boot, limits } = this.#options;
    const { features: attached } = this.#protocols;
    return {
      version: ownVersion,
      network,
      addresses: this.addresses,
      codecs,
      features: [...features, ...attached],
      needs: [...needs, ...attached],
      boot,
      maxFrameBytes: limits.maxFrameBytes,
    };
  }

  #connected(link: Connection & Parameters<Dialer["opened"]>[0]): void {
    this.#protocols.connected(link, (error) => this.#report(error));
    this.#dialer.opened(link);
    this.#keeper.connected(link);
    this.#events.emit(link.direction === "inbound" ? "inboundConnected" : "outboundConnected", link);
  }

  #disconnected(link: Connection, reason: CloseReason): void {
    this.#inbox.left(link);
    this.#protocols.disconnected(link, reason, (error) => this.#report(error));
    if (this.#hub.connectionTo(link.id) === undefined) this.#requests.peerLost(link.id);
    this.#keeper.left(link, reason);
    this.#events.emit(link.direction === "inbound" ? "inboundDisconnected" : "outboundDisconnected", link, reason);
  }

  #report(error: unknown): void {
    this.#events.emit("error", error instanceof Error ? error : new Error(String(error)));
  }
}

/** Anything else is an id: ids are base58, without a colon. */
function isAddress(target: string): boolean {
  return target.includes(":");
}

function closedError(): BaseError {
  return new BaseError("closed", "the node is not open; call open() first, or make a new one after close()");
}
