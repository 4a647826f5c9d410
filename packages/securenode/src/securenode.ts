// The ready-made node: encrypted channels, sealed letters, who is there and how far. Holds the parts together and decides nothing by itself.
import {
  checkOptions,
  Emitter,
  type EventListener,
  type ListenOptions,
  type Message,
  type NamesOf,
  Node,
  type NodeOptions,
  nodeOptionNames,
  orAborted,
  TokenBuckets,
  takeOptions,
} from "@p2p/base";
import { closeCodes, type NodeId, type WireValue } from "@p2p/wire";
import { type NoiseOptions, type NoiseSecurity, noise, noiseOptionNames } from "./channel/noise.js";
import { SecureError } from "./errors.js";
import type { Identity } from "./identity/identity.js";
import { Answerer } from "./secure-node/answerer.js";
import { Asker, type AskOptions } from "./secure-node/asker.js";
import { type SecureNodeEvents, secureNodeEventNames } from "./secure-node/events.js";
import type { NetworkGraph } from "./secure-node/graph.js";
import { KeyBook } from "./secure-node/key-book.js";
import { identityOfKeyFile, type KeyFileOptions } from "./secure-node/key-file-identity.js";
import { LetterGuard } from "./secure-node/letter-guard.js";
import { letterType } from "./secure-node/letters.js";
import { resolveSecureNodeLimits } from "./secure-node/limits.js";
import { checkSecureNodeOptions, type NewNodeOptions, type SecureNodeOptions } from "./secure-node/options.js";
import { isForgery, Post } from "./secure-node/post.js";
import { questionType } from "./secure-node/questions.js";
import { defaultFreshnessMs } from "./signed/message-judge.js";
import { policyOf } from "./signed/message-signing.js";

export interface LetterOptions extends AskOptions {
  /** What it is about. Default: `message`. */
  readonly type?: string;
  /** Whether readers can prove to others who wrote it. Default: false; they are certain of it themselves. */
  readonly isSigned?: boolean;
}

const letterOptionNames: NamesOf<LetterOptions> = { type: true, isSigned: true, signal: true };

export interface DiscoverOptions extends AskOptions {
  /** How far to ask, up to the limit `maxHops`. Default: 3. */
  readonly hops?: number;
  /** Ms after which it ends with what is known then. Default: 30,000. */
  readonly timeoutMs?: number;
}

const discoverOptionNames: NamesOf<DiscoverOptions> = { hops: true, timeoutMs: true, signal: true };
const askOptionNames: NamesOf<AskOptions> = { signal: true };

/** A node with an identity. Has a base node, its own or that of a network. Section 5 of securenode-sealed.md. */
export class SecureNode {
  /** The node underneath: its connections, plain messages, requests and counters. */
  readonly node: Node;
  readonly identity: Identity;
  readonly #ownsNode: boolean;
  readonly #events: Emitter<SecureNodeEvents> = new Emitter<SecureNodeEvents>("of a secure node", secureNodeEventNames);
  readonly #keys: KeyBook;
  readonly #asker: Asker;
  readonly #post: Post;
  /** Only where senders are proven: else anybody could mute anybody. */
  readonly #guard: LetterGuard | undefined;
  readonly #letters: TokenBuckets;
  readonly #listening = new AbortController();

