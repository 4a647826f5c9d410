// What the application gets: a broadcast or a direct message, its parts made when they are looked at. [MESH-006]
import type { Message as BaseMessage, ReceivedMessage } from "@p2p/base";
import type { Body, NodeId, NodeIdCache, WireValue } from "@p2p/wire";

/** A message of another node. */
export interface Message extends BaseMessage {
  /** Whether it was sent to all, and not to this node alone. */
  readonly isBroadcast: boolean;
  /** Of a broadcast: the message id, 32 bytes, by which every node knows it. */
  readonly id: Uint8Array | undefined;
  /** The neighbour that it came from; undefined when it was routed. */
  readonly via: NodeId | undefined;
  /** Length of the body that it came in: what it weighs in a buffer. */
  readonly bytes: number;
}

/** A received broadcast. Its bytes are views of what was received: keep a copy, not the message, of parts kept for long. */
export class Broadcast implements Message {
  readonly #body: Body;
  readonly #names: NodeIdCache;
  readonly #key: string;
  readonly via: NodeId;
  readonly bytes: number;

  /** The body was checked: its items are a subtype, a type and data. */
  constructor(body: Body, key: string, bytes: number, via: NodeId, names: NodeIdCache) {
    this.#body = body;
    this.#names = names;
    this.#key = key;
    this.bytes = bytes;
    this.via = via;
  }

  get isBroadcast(): boolean {
    return true;
  }

  get id(): Uint8Array {
    return Uint8Array.from(this.#key, (character) => character.charCodeAt(0));
  }

  get type(): string {
    return this.#body.items[1] as string; // checked before the message was made
  }

  get data(): WireValue {
    return this.#body.items[2] as WireValue; // checked before the message was made
  }

  get from(): NodeId {
    return this.#names.toText(this.#body.sender);
  }

  get time(): number {
    return this.#body.time;
  }
}

/** A message to this node alone. */
export class DirectMessage implements Message {
  readonly #message: ReceivedMessage;

  constructor(message: ReceivedMessage) {
    this.#message = message;
  }

  get isBroadcast(): boolean {
    return false;
  }

  get id(): undefined {
    return undefined;
  }

  get via(): NodeId | undefined {
    return this.#message.connection?.id;
  }

  get bytes(): number {
    return this.#message.bytes;
  }

  get type(): string {
    return this.#message.type;
  }

  get data(): WireValue {
    return this.#message.data;
  }

  get from(): NodeId {
    return this.#message.from;
  }

  get time(): number {
    return this.#message.time;
  }
}
