// A node that speaks `chord/1` by hand: says what a test lets it say, and answers only what that answers.
import { type CloseReason, type Connection, Node } from "@p2p/base";
import type { NodeSeams, SimulatedNode } from "@p2p/simulator";
import { flags, type WireValue } from "@p2p/wire";
import { chordFeature } from "../participant.js";
import type { Rings } from "./rings.js";

const { subtypes } = flags;

export class HostileNode {
  readonly node: Node;
  readonly received: (readonly WireValue[])[] = [];
  readonly closed: string[] = [];
  /** What it answers; by default nothing. */
  onMessage: (connection: Connection, items: readonly WireValue[]) => void = () => undefined;

  constructor({ address, clock, random, transports }: NodeSeams) {
    this.node = new Node({ network: "test", listen: [address], clock, random, transports });
    this.node.attach({
      features: [chordFeature],
      subtypes: Array.from({ length: 8 }, (_, index) => subtypes.standing + index),
      onConnected: () => undefined,
      onDisconnected: (_connection: Connection, reason: CloseReason) => this.closed.push(reason.name),
      onBody: (connection, body) => {
        this.received.push(body.items);
        this.onMessage(connection, body.items);
      },
    });
  }

  /** Starts one that has a link to the member. */
  static async join(rings: Rings, member: SimulatedNode<unknown>, name = "evil"): Promise<[HostileNode, Connection]> {
    const started = await rings.world.start(name, async (seams) => {
      const hostile = new HostileNode(seams);
      await hostile.node.open();
      return hostile;
    });
    return [started.value, await rings.world.run(started.value.node.dial(member.address))];
  }

  /** The last message of a subtype. */
  last(subtype: number): readonly WireValue[] | undefined {
    return this.received.findLast((items) => items[0] === subtype);
  }
}