  /** @throws TypeError, RangeError, BaseError `address-invalid` for options that cannot be */
  constructor(options: SecureNodeOptions) {
    checkSecureNodeOptions(options);
    const { identity, network, tellsNeighbours = true, freshnessMs = defaultFreshnessMs } = options;
    const limits = resolveSecureNodeLimits(options.secureLimits);
    if (options.node !== undefined && options.node.id !== identity.id)
      throw new TypeError("the node has another identity; give both the same");
    const [node, security] = nodeOf(options);
    this.node = node;
    this.identity = identity;
    this.#ownsNode = options.node === undefined;
    const { random, times } = node.seams;
    this.#keys = new KeyBook(limits.maxKeys);
    this.#keys.learn(identity.publicKey);
    this.#asker = new Asker(node, this.#keys, limits);
    this.#post = new Post({ identity, network, random, freshnessMs, firstNumber: times.next() });
    this.#guard = policyOf(node.seams.signing) === "require" ? new LetterGuard() : undefined;
    this.#letters = new TokenBuckets(limits.lettersPerSecond, limits.letterBurst);
    const answerer = new Answerer(node, identity, limits, tellsNeighbours);
    const unbind = [
      node.handle(questionType, (message, context) => answerer.handle(message, context)),
      node.handle(letterType, (message) => this.#take(message)),
    ];
    const { signal } = this.#listening;
    signal.addEventListener("abort", () => unbind.map((each) => each()), { once: true });
    node.on("error", (error) => this.#events.emit("error", error), { signal });
    if (security !== undefined) this.#listenTo(security, signal);
  }

  /**
   * A node whose identity is in an encrypted file; where there is no file, a new identity is drawn and stored.
   * @throws SecureError `wrong-password`, `damaged-key-file`, `key-file-failed`, `key-file-unavailable`; as the constructor
   */
  static async fromKeyFile(keyFile: KeyFileOptions, options: Omit<NewNodeOptions, "identity">): Promise<SecureNode> {
    return new SecureNode({ ...options, identity: await identityOfKeyFile(keyFile) });
  }

  get id(): NodeId {
    return this.identity.id;
  }

  get addresses(): readonly string[] {
    return this.node.addresses;
  }

  /** Milliseconds to each neighbour and back, of those that have answered base's ping. */
  get latencies(): ReadonlyMap<NodeId, number> {
    const latencies = new Map<NodeId, number>();
    for (const { id, rttMs } of this.node.connections) if (rttMs !== undefined) latencies.set(id, rttMs);
    return latencies;
  }

  /** Opens its own node; that of a network is opened by the network. @throws as `node.open` */
  open(): Promise<void> {
    return this.node.open();
  }

  /**
   * Seals data for one reader or more, and sends it to each: to neighbours, or through the network on the node. Resolves when
   * it is on its way to all.
   * @throws as {@link keyOf} and `node.send`; RangeError for readers or a type that cannot be; WireError
   */
  async send(to: NodeId | readonly NodeId[], data: WireValue, options: LetterOptions = {}): Promise<void> {
    checkOptions("of a letter", letterOptionNames, options);
    const { type = "message", isSigned = false, signal } = options;
    const ids = typeof to === "string" ? [to] : [...new Set(to)];
    const keys = await Promise.all(ids.map((id) => this.#keyOf(id, options)));
    const letter = this.#post.write(keys, type, data, isSigned, this.node.seams.clock.now());
    const sent = ids.map((id) => this.node.send(id, letter, { type: letterType }));
    await orAborted(Promise.all(sent), signal);
  }

  /**
   * The public key of an id: known, or asked from the node; the id proves it.
   * @throws SecureError `answer-forged`; BaseError `not-connected`, `request-timeout`, `refused` and others; `signal.reason`
   */
  async keyOf(id: NodeId, options: AskOptions = {}): Promise<Uint8Array> {
    checkOptions("of keyOf", askOptionNames, options);
    return this.#keyOf(id, options);
  }

  /** Remembers a public key of 32 bytes, so that nobody has to be asked. @returns the id that it makes */
  learnKey(publicKey: Uint8Array): NodeId {
    return this.#keys.learn(publicKey);
  }

  /** Asks a node for a signed answer, over others if need be. @returns ms there and back. @throws as {@link keyOf} */
  async ping(id: NodeId, options: AskOptions = {}): Promise<number> {
    checkOptions("of a ping", askOptionNames, options);
    return (await this.#asker.ask(id, "key", options)).latencyMs;
  }

  /** Asks who is connected with whom, node by node. Nodes that do not answer are in the graph without neighbours. */
  async discover(options: DiscoverOptions = {}): Promise<NetworkGraph> {
    checkOptions("of discover", discoverOptionNames, options);
    const { hops = 3, timeoutMs = 30_000 } = options;
    return this.#asker.discover(hops, timeoutMs, options);
  }

  /** Adds a listener. @returns what removes it */
  on<Name extends keyof SecureNodeEvents>(
    event: Name,
    listener: EventListener<SecureNodeEvents[Name]>,
    options?: ListenOptions,
  ): () => void {
    return this.#events.on(event, listener, options);
  }

  /** Takes and answers no more, and closes its own node; that of a network stays open. Harmless when repeated. */
  async close(): Promise<void> {
    this.#listening.abort();
    this.#asker.close();
    if (this.#ownsNode) await this.node.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #keyOf(id: NodeId, options: AskOptions): Promise<Uint8Array> {
    return this.#keys.get(id) ?? (await this.#asker.ask(id, "key", options)).publicKey;
  }

  #take(message: Message): void {
    const { clock } = this.node.seams;
    const { from } = message;
    if (this.#guard?.isMuted(from, clock.monotonic()) === true) return;
    try {
      this.#countLetter(from, clock.monotonic());
      const letter = this.#post.take(message.data, from, clock.now());
      this.#events.emit("accepted", "letter", letter.from);
      this.#events.emit("letter", letter);
    } catch (error) {
      if (!(error instanceof SecureError)) throw error;
      this.#events.emit(isForgery(error) ? "forged" : "refused", "letter", error, error.peer ?? from);
      if (isForgery(error)) this.#blame(from);
    }
  }

  /** Of who is neither proven nor a neighbour the id is a claim: all of them have one bucket. @throws SecureError [SEC-239] */
  #countLetter(from: NodeId, nowMs: number): void {
    const sender = this.#guard === undefined && this.node.connectionTo(from) === undefined ? "" : from;
    if (this.#letters.take(sender, nowMs)) return;
    throw new SecureError("too-many-letters", `${from} sends more letters than are opened`, { peer: from });
  }

  /** Who forges letters again and again is not heard for a minute, and no neighbour any more [SEC-238]. */
  #blame(sender: NodeId): void {
    if (this.#guard?.count(sender, this.node.seams.clock.monotonic()) !== true) return;
    const text = `${sender} sends letters that do not verify; those of the next minute are not opened`;
    this.#events.emit("refused", "peer", new SecureError("peer-refused", text, { peer: sender }), sender);
    void this.node.connectionTo(sender)?.close(closeCodes.rejected, "too many forged letters");
  }

  #listenTo(security: NoiseSecurity, signal: AbortSignal): void {
    const events = this.#events;
    security.on("secured", (id) => events.emit("accepted", "peer", id), { signal });
    security.on("refused", (error, address) => events.emit("refused", "peer", error, address), { signal });
    security.on("forged", (error, id) => events.emit("forged", "peer", error, id), { signal });
    security.on("messageAccepted", (from) => events.emit("accepted", "message", from), { signal });
    security.on("messageRefused", (error, from) => events.emit("refused", "message", error, from), { signal });
    security.on("messageForged", (error, from) => events.emit("forged", "message", error, from), { signal });
    security.on("error", (error) => events.emit("error", error), { signal });
  }
}

function nodeOf(options: SecureNodeOptions): readonly [Node, NoiseSecurity | undefined] {
  const { messages = "require" } = options;
  if (options.node === undefined) {
    const security = noise({ ...takeOptions<NoiseOptions>(noiseOptionNames, options), messages });
    return [new Node({ ...takeOptions<NodeOptions>(nodeOptionNames, options), security }), security];
  }
  const found = policyOf(options.node.seams.signing);
  if (found === messages) return [options.node, options.security];
  throw new TypeError(
    `the network on the node was made with messages: "${found}", and the secure node is to have "${messages}"; give noise() and SecureNode the same`,
  );
}
