// For tests: meshes whose messages are signed, in one process and by one manual clock, and members that do not keep the rules.
import { type CloseReason, type Connection, MemoryNetwork, memoryTransport, Node, type Transport } from "@p2p/base";
import { ManualClock, seededRandom } from "@p2p/base/testing";
import { Mesh, type MeshOptions } from "@p2p/mesh";
import { flags, type NodeId, networkId, nodeIdToBytes, type WireValue } from "@p2p/wire";
import { type NoiseOptions, noise } from "../channel/noise.js";
import type { Identity } from "../identity/identity.js";
import { protocolName } from "../noise/handshake-state.js";
import { join } from "../primitives/join.js";
import { envelopeItem } from "../signed/envelope.js";
import { signFrames } from "../signed/sign-frames.js";
import { identityOf } from "./worlds.js";

const network = "signed";

/** A mesh and what became of the messages it met. */
export interface Member {
  readonly mesh: Mesh;
  readonly identity: Identity;
  readonly address: string;
  /** Data of broadcasts, and `to me: data` of messages to this node alone. */
  readonly inbox: unknown[];
  /** `accepted`, or the code of the error, of every message that was judged, in order. */
  readonly judged: string[];
  /** Who was blamed. */
  readonly blamed: (NodeId | undefined)[];
  readonly goodbyes: string[];
}

export interface MemberOptions extends Pick<NoiseOptions, "messages" | "replayStore" | "freshnessMs"> {
  readonly mesh?: Partial<MeshOptions>;
  /** Called before it is opened. */
  readonly prepare?: (mesh: Mesh) => void;
}

/** What is in a body, as its sender or somebody else writes it. */
export interface Writing {
  readonly items?: readonly WireValue[];
  /** Default: the attacker. */
  readonly sender?: NodeId;
  /** Whose key is in the envelope. Default: the attacker. */
  readonly key?: Identity;
  /** Who signs. Default: the attacker. */
  readonly signer?: Identity;
  readonly sequence?: number;
  readonly timeUs?: number;
  readonly to?: NodeId;
  /** Alters the whole body at the end. */
  readonly alter?: (raw: Uint8Array) => Uint8Array;
}

/** A member that says what it likes. */
export interface Attacker {
  readonly node: Node;
  readonly identity: Identity;
  readonly connection: Connection;
  readonly ended: CloseReason[];
  /** A frame of a broadcast. */
  frame(writing?: Writing): Uint8Array;
  /** Frames that came to it. */
  readonly heard: Uint8Array[];
}

export class SignedWorld {
  readonly clock: ManualClock = new ManualClock();
  readonly #network = new MemoryNetwork();
  readonly members: Member[] = [];
  readonly #nodes: { close(): Promise<void> }[] = [];
  #sequence = 0;

