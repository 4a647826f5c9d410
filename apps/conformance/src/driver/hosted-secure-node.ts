// A node under test that writes letters and answers questions, and the commands about it.
import { randomBytes } from "node:crypto";
import type { Node } from "@p2p/base";
import { defaultSecureNodeLimits, Identity, type NetworkGraph, SecureNode } from "@p2p/securenode";
import { parseNodeId } from "@p2p/wire";
import { fromHex, toHex } from "../reference/value.js";
import { readValue, writeValue } from "../vectors/notation.js";
import { limitsOf } from "./hosted-mesh.js";
import type { NodeOptions } from "./node-options.js";
import type { GraphFacts, LetterCommand, Report } from "./protocol.js";

const isSecureKind = ({ kind }: NodeOptions): boolean => kind === "secure" || kind === "secure-mesh";

/** Limits of such nodes alone: other kinds have some of the names for limits of their own. */
export function isLetterLimit(options: NodeOptions, name: string): boolean {
  return isSecureKind(options) && Object.hasOwn(defaultSecureNodeLimits, name);
}

/** Such a node has security and an identity, whether or not they are asked for. */
export function withIdentity(options: NodeOptions): NodeOptions {
  if (!isSecureKind(options)) return options;
  return { ...options, security: "noise", seed: options.seed ?? randomBytes(32).toString("hex") };
}

interface Owner {
  open(): Promise<void>;
  close(): Promise<void>;
}

export class HostedSecureNode {
  readonly node: Node;
  readonly #owner: Owner;
  readonly #secure: SecureNode;

  /** @param owner of the node: itself, or a mesh @param options of the node; see {@link withIdentity} */
  constructor(name: string, node: Node, owner: Owner, options: NodeOptions, tell: (report: Report) => void) {
    const { network, seed = "", tellsNeighbours = true, limits, messages = "off" } = options;
    this.node = node;
    this.#owner = owner;
    this.#secure = new SecureNode({
      network,
      identity: Identity.fromSeed(fromHex(seed)),
      node: this.node,
      messages,
      tellsNeighbours,
      secureLimits: limitsOf(options, (limit) => isLetterLimit(options, limit)),
      ...(limits?.freshnessMs === undefined ? {} : { freshnessMs: limits.freshnessMs }),
    });
    this.#secure.on("letter", ({ from, type, data, readers, proof }) =>
      tell({
        report: "letter",
        node: name,
        from,
        type,
        data: writeValue(data),
        readers,
        isSigned: proof !== undefined,
      }),
    );
  }

  open(): Promise<void> {
    return this.#owner.open();
  }

  async close(): Promise<void> {
    await this.#secure.close();
    await this.#owner.close();
  }

  async run(command: LetterCommand): Promise<unknown> {
    if (command.do === "key-of") return toHex(await this.#secure.keyOf(parseNodeId(command.peer)));
    if (command.do === "discover") return factsOf(await this.#secure.discover({ hops: command.hops }));
    const { to, data, type, isSigned = false } = command;
    const about = type === undefined ? {} : { type };
    await this.#secure.send(to.map(parseNodeId), readValue(data), { isSigned, ...about });
    return null;
  }
}

function factsOf({ nodes, isComplete }: NetworkGraph): GraphFacts {
  const found = [...nodes.values()].map(({ id, hops, neighbours = null }) => ({ id, hops, neighbours }));
  return { nodes: found, isComplete };
}
