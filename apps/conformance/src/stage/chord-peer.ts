// A neighbour on a ring, made of bytes: keeps a place, and answers what every member answers, unless a case says otherwise.
import { toBase58 } from "../reference/base58.js";
import type { Packable } from "../reference/msgpack.js";
import { toHex } from "../reference/value.js";
import { CaseFailure } from "../runner/expect.js";
import {
  askBit,
  type Contact,
  contact,
  findStatus,
  hasBit,
  isAsk,
  isFind,
  isOfRing,
  isQuestion,
  type ReadFind,
  readFind,
  ringFeatures,
} from "./chord-messages.js";
import { Inbox } from "./inbox.js";
import type { Message } from "./message.js";
import { isHandshake, subtype } from "./messages.js";
import type { RawListener } from "./raw-listener.js";
import type { RawPeer } from "./raw-peer.js";
import type { Stage } from "./stage.js";
import type { TestNode } from "./test-node.js";

/** What it answers to a lookup: status, hops, contacts; undefined: nothing. */
export type FindAnswer = readonly [status: number, hops: number, contacts: readonly Contact[]] | undefined;
/** The items of an answer to a question; a number for a status other than 0, undefined: nothing. */
export type QuestionAnswer = readonly Packable[] | number | undefined;

export class RingPeer implements Contact {
  readonly id: Uint8Array;
  /** The messages of the ring that came, over whatever link. */
  readonly inbox: Inbox<Message>;
  /** 2 a member, 1 seeking and ready to found the ring, 0 neither. */
  standing = 2;
  revision = 1;
  predecessor: Contact | undefined;
  successors: readonly Contact[] = [];
  isWhole = true;
  /** All members, nearest first, for who asks for them; default: the list. */
  all: readonly Contact[] | undefined;
  /** Sends nothing by itself, as one that hangs; what comes is in the inbox, and `tell` answers it. */
  isSilent = false;
  onFind: (find: ReadFind) => FindAnswer = () => [findStatus.noWay, 1, []];
  onQuestion: (items: readonly Message["items"][number][]) => QuestionAnswer = () => 1;
  readonly links: RawPeer[] = [];
  features: readonly string[] = ringFeatures;
  /** The network id that it shakes hands with. Default: that of the network without security. */
  net: Uint8Array | undefined;
  readonly #stage: Stage;
  #listener: RawListener | undefined;
  #requestId = 0;

  constructor(stage: Stage, id: Uint8Array) {
    this.#stage = stage;
    this.id = id;
    this.inbox = new Inbox(stage.deadlineMs);
  }

  get hex(): string {
    return toHex(this.id);
  }

  /** The id as base58 text. */
  get name(): string {
    return toBase58(this.id);
  }

  get addresses(): readonly string[] {
    return this.#listener === undefined ? [] : [this.#listener.address];
  }

  /** Connections that the node dialled. */
  get dialled(): number {
    return this.#listener?.count ?? 0;
  }

  /** Can be dialled from now on. */
  async listen(): Promise<void> {
    this.#listener = await this.#stage.listen({ id: this.id, onPeer: (peer) => this.adopt(peer) });
  }

  protected connect(node: TestNode): Promise<RawPeer> {
    return this.#stage.connect(node, { id: this.id });
  }

  /** Dials the node; both handshakes and standings are told. */
  async dial(node: TestNode): Promise<RawPeer> {
    const peer = await this.connect(node);
    this.adopt(peer);
    await peer.next((message) => message.subtype === subtype.standing, "the standing of the node");
    await peer.judged();
    return peer;
  }

  /** The link that is up. */
  get link(): RawPeer {
    const link = this.links.findLast((one) => !one.hasEnded);
    if (link === undefined) throw new CaseFailure("the node has no link to a peer that it needs");
    return link;
  }

  get isLinked(): boolean {
    return this.links.some((one) => !one.hasEnded);
  }

  say(kind: number, ...items: readonly Packable[]): void {
    this.link.whisper(kind, ...items);
  }

