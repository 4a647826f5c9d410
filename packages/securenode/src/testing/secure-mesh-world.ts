// For tests: meshes in virtual time whose links are those of a shape, each with a secure node on it.
import { Mesh } from "@p2p/mesh";
import type { NodeSeams, SimulatedNode, World } from "@p2p/simulator";
import { simulatedLevel } from "@p2p/simulator/level";
import { type NoiseOptions, noise } from "../channel/noise.js";
import { SecureNode } from "../securenode.js";
import { type Member, watched } from "./secure-world.js";
import { identityOf } from "./worlds.js";

export interface MeshMember extends Member {
  readonly mesh: Mesh;
  /** Addresses and bodies of what this node had to pass on or deliver: "accepted", or the code of the error. */
  readonly judged: string[];
}

export interface MeshOptions extends Pick<NoiseOptions, "messages"> {
  /** Whether what was heard is on the disk of each node. Default: false. */
  readonly isStored?: boolean;
}

/** Links of a line: 1 - 2 - 3 and so on. */
export const inLine = (one: number, other: number): boolean => Math.abs(one - other) === 1;

/** Links of a ring of so many. */
export const inRing =
  (count: number) =>
  (one: number, other: number): boolean =>
    inLine(one, other) || Math.abs(one - other) === count - 1;

/** Nodes 1 to `count`, with the links of the shape and no others, once all of these are there. */
export async function meshes(
  world: World,
  count: number,
  isLink: (one: number, other: number) => boolean,
  options: MeshOptions = {},
): Promise<readonly SimulatedNode<MeshMember>[]> {
  const nodes: SimulatedNode<MeshMember>[] = [];
  const numbers = Array.from({ length: count }, (_, index) => index + 1);
  const linked = (one: number): readonly number[] => numbers.filter((other) => isLink(one, other));
  for (const number of numbers) {
    const known = new Set<string>(linked(number).map((other) => identityOf(other).id));
    const bootstrap = linked(number).map((other) => `sim://m${other}:1`);
    nodes.push(await world.start(`m${number}`, opener(number, known, bootstrap, options)));
  }
  await world.runUntil(() => nodes.every(({ value }, index) => value.mesh.peers.length === linked(index + 1).length));
  return nodes;
}

function opener(
  number: number,
  known: ReadonlySet<string>,
  bootstrap: readonly string[],
  { messages = "require", isStored = false }: MeshOptions,
): (seams: NodeSeams) => Promise<MeshMember> {
  return async (seams) => {
    const { address, clock, random, transports } = seams;
    const identity = identityOf(number);
    const bytes = { keyEncoding: "view", valueEncoding: "view", name: "replays" } as const;
    const security = noise({
      identity,
      messages,
      gate: { peer: (id) => known.has(id) },
      ...(isStored ? { replayStore: simulatedLevel<Uint8Array, Uint8Array>(seams, bytes) } : {}),
    });
    const judged: string[] = [];
    security.on("messageAccepted", () => judged.push("accepted"));
    security.on("messageRefused", ({ code }) => judged.push(code));
    security.on("messageForged", ({ code }) => judged.push(code));
    const network = "club";
    const mesh = new Mesh({ network, listen: [address], bootstrap, clock, random, transports, security });
    const member = watched(new SecureNode({ node: mesh.node, security, identity, network, messages }));
    await mesh.open();
    return { ...member, mesh, judged };
  };
}
