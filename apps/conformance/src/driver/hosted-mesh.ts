// A mesh under test, and the validator by which a case judges broadcasts.
import type { NodeOptions as BaseNodeOptions, Node } from "@p2p/base";
import { defaultMeshLimits, Mesh, type Verdict } from "@p2p/mesh";
import { parseNodeId, type WireValue } from "@p2p/wire";
import { writeValue } from "../vectors/notation.js";
import type { NodeOptions } from "./node-options.js";
import type { Report } from "./protocol.js";

export function isMeshLimit(name: string): boolean {
  return Object.hasOwn(defaultMeshLimits, name);
}

export function limitsOf(options: NodeOptions, isWanted: (name: string) => boolean): Record<string, number> {
  return Object.fromEntries(Object.entries(options.limits ?? {}).filter(([name]) => isWanted(name)));
}

export class HostedMesh {
  readonly mesh: Mesh;
  readonly #waiting: ((verdict: Verdict) => void)[] = [];

  constructor(name: string, base: BaseNodeOptions, options: NodeOptions, tell: (report: Report) => void) {
    this.mesh = new Mesh({
      ...base,
      meshLimits: limitsOf(options, isMeshLimit),
      bootstrap: options.bootstrap ?? [],
      ...(options.hasValidator ? { validators: { "*": (message) => this.#judge(message.data) } } : {}),
    });
    this.mesh.on("message", ({ isBroadcast, from, type, data }) => {
      if (isBroadcast) tell({ report: "broadcast", node: name, from, type, data: writeValue(data) });
    });
  }

  get node(): Node {
    return this.mesh.node;
  }

  async broadcast(data: WireValue, type: string | undefined, exclude: readonly string[] = []): Promise<null> {
    if (!this.mesh.broadcast(data, { ...(type === undefined ? {} : { type }), exclude: exclude.map(parseNodeId) })) {
      await this.mesh.drained();
    }
    return null;
  }

  /** Gives the verdict that all waiting broadcasts get. */
  give(verdict: Verdict): null {
    for (const resolve of this.#waiting.splice(0)) resolve(verdict);
    return null;
  }

  #judge(data: WireValue): Verdict | Promise<Verdict> {
    if (data === "ignore" || data === "reject") return data;
    if (data !== "wait") return "accept";
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}