  get transports(): readonly Transport[] {
    return [memoryTransport({ network: this.#network, clock: this.clock })];
  }

  /** Opens a mesh that tells nobody where it is, so that links are those that a test makes. */
  async add(number: number, options: MemberOptions = {}): Promise<Member> {
    const { mesh: given, prepare, ...messages } = options;
    const identity = identityOf(number);
    const security = noise({ identity, messages: "require", ...messages });
    const address = `memory://m${number}`;
    const mesh = new Mesh({
      network,
      listen: [address],
      advertise: [],
      transports: this.transports,
      clock: this.clock,
      random: seededRandom(number),
      security,
      meshLimits: { activeMax: 100 },
      ...given,
    });
    const member: Member = { mesh, identity, address, inbox: [], judged: [], blamed: [], goodbyes: [] };
    mesh.on("message", ({ isBroadcast, data }) => member.inbox.push(isBroadcast ? data : `to me: ${String(data)}`));
    mesh.on("peerDisconnected", (_peer, { name }) => member.goodbyes.push(name));
    security.on("messageAccepted", (_from, isSigned) => member.judged.push(isSigned ? "accepted" : "unsigned"));
    security.on("messageRefused", ({ code }) => member.judged.push(code));
    security.on("messageForged", ({ code }, _from, via) => {
      member.judged.push(code);
      member.blamed.push(via);
    });
    prepare?.(mesh);
    await this.run(mesh.open());
    this.members.push(member);
    this.#nodes.push(mesh);
    return member;
  }

  /** Members 1 to `count`, each linked to the next. */
  async line(count: number, options: MemberOptions = {}): Promise<Member[]> {
    const members: Member[] = [];
    for (let number = 1; number <= count; number++) {
      const member = await this.add(number, options);
      const before = members.at(-1);
      if (before !== undefined) await this.link(before, member);
      members.push(member);
    }
    return members;
  }

  async link(from: Member, to: Member): Promise<void> {
    await this.run(from.mesh.node.dial(to.address));
    await this.clock.settle();
  }

  /** A member of the network that keeps no rule but those of its handshakes. */
  async attack(victim: Member, number = 66): Promise<Attacker> {
    const identity = identityOf(number);
    const node = new Node({
      network,
      transports: this.transports,
      clock: this.clock,
      random: seededRandom(number),
      security: noise({ identity }),
      features: ["mesh/1", "signed/1"],
    });
    this.#nodes.push(node);
    const ended: CloseReason[] = [];
    const heard: Uint8Array[] = [];
    node.on("outboundDisconnected", (_connection, reason) => ended.push(reason));
    node.attach({
      features: [],
      subtypes: [flags.subtypes.neighbour, flags.subtypes.peers, flags.subtypes.routed, flags.subtypes.receipt],
      hasBroadcasts: true,
      onConnected: () => {},
      onDisconnected: () => {},
      onBody: (_connection, _body, _frame, rawBody) => void heard.push(rawBody.slice()),
    });
    await this.run(node.open());
    const connection = await this.run(node.dial(victim.address));
    await this.clock.settle();
    const frame = (writing: Writing = {}): Uint8Array => this.frame(node, identity, writing);
    return { node, identity, connection, ended, frame, heard };
  }

  /** A frame of a broadcast, signed or not as it is told. */
  frame(node: Node, own: Identity, writing: Writing): Uint8Array {
    const { items = [0, "news", "forged"], sender = own.id, key = own, signer = own, to, alter } = writing;
    const { sequence = 1_000_000 + ++this.#sequence, timeUs = Math.floor(this.clock.now() * 1_000) + this.#sequence } =
      writing;
    const envelope = envelopeItem(key.publicKey, sequence, to);
    const type = to === undefined ? flags.mainTypes.broadcast : flags.mainTypes.whisper;
    const frame = node.seams.writer.write(type, nodeIdToBytes(sender), timeUs, [...items, envelope]);
    signFrames([frame], (root) => signer.sign("envelope", join([signedNetworkId, root])));
    return alter === undefined ? frame : frameOf(alter(frame.subarray(4)));
  }

  /** Runs the world until the promise settles. */
  async run<T>(promise: Promise<T>): Promise<T> {
    let isDone = false;
    const done = (): void => {
      isDone = true;
    };
    void promise.then(done, done);
    for (let turn = 0; !isDone && turn < 500; turn++) await this.clock.settle();
    return promise;
  }

  async close(): Promise<void> {
    const closed = Promise.all(this.#nodes.map((node) => node.close()));
    let isDone = false;
    void closed.then(() => {
      isDone = true;
    });
    for (let round = 0; round < 100 && !isDone; round++) await this.clock.advance(1_000);
    await closed;
  }
}

export function frameOf(body: Uint8Array): Uint8Array {
  const frame = new Uint8Array(4 + body.length);
  new DataView(frame.buffer).setUint32(0, body.length);
  frame.set(body, 4);
  return frame;
}

const signedNetworkId = networkId(network, protocolName(false));
