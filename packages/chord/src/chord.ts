// The chord: a node's part in a ring in which any node is found by its position. Holds the parts together.
import {
  type Message as BaseMessage,
  checkAddresses,
  checkOptions,
  Emitter,
  type EventListener,
  type Handler,
  type ListenOptions,
  Node,
  type OwnedRecord,
  orAborted,
  ownedKey,
  type RequestOptions,
  Waiters,
} from "@p2p/base";
import { closeCodes, type NodeId, type WireValue } from "@p2p/wire";
import { checkWait, type DirectOptions, type WaitOptions } from "./call-options.js";
import { type ChordEvents, chordEventNames } from "./chord-events.js";
import type { DeltaOptions } from "./dictionary/delta.js";
import { Dictionary, type Swapped } from "./dictionary/dictionary.js";
import type { Held } from "./dictionary/operations.js";
import type { OperationOptions } from "./dictionary/retry.js";
import type { Key, ValueMap } from "./dictionary/value.js";
import { ChordError } from "./errors.js";
import { type ChordOptions, chordOptionNames, nodeOptions, resolveChordLimits } from "./options.js";
import { Participant } from "./participant.js";
import { positionBytes } from "./ring/arc.js";
import type { SizeEstimate } from "./ring/density.js";
import type { Role } from "./ring/ring-events.js";
import { RingService } from "./ring-service.js";

/** Who owns a position, and who comes after. */
export interface Owner {
  readonly id: NodeId;
  /** Members after it, nearest first, up to 8. */
  readonly successors: readonly NodeId[];
  /** Nodes that the lookup passed, the owner included; 0 when this node knew. */
  readonly hops: number;
}

/** A lookup to look at. */
export interface Trace {
  readonly owner: NodeId;
  /** The nodes that it passed, the owner last. */
  readonly hops: readonly NodeId[];
  readonly tookMs: number;
}

/** A ring of nodes. Has a node, and gives it what a chord adds. Chapter chord.md. */
export class Chord {
  /** The node underneath: its id, addresses, connections and counters, and what base can do besides. */
  readonly node: Node;
  readonly #events: Emitter<ChordEvents> = new Emitter<ChordEvents>("of a chord", chordEventNames);
  readonly #participant: Participant;
  readonly #ring: RingService;
  readonly #dictionary: Dictionary;
  readonly #settled = new Waiters();
  readonly #bootstrap: readonly string[];
  #serves: boolean;
  #isClosed = false;

