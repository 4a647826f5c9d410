// For tests: secure nodes in virtual time, what each was told, and neighbours that answer what they like.
import { Node } from "@p2p/base";
import { type NodeSeams, World } from "@p2p/simulator";
import type { WireValue } from "@p2p/wire";
import { noise } from "../channel/noise.js";
import type { Identity } from "../identity/identity.js";
import type { ReceivedLetter } from "../secure-node/events.js";
import { defaultSecureNodeLimits } from "../secure-node/limits.js";
import type { NewNodeOptions } from "../secure-node/options.js";
import { decodeQuestion, type Question, questionType } from "../secure-node/questions.js";
import { SecureNode } from "../securenode.js";
import { codeOfError } from "./handshakes.js";
import { identityOf } from "./worlds.js";

/** A secure node and what became of what it met. */
export interface Member {
  readonly node: SecureNode;
  readonly letters: ReceivedLetter[];
  /** "refused letter code", and so on. */
  readonly told: string[];
}

/** One way, in ms. */
export const latencyMs = 10;

export function newWorld(seed = 1): World {
  return new World({ seed, trace: "off", conditions: { latency: { minMs: latencyMs, maxMs: latencyMs } } });
}

export async function start(
  world: World,
  number: number,
  options: Partial<NewNodeOptions> = {},
): Promise<Member & { readonly address: string }> {
  const open = async ({ address, clock, random, transports }: NodeSeams): Promise<Member> => {
    const node = new SecureNode({
      network: "club",
      identity: identityOf(number),
      listen: [address],
      clock,
      random,
      transports,
      ...options,
    });
    await node.open();
    return watched(node);
  };
  const { value, address } = await world.start(`n${number}`, open);
  return { ...value, address };
}

export function watched(node: SecureNode): Member {
  const letters: ReceivedLetter[] = [];
  const told: string[] = [];
  node.on("letter", (letter) => letters.push(letter));
  node.on("refused", (what, error) => told.push(`refused ${what} ${error.code}`));
  node.on("forged", (what, error) => told.push(`forged ${what} ${error.code}`));
  node.on("accepted", (what) => told.push(`accepted ${what}`));
  return { node, letters, told };
}

/** Nodes in a line, each connected with the next one. */
export async function line(
  world: World,
  count: number,
  options: Partial<NewNodeOptions> = {},
): Promise<readonly (Member & { readonly address: string })[]> {
  const members = [];
  for (let number = 1; number <= count; number++) {
    const member = await start(world, number, options);
    const before = members.at(-1);
    if (before !== undefined) await world.run(member.node.node.dial(before.address));
    members.push(member);
  }
  return members;
}

export function at<Item>(items: readonly Item[], index: number): Item {
  const item = items.at(index);
  if (item === undefined) throw new RangeError(`nothing at ${index}`);
  return item;
}

export async function failure(promise: Promise<unknown>): Promise<string> {
  return promise.then(() => "none", codeOfError);
}

export async function closeAll(world: World, members: readonly Member[]): Promise<void> {
  await world.run(Promise.all(members.map(({ node }) => node.close())));
}

/** A neighbour of all nodes in the list, with an identity of its own, that answers each question as it is told. */
export async function startLiar(
  world: World,
  identity: Identity,
  neighbours: readonly Pick<Member, "node">[],
  answer: (question: Question, node: Node) => WireValue | undefined | Promise<WireValue | undefined>,
): Promise<Node> {
  const open = async ({ address, clock, random, transports }: NodeSeams): Promise<Node> => {
    const security = noise({ identity, messages: "require" });
    const node = new Node({ network: "club", listen: [address], clock, random, transports, security });
    node.handle(questionType, ({ data }) => {
      const question = decodeQuestion(data, defaultSecureNodeLimits);
      if (question === undefined) throw new Error("no question");
      return answer(question, node);
    });
    await node.open();
    return node;
  };
  const { value: node, address } = await world.start("liar", open);
  for (const { node: neighbour } of neighbours) await world.run(neighbour.node.dial(address));
  return node;
}