  /** Asks for the node's neighbourhood. @returns the request id */
  ask(bits = 0, revision = 0): number {
    this.#requestId += 1;
    this.say(subtype.neighbourhood, this.#requestId, bits, revision);
    return this.#requestId;
  }

  notify(): void {
    this.ask(askBit.notifies);
  }

  /** Asks the node about the dictionary. @returns the request id */
  question(...items: readonly Packable[]): number {
    this.#requestId += 1;
    this.say(subtype.question, this.#requestId, ...items);
    return this.#requestId;
  }

  /** @returns the request id */
  find(position: Uint8Array, hopsLeft = 80, bits = 0, ...rest: readonly Packable[]): number {
    this.#requestId += 1;
    this.say(subtype.find, this.#requestId, position, hopsLeft, bits, ...(rest.length === 0 ? [0] : rest));
    return this.#requestId;
  }

  /** Tells another standing from now on. */
  stand(standing: number): void {
    this.standing = standing;
    for (const link of this.links) if (!link.hasEnded) link.whisper(subtype.standing, standing);
  }

  /** Another neighbourhood from now on. */
  place(predecessor: Contact | undefined, successors: readonly Contact[], isWhole = true): void {
    this.predecessor = predecessor;
    this.successors = successors;
    this.isWhole = isWhole;
    this.revision += 1;
  }

  /** Drops its connections; it can be dialled again. */
  drop(): void {
    for (const link of this.links) if (!link.hasEnded) link.reset();
  }

  /** Is dead: nothing answers any more. */
  die(): void {
    this.#listener?.close();
    this.drop();
  }

  /** Answers an ask for its place over the link that is up. */
  tell(message: Message): void {
    this.#tell(this.link, message);
  }

  /** A connection with the node is up, whoever made it: shakes hands. */
  adopt(peer: RawPeer): void {
    this.links.push(peer);
    peer.onMessage = (message) => this.#take(peer, message);
    const net = this.net === undefined ? {} : { net: this.net };
    const [network, features, addrs] = [this.#stage.network, [...this.features], [...this.addresses]];
    peer.sendHandshake({ network, ...net, features, addrs });
  }

  #take(peer: RawPeer, message: Message): void {
    if (isHandshake(message)) peer.whisper(subtype.standing, this.standing);
    if (!isOfRing(message)) return;
    this.inbox.push(message);
    if (this.isSilent) return;
    if (isAsk(message)) this.#tell(peer, message);
    else if (isFind(message)) this.#find(peer, message);
    else if (isQuestion(message)) this.#answer(peer, message);
  }

  #tell(peer: RawPeer, message: Message): void {
    const [, requestId, , known] = message.items as readonly Packable[];
    const answer = (...items: readonly Packable[]): void =>
      void peer.whisper(subtype.answer, requestId ?? 0, 0, this.revision, ...items);
    if (hasBit(message, askBit.life) || known === this.revision) {
      answer();
      return;
    }
    const isAll = hasBit(message, askBit.all) && this.all !== undefined;
    const bits = (this.standing === 2 ? 1 : 0) + (isAll || this.isWhole ? 2 : 0);
    const predecessor = this.predecessor === undefined ? null : contact(this.predecessor);
    answer(bits, predecessor, ((isAll ? this.all : undefined) ?? this.successors).slice(0, 32).map(contact));
  }

  #find(peer: RawPeer, message: Message): void {
    const find = readFind(message);
    const answer = this.onFind(find);
    if (answer === undefined) return;
    const [status, hops, contacts] = answer;
    peer.whisper(subtype.found, find.requestId, status, hops, contacts.map(contact));
  }

  #answer(peer: RawPeer, { items }: Message): void {
    const [, requestId, ...question] = items;
    const answer = this.onQuestion(question);
    if (answer === undefined) return;
    const rest: readonly Packable[] = typeof answer === "number" ? [answer] : [0, ...answer];
    peer.whisper(subtype.answer, requestId as number, ...rest);
  }
}

export const hexes = (...peers: readonly RingPeer[]): string[] => peers.map((peer) => peer.hex);
