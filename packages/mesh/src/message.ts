// What the application gets: a broadcast or a direct message, its parts made when they are looked at. [MESH-006]
import type { Message as BaseMessage } from "@p2p/base";
import type { Body, NodeId, NodeIdCache, WireValue } from "@p2p/wire";

/** A message of another node. */
export interface Message extends BaseMessage {
  /** Whether it was sent to all, and not to this node alone. */
  readonly isBroadcast: boolean;
  /** Of a broadcast: the message id, 32 bytes, by which every node knows it. */
  readonly id: Uint8Array | undefined;
  /** Of a broadcast: the neighbour that passed it on. */
  readonly via: NodeId | undefined;
}

/** A received broadcast. Its bytes are views of what was received: keep a copy, not the message, of parts kept for long. */
export class Broadcast implements Message {
  readonly #body: Body;
  readonly #names: NodeIdCache;
  readonly #key: string;
  readonly via: NodeId;

  /** The body was checked: its items are a subtype, a type and data. */
  constructor(body: Body, key: string, via: NodeId, names: NodeIdCache) {
    this.#body = body;
    this.#names = names;
    this.#key = key;
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
