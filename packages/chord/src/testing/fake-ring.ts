// A ring in memory for tests of the dictionary: members of a simulated world, whose views of each other lag behind as they like,
// and questions that are late, lost, or asked of the dead.

import type { Proofs } from "@p2p/base";
import { toyProofs } from "@p2p/base/testing";
import { type NodeSeams, type SimulatedNode, World } from "@p2p/simulator";
import type { NodeId, WireValue } from "@p2p/wire";
import { decodeBody, encodeBody, nodeIdFromBytes, nodeIdToBytes, sha384 } from "@p2p/wire";
import { Dictionary, type DictionaryStore } from "../dictionary/dictionary.js";
import type { DictionaryOptions } from "../dictionary/dictionary-options.js";
import { comparePositions } from "../ring/arc.js";
import type { PositionRange, Ring, RingAnswerer, RingAskOptions } from "../ring-access.js";
import { networkId } from "./owned-network.js";

export interface FakeRingOptions {
  readonly seed?: number;
  /** Of one way of a message, in ms. */
  readonly latencyMs?: readonly [least: number, most: number];
  /** Of questions, and as many of answers. */
  readonly lossRate?: number;
  /** Until a member hears of another's coming or going, in ms. */
  readonly lagMs?: readonly [least: number, most: number];
  readonly dictionary?: DictionaryOptions;
  /** Whether keys can be owned. Default: false. */
  readonly hasProofs?: boolean;
  /** What a member keeps its records in. */
  readonly storeOf?: (seams: NodeSeams, self: NodeId) => Promise<DictionaryStore>;
}

/** After so long without an answer a question has failed, in ms. */
const timeoutMs = 500;

class FakeMember implements Ring {
  readonly self: NodeId;
  readonly #world: FakeRing;
  readonly #listeners = new Set<() => void>();
  /** Members that it knows of, itself among them once it has joined. */
  readonly view = new Set<NodeId>();
  /** The view in the order of the ring, while it is the same. */
  #order: readonly NodeId[] | undefined;
  answerer: RingAnswerer | undefined;
  dictionary: Dictionary | undefined;

  constructor(world: FakeRing, self: NodeId) {
    this.#world = world;
    this.self = self;
  }