  /**
   * @throws TypeError, RangeError, BaseError `address-invalid`, ChordError `store-mismatch` for options that cannot be; the store
   * is not taken then: give it to another chord, or close it
   */
  constructor(options: ChordOptions) {
    checkOptions("of a chord", chordOptionNames, options);
    const limits = resolveChordLimits(options.chordLimits);
    this.#bootstrap = options.bootstrap ?? [];
    checkAddresses("bootstrap", this.#bootstrap);
    this.#serves = options.serve ?? true;
    const { store } = options;
    this.node = new Node(nodeOptions(options));
    this.#participant = new Participant(this.node, limits, this.#bootstrap, {
      role: (role) => this.#events.emit("role", role),
      changed: () => {
        this.#settled.resolveAll();
        this.#ring.changed();
        const { predecessor, successors } = this.#participant.ring.neighbours;
        this.#events.emit(
          "neighbours",
          predecessor?.id,
          successors.map(({ id }) => id),
        );
      },
      question: (from, question, answer) => this.#ring.question(from, question, answer),
      leaving: async () => {
        await this.#dictionary.handOver();
      },
      error: (error) => this.#events.emit("error", error),
    });
    const { clock, random, proofs, network } = this.node.seams;
    this.#ring = new RingService(this.#participant, () => clock.monotonic());
    this.#dictionary = new Dictionary({
      ring: this.#ring,
      clock,
      random,
      options,
      account: this.node.budget.account(),
      ...(store === undefined ? {} : { store }),
      ...(proofs === undefined ? {} : { proofs: { by: proofs, networkId: network } }),
      forged: (by, key) => this.#forged(by, key),
      changed: (kind, key) => {
        if (this.#events.has(kind)) this.#events.emit(kind, key);
      },
    });
    this.node.attach(this.#participant);
    this.node.on("error", (error) => this.#events.emit("error", error));
    // Last: the store of a chord that could not be made is free for another one.
    store?.bind(this.node.id, (error) => this.#events.emit("error", error));
  }

  /** This node's id, which is its position on the circle. */
  get id(): NodeId {
    return this.node.id;
  }

  /** Where it can be dialled. */
  get addresses(): readonly string[] {
    return this.node.addresses;
  }

  /** `seeking` until it has a place, then `member`, or `client` without the option `serve`. */
  get role(): Role {
    return this.#participant.ring.role;
  }

  /** The member before this one on the circle; undefined while none is known. */
  get predecessor(): NodeId | undefined {
    return this.#participant.ring.neighbours.predecessor?.id;
  }

  /** The members after this one, nearest first. */
  get successors(): readonly NodeId[] {
    return this.#participant.ring.neighbours.successors.map(({ id }) => id);
  }

  /** How many members the ring has; exact (`error` 0) in small ones, else estimated from how close they stand. */
  get networkSize(): SizeEstimate {
    return this.#participant.ring.size;
  }

  /**
   * Listens on all addresses of the option `listen`, and begins to join by those of `bootstrap`; see {@link ready}.
   * @throws BaseError `listen-*`; then nothing is open. ChordError `closed` after close
   */
  async open(): Promise<void> {
    if (this.#isClosed) throw closedError();
    await this.#dictionary.open();
    await this.node.open();
    this.#participant.start(this.#serves, this.#bootstrap.length === 0);
  }

  /**
   * Resolves as soon as the node has its place, and the member after it knows; waits until `open` too.
   * @throws ChordError `closed` when closed; `signal.reason`
   */
  async ready(options: WaitOptions = {}): Promise<void> {
    checkWait("ready", options);
    options.signal?.throwIfAborted();
    const { ring } = this.#participant;
    while (!ring.isSettled || this.role !== (this.#serves ? "member" : "client")) {
      if (this.#isClosed) throw closedError();
      await this.#settled.wait(options.signal);
    }
  }

  /**
   * Becomes a member, or a client that stands in nobody's list; resolves when it is.
   * @throws ChordError `closed`; `signal.reason`, which leaves the change under way
   */
  async serve(serves: boolean, options: WaitOptions = {}): Promise<void> {
    if (typeof serves !== "boolean") throw new TypeError("whether to serve is true or false");
    checkWait("serve", options);
    if (!this.node.isOpen) throw closedError();
    this.#serves = serves;
    // Who is to find it elsewhere must find it there.
    if (!serves && this.role === "member") await orAborted(this.#dictionary.handOver(), options.signal);
    this.#participant.driver.step({ kind: "serve", serves });
    await this.ready(options);
  }

  /**
   * The newest value that a majority of the key's positions holds; undefined: none.
   * @throws ChordError `no-majority`, `too-large`, `closed`; `signal.reason`. Section 5 of spec/chord-dictionary.md
   */
  get(key: Key, options?: OperationOptions): Promise<WireValue | undefined> {
    return this.#dictionary.get(key, options);
  }

  /** Whether the key has a value. @throws as {@link get} */
  has(key: Key, options?: OperationOptions): Promise<boolean> {
    return this.#dictionary.has(key, options);
  }

  /**
   * Sets the value: the last writer wins. Resolves when a majority of the five positions holds it, with how many do.
   * @throws ChordError `no-majority`, `refused`, `too-large`, `closed`; WireError; `signal.reason`. Section 5
   */
  set(key: Key, value: WireValue, options?: OperationOptions): Promise<Held> {
    return this.#dictionary.set(key, value, options);
  }

  /** Deletes the key. @throws as {@link set} */
  delete(key: Key, options?: OperationOptions): Promise<Held> {
    return this.#dictionary.delete(key, options);
  }

  /**
   * Sets the value if it is the expected one; undefined stands for no value, on both sides. Atomic.
   * @throws ChordError `no-majority`, `contended`, `outcome-unknown`, `too-large`, `closed`; `signal.reason`. Section 6
   */
  compareAndSet(
    key: Key,
    expected: WireValue | undefined,
    value: WireValue | undefined,
    options?: OperationOptions,
  ): Promise<Swapped> {
    return this.#dictionary.compareAndSet(key, expected, value, options);
  }

  /**
   * Changes the value by a function of what it is, undefined being no value, and resolves with the new one. Atomic. The
   * function may be called several times.
   * @throws what the function throws, and as {@link compareAndSet}
   */
  update(
    key: Key,
    change: (value: WireValue | undefined) => WireValue | undefined,
    options?: OperationOptions,
  ): Promise<WireValue | undefined> {
    return this.#dictionary.update(key, change, options);
  }

  /** Sets and removes fields of a map, and resolves with it. Atomic. @throws ChordError `not-a-map`, and as {@link compareAndSet} */
  applyDelta(key: Key, fields: ValueMap, options?: DeltaOptions): Promise<ValueMap> {
    return this.#dictionary.applyDelta(key, fields, options);
  }

  /** Deletes the key and resolves with what it had: of several who do so, with one. Atomic. @throws as {@link compareAndSet} */
  pop(key: Key, options?: OperationOptions): Promise<WireValue | undefined> {
    return this.#dictionary.pop(key, options);
  }

  /**
   * A key that this node alone can write, for good, and of which everybody can check that it did.
   * @param name at least one character @param owner whose key. Default: this node
   * @throws ChordError `no-identity` where the network proves no ids; RangeError. Section 12 of spec/chord-dictionary.md
   */
  owned(name: string, owner: NodeId = this.id): string {
    if (this.#dictionary.hasOwnedKeys) return ownedKey(owner, name);
    throw new ChordError("no-identity", "without an option `security` that proves ids, no key can be owned");
  }

  /**
   * What the owner of a key wrote last, with what proves it to everybody, in the network or not, by `verifyOwned` of
   * `@p2p/securenode`; without value if the key was removed.
   * @returns undefined for a key that was never written, and for one that is not owned
   * @throws as {@link get}
   */
  proof(key: Key, options?: OperationOptions): Promise<OwnedRecord | undefined> {
    return this.#dictionary.proof(key, options);
  }

  /** All keys of the ring, asked for page by page. @throws ChordError `no-majority`, `closed`; `signal.reason`. Section 8 */
  keys(options?: WaitOptions): AsyncGenerator<Key, void, undefined> {
    checkWait("keys", options);
    return this.#dictionary.keys(options);
  }

  /** As {@link keys}, with the value that one holder has. */
  entries(options?: WaitOptions): AsyncGenerator<[Key, WireValue], void, undefined> {
    checkWait("entries", options);
    return this.#dictionary.entries(options);
  }

  /** What this node holds of the dictionary. */
  get held(): { readonly records: number; readonly bytes: number } {
    return this.#dictionary.held;
  }

  /**
   * Finds who owns a position: the first member at or after it.
   * @param position 48 bytes
   * @throws ChordError `no-members`, `lookup-failed`, `too-many-open`, `closed`; `signal.reason`
   */
  async lookup(position: Uint8Array, options: WaitOptions = {}): Promise<Owner> {
    checkWait("lookup", options);
    this.#check(position);
    const { owner, successors, hops } = await this.#ring.find(position, 8, false, options.signal);
    return { id: owner.id, successors: successors.map(({ id }) => id), hops };
  }

  /**
   * As {@link lookup}, and tells the way: for people.
   * @param position 48 bytes; those of a key are told by `positionsOf`
   */
  async trace(position: Uint8Array, options: WaitOptions = {}): Promise<Trace> {
    checkWait("trace", options);
    this.#check(position);
    const { clock, names } = this.node.seams;
    const beganMs = clock.monotonic();
    const { owner, path } = await this.#ring.find(position, 0, true, options.signal);
    const hops = path.map((id) => names.toText(id));
    return { owner: owner.id, hops, tookMs: clock.monotonic() - beganMs };
  }

  /**
   * Sends a message to one node by its id, neighbour or not, member or client. Resolves when a neighbour's connection
   * has taken it, or when it was brought there through the ring.
   * @throws ChordError `unreachable`, `closed`; BaseError `connection-closed`, `message-too-large`; WireError for data
   * that cannot be encoded; `signal.reason`
   */
  send(to: NodeId, data: WireValue, options: DirectOptions = {}): Promise<void> {
    if (!this.node.isOpen) return Promise.reject(closedError());
    if (to === this.id) return Promise.reject(new RangeError("a message to this node itself"));
    return orAborted(this.node.send(to, data, options), options.signal);
  }

  /** Asks one node by its id, and waits for the answer of its handler. @throws as `node.request` and send */
  request(to: NodeId, data: WireValue, options: RequestOptions = {}): Promise<BaseMessage> {
    if (!this.node.isOpen) return Promise.reject(closedError());
    return this.node.request(to, data, options);
  }

  /** Binds a handler to a type of messages and requests, `*` being all that have none. @returns what unbinds it */
  handle(type: string, handler: Handler): () => void {
    return this.node.handle(type, handler);
  }

  /** Adds a listener. @returns what removes it */
  on<Name extends keyof ChordEvents>(
    event: Name,
    listener: EventListener<ChordEvents[Name]>,
    options?: ListenOptions,
  ): () => void {
    return this.#events.on(event, listener, options);
  }

  /** Adds a listener for the next time only. @returns what removes it */
  once<Name extends keyof ChordEvents>(
    event: Name,
    listener: EventListener<ChordEvents[Name]>,
    options?: ListenOptions,
  ): () => void {
    return this.#events.once(event, listener, options);
  }

  off<Name extends keyof ChordEvents>(event: Name, listener?: EventListener<ChordEvents[Name]>): void {
    this.#events.off(event, listener);
  }

  /** Leaves the ring and frees everything. Harmless when repeated; resolves when no socket and no timer is left. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.node.close();
    await this.#dictionary.close();
    this.#settled.rejectAll(closedError);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #forged(by: NodeId, key: Key): void {
    const link = this.#participant.links.all.get(by);
    // What else it has sent before it heard is no news.
    if (link?.connection.isOpen !== true) return;
    void link.connection.close(closeCodes.protocol, "a write of an owned key that its owner did not make");
    this.#events.emit("forged", by, key);
  }

  #check(position: Uint8Array): void {
    if (!this.node.isOpen) throw closedError();
    if (!(position instanceof Uint8Array) || position.length !== positionBytes) {
      throw new RangeError(`a position has ${positionBytes} bytes`);
    }
  }
}

function closedError(): ChordError {
  return new ChordError("closed", "the chord is not open; call open() first, or make a new one after close()");
}
