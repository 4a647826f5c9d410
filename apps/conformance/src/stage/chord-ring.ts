// A ring of peers made of bytes around one node under test, and its time.

import type { RingFacts } from "../driver/protocol.js";
import { fromBase58 } from "../reference/base58.js";
import type { Packable } from "../reference/msgpack.js";
import { toHex } from "../reference/value.js";
import { CaseFailure } from "../runner/expect.js";
import { at, ownersOf } from "./chord-circle.js";
import { type Contact, findStatus, isAnswer, type ReadNeighbourhood, readNeighbourhood } from "./chord-messages.js";
import { RingPeer } from "./chord-peer.js";
import type { Message } from "./message.js";
import type { OpenOptions, Stage } from "./stage.js";
import type { TestNode } from "./test-node.js";

/** An address that nobody answers at: who has it to join by founds no ring. */
export const nowhere = "tcp://127.0.0.1:9";

export class StagedRing {
  readonly node: TestNode;
  /** Its position. */
  readonly id: Uint8Array;
  readonly peers: RingPeer[] = [];
  readonly #stage: Stage;

  constructor(stage: Stage, node: TestNode) {
    this.#stage = stage;
    this.node = node;
    this.id = fromBase58(node.id, 48);
  }

  /** A node whose clock stands. Without `bootstrap` it founds a ring. */
  static async open(stage: Stage, options: OpenOptions = {}): Promise<StagedRing> {
    const node = await stage.open({ kind: "chord", clock: "manual", ...options });
    return new StagedRing(stage, node);
  }

  /** The node, and members at these fractions of the circle after it, nearest first: one ring, known to all. */
  static async of(stage: Stage, fractions: readonly number[], options: OpenOptions = {}): Promise<StagedRing> {
    const ring = await StagedRing.open(stage, options);
    for (const fraction of fractions) await ring.add(fraction);
    ring.arrange();
    await ring.link();
    return ring;
  }

  get hex(): string {
    return toHex(this.id);
  }

  get contact(): Contact {
    return { id: this.id, addresses: this.node.addresses };
  }

  peer(index: number): RingPeer {
    const peer = this.peers.at(index);
    if (peer === undefined) throw new Error(`there is no peer ${index}`);
    return peer;
  }

  /** The last one before the node. */
  get last(): RingPeer {
    return this.peer(-1);
  }

  /** A peer so far after the node, which can be dialled. */
  async add(place: number | Uint8Array): Promise<RingPeer> {
    const peer = await this.stranger(place);
    this.peers.push(peer);
    return peer;
  }

  /** The same, and no part of the ring. */
  async stranger(place: number | Uint8Array): Promise<RingPeer> {
    const peer = new RingPeer(this.#stage, typeof place === "number" ? at(this.id, place) : place);
    await peer.listen();
    return peer;
  }

  /** Each peer knows its true place on the ring; the node counts as a member unless told otherwise. */
  arrange({ withNode = true }: { readonly withNode?: boolean } = {}): void {
    const members: Contact[] = [...this.peers, ...(withNode ? [this.contact] : [])];
    for (const peer of this.peers) {
      const [, ...others] = ownersOf(members, peer.id);
      peer.place(others.at(-1), others.slice(0, 32));
      peer.onFind = ({ position, wanted }) => [
        findStatus.owner,
        1,
        ownersOf(members, position).slice(0, Math.min(33, 1 + wanted)),
      ];
    }
  }

  /** All peers dial the node; the first and the last make themselves known, and the node has the ring. */
  async link(): Promise<void> {
    for (const peer of this.peers) await peer.dial(this.node);
    this.peer(0).notify();
    await this.until(
      async () => ((await this.facts()).successors[0] === this.peer(0).name ? true : undefined),
      "a head",
    );
    this.last.notify();
    await this.until(
      async () => ((await this.facts()).predecessor === this.last.name ? true : undefined),
      "a predecessor",
    );
    await this.settle();
  }

  async facts(): Promise<RingFacts> {
    return (await this.node.call({ do: "ring" })) as RingFacts;
  }

  /** What the node tells of its place to a peer that asks. */
  async told(peer: RingPeer = this.peer(0), bits = 0): Promise<ReadNeighbourhood> {
    const requestId = peer.ask(bits);
    const answer = await peer.inbox.next((message) => isAnswer(message) && message.items[1] === requestId, "its place");
    const told = readNeighbourhood(answer);
    if (told === undefined) throw new CaseFailure("the node told its revision alone");
    return told;
  }

  /** The answer of the node to a question about the dictionary: status and items. */
  async answer(peer: RingPeer, ...question: readonly Packable[]): Promise<Message["items"]> {
    const requestId = peer.question(...question);
    const answer = await peer.inbox.next(
      (message) => isAnswer(message) && message.items[1] === requestId,
      "an answer to a question",
    );
    return answer.items.slice(2);
  }

  /** Everything that was on its way has come, and what came of it. */
  async settle(): Promise<void> {
    let quiet = 0;
    let before = this.#settledAt;
    while (quiet < 2) {
      await this.node.call({ do: "ring" });
      const links = this.#all.flatMap((peer) => (peer.isSilent ? [] : peer.links.filter((link) => !link.hasEnded)));
      // A link that ends meanwhile has nothing more to say.
      await Promise.all(links.map((link) => link.barrier().catch(() => undefined)));
      const now = this.#all.reduce((sum, peer) => sum + peer.inbox.all.length + peer.links.length, 0);
      quiet = now === before ? quiet + 1 : 0;
      before = now;
    }
    this.#settledAt = before;
  }

  /** Lets time pass in steps, with room for answers after each. */
  async pass(ms: number, stepMs = 250): Promise<void> {
    for (let left = ms; left > 0; left -= stepMs) {
      await this.node.advance(Math.min(stepMs, left));
      await this.settle();
    }
  }

  /** Lets time pass until there is something. */
  async until<T>(
    look: () => T | undefined | Promise<T | undefined>,
    what: string,
    withinMs = 20_000,
    stepMs = 250,
  ): Promise<T> {
    for (let spentMs = 0; ; spentMs += stepMs) {
      await this.settle();
      const found = await look();
      if (found !== undefined) return found;
      if (spentMs >= withinMs) throw new CaseFailure(`${what}: not within ${withinMs} ms of the node's time`);
      await this.node.advance(stepMs);
    }
  }

  /** The next message that a peer gets, and that matches, in so much of the node's time. */
  async next(
    peer: RingPeer,
    matches: (message: Message) => boolean,
    what: string,
    withinMs?: number,
    stepMs?: number,
  ): Promise<Message> {
    await this.until(() => peer.inbox.waiting(matches)[0], what, withinMs, stepMs);
    return peer.inbox.next(matches, what);
  }

  /** Lets time pass until a command is done. */
  async during<T>(work: Promise<T>, withinMs = 60_000): Promise<T> {
    let isOver = false;
    const end = (): void => {
      isOver = true;
    };
    work.then(end, end);
    await this.until(() => (isOver ? true : undefined), "the end of a command", withinMs);
    return work;
  }

  /** Counts a peer that is not of the ring among those whose messages are waited for. */
  watch(peer: RingPeer): void {
    this.#watched.push(peer);
  }

  readonly #watched: RingPeer[] = [];
  /** Messages and links that there were when all was settled last. */
  #settledAt = -1;

  get #all(): readonly RingPeer[] {
    return [...this.peers, ...this.#watched];
  }
}