  get range(): PositionRange | undefined {
    if (!this.view.has(this.self)) return undefined;
    const after = this.#from(this.self).at(-1) ?? this.self;
    return { after: this.#world.placeOf(after), upTo: this.#world.placeOf(this.self) };
  }

  /** Who comes back is heard of as gone first, by a change of the range. */
  get hasPredecessor(): boolean {
    return true;
  }

  get successors(): readonly NodeId[] {
    return this.view.has(this.self) ? this.#from(this.self).filter((node) => node !== this.self) : [];
  }

  learn(change: (view: Set<NodeId>) => void): void {
    change(this.view);
    this.#order = undefined;
    for (const listener of this.#listeners) listener();
  }

  async lookup(position: Uint8Array, successors: number): Promise<readonly NodeId[]> {
    await this.#world.pause();
    const nodes = this.#sorted;
    const at = nodes.findIndex((node) => comparePositions(this.#world.placeOf(node), position) >= 0);
    if (nodes.length === 0) throw new Error("nobody is known");
    return [...nodes.slice(Math.max(0, at)), ...nodes.slice(0, Math.max(0, at))].slice(0, 1 + successors);
  }

  ask(node: NodeId, question: readonly WireValue[], _options?: RingAskOptions): Promise<readonly WireValue[]> {
    return this.#world.carry(this.self, node, question);
  }

  answer(answerer: RingAnswerer): void {
    this.answerer = answerer;
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  get #sorted(): readonly NodeId[] {
    const place = (node: NodeId) => this.#world.placeOf(node);
    this.#order ??= [...this.view].sort((a, b) => comparePositions(place(a), place(b)));
    return this.#order;
  }

  #from(node: NodeId): readonly NodeId[] {
    const nodes = this.#sorted;
    const at = nodes.indexOf(node);
    return [...nodes.slice(at + 1), ...nodes.slice(0, at)];
  }
}

export type FakeNode = SimulatedNode<Dictionary>;

export class FakeRing {
  readonly world: World;
  readonly nodes: FakeNode[] = [];
  /** Questions that were asked, by their first item. */
  readonly asked: Map<number, number> = new Map();
  readonly #options: FakeRingOptions;
  readonly #places = new Map<NodeId, Uint8Array>();
  /** Those that run, by id; a restart replaces the entry. */
  readonly #members = new Map<NodeId, FakeMember>();
  /** Between whom nothing passes. */
  isCut: (from: NodeId, to: NodeId) => boolean = (): boolean => false;
  /** What a member that does not keep the rules answers in the place of what it would; undefined: nothing else. */
  lie: (node: NodeId, question: readonly WireValue[]) => readonly WireValue[] | undefined = () => undefined;
  /** Forgeries that members were brought: by whom, to whom. */
  readonly forged: { readonly by: NodeId; readonly at: NodeId }[] = [];
  /** Proofs that were checked. */
  judged = 0;

  constructor(options: FakeRingOptions = {}) {
    this.#options = options;
    this.world = new World({ seed: options.seed ?? 1, trace: "faults" });
  }

  /** Where a node stands. */
  placeOf(id: NodeId): Uint8Array {
    const place = this.#places.get(id) ?? nodeIdToBytes(id);
    this.#places.set(id, place);
    return place;
  }

  idOf(node: FakeNode): NodeId {
    return nodeIdFromBytes(sha384(new TextEncoder().encode(node.name)));
  }

  /** Starts a member and lets all hear of it. */
  async add(): Promise<FakeNode> {
    const node = await this.world.start(`n${this.nodes.length}`, (seams) => this.#make(seams));
    this.nodes.push(node);
    return node;
  }

  async grow(count: number): Promise<void> {
    for (let index = 0; index < count; index += 1) await this.add();
    const [, lag = 0] = this.#options.lagMs ?? [];
    await this.world.runFor(2 * lag + 2_000);
  }

  /** A crash, of the machine perhaps, that others notice when they do. */
  crash(node: FakeNode, isPowerLost = false): void {
    const id = this.idOf(node);
    this.#members.delete(id);
    node.crash({ isPowerLost });
    this.#spread((view) => view.delete(id));
  }

  /** Starts a crashed one anew, with what its store kept. */
  async restart(node: FakeNode): Promise<void> {
    await this.world.restart(node);
  }

  /** A graceful leave: first what it holds goes to others. Run the world meanwhile. */
  async leave(node: FakeNode): Promise<void> {
    await node.value.handOver();
    await node.value.close();
    this.crash(node);
  }

  get live(): readonly FakeNode[] {
    return this.nodes.filter((node) => node.isUp && node.isReady);
  }

  /** Tells a member of a change that is none of its neighbours. */
  tell(node: FakeNode): void {
    this.#members.get(this.idOf(node))?.learn(() => undefined);
  }

  /** The members that know of themselves, in the order of the ring. */
  memberOf(node: FakeNode): Ring | undefined {
    return this.#members.get(this.idOf(node));
  }

  async #make(seams: NodeSeams): Promise<Dictionary> {
    const { dictionary: options = {}, storeOf, hasProofs = false } = this.#options;
    const self = nodeIdFromBytes(sha384(new TextEncoder().encode(seams.name)));
    const member = new FakeMember(this, self);
    for (const other of this.#members.keys()) member.view.add(other);
    const store = await storeOf?.(seams, self);
    const { clock, random } = seams;
    const dictionary = new Dictionary({
      ring: member,
      clock,
      random,
      options,
      ...(store === undefined ? {} : { store }),
      ...(hasProofs ? { proofs: { by: this.#proofs(self), networkId } } : {}),
      forged: (by) => this.forged.push({ by, at: self }),
    });
    await dictionary.open();
    this.#members.set(self, member);
    member.learn((view) => view.add(self));
    this.#spread((view) => view.add(self));
    return dictionary;
  }

  #proofs(self: NodeId): Proofs {
    return toyProofs(self, () => {
      this.judged += 1;
    });
  }

  #spread(change: (view: Set<NodeId>) => void): void {
    const [least, most] = this.#options.lagMs ?? [0, 0];
    for (const member of this.#members.values()) {
      const delayMs = least + (most - least) * this.world.random.float();
      this.world.after(delayMs, "hears", () => member.learn(change));
    }
  }

  pause(): Promise<void> {
    return new Promise((resolve) => this.world.after(this.#latency(), "passes", resolve));
  }

  carry(from: NodeId, to: NodeId, question: readonly WireValue[]): Promise<readonly WireValue[]> {
    const number = Number(question[0]);
    this.asked.set(number, (this.asked.get(number) ?? 0) + 1);
    return new Promise((resolve, reject) => {
      this.world.after(timeoutMs, "too late", () => reject(new Error("no answer in time")));
      if (this.#isLost(from, to)) return;
      this.world.after(from === to ? 0 : this.#latency(), "question", () => {
        const member = this.#members.get(to);
        if (member?.answerer === undefined) return;
        const back = (send: () => void): void => {
          // Who crashed meanwhile answers nothing.
          if (this.#isLost(to, from) || this.#members.get(to) !== member) return;
          this.world.after(from === to ? 0 : this.#latency(), "answer", send);
        };
        const lie = from === to ? undefined : this.lie(to, question);
        const answered = lie === undefined ? member.answerer(from, copied(question)) : Promise.resolve(lie);
        answered.then(
          (answer) => back(() => resolve(copied(answer))),
          (error) => back(() => reject(error)),
        );
      });
    });
  }

  #isLost(from: NodeId, to: NodeId): boolean {
    if (from === to) return false;
    return this.isCut(from, to) || this.world.random.chance(this.#options.lossRate ?? 0);
  }

  #latency(): number {
    const [least, most] = this.#options.latencyMs ?? [1, 10];
    return least + (most - least) * this.world.random.float();
  }
}

/** As it comes over the wire: bytes that are nobody else's, and only what can be encoded. */
function copied(items: readonly WireValue[]): readonly WireValue[] {
  return decodeBody(encodeBody({ type: 2, sender: new Uint8Array(48), time: 1, items })).items;
}
