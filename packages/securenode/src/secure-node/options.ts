// The options of a secure node.
import { checkOptions, type NamesOf, type Node, type NodeOptions, nodeOptionNames } from "@p2p/base";
import { type NoiseOptions, type NoiseSecurity, noiseOptionNames } from "../channel/noise.js";
import { checkIdentity, type Identity } from "../identity/identity.js";
import type { MessageOptions } from "../signed/message-signing.js";
import type { SecureNodeLimits } from "./limits.js";

interface OwnOptions {
  /** Name of the network. */
  readonly network: string;
  /** Who this node is. */
  readonly identity: Identity;
  /** Whether others are told who this node is connected with. Default: true. */
  readonly tellsNeighbours?: boolean;
  /** How far the time of a letter may be from this node's wall clock, either way, in ms. Default: 1,800,000. */
  readonly freshnessMs?: number;
  /**
   * How messages that travel through other nodes are signed and judged; on the node of a network, what that network was made
   * with: another is a mistake. Default: `require`, also where `noise` alone has `off` [SEC-237].
   */
  readonly messages?: NonNullable<MessageOptions["messages"]>;
  /** Default: {@link defaultSecureNodeLimits}. */
  readonly secureLimits?: Partial<SecureNodeLimits>;
}

/** A node of its own, with an encrypted channel to every peer. */
export interface NewNodeOptions extends OwnOptions, Omit<NodeOptions, "id" | "network" | "security">, NoiseOptions {
  readonly identity: Identity;
  readonly freshnessMs?: number;
  readonly messages?: NonNullable<MessageOptions["messages"]>;
  readonly node?: undefined;
}

/** On the node of a network, such as `mesh.node`, that was made with `security: noise({ identity, messages: "require" })`. Not open yet, or open. */
export interface ExistingNodeOptions extends OwnOptions {
  readonly node: Node;
  /** What `noise` made for the node: its events are told too. Default: none. */
  readonly security?: NoiseSecurity;
}

export type SecureNodeOptions = NewNodeOptions | ExistingNodeOptions;

const ownNames: NamesOf<OwnOptions> = {
  network: true,
  identity: true,
  tellsNeighbours: true,
  freshnessMs: true,
  messages: true,
  secureLimits: true,
};
const { id: _id, security: _security, ...nodeNames } = nodeOptionNames;
const namesOfNew: NamesOf<NewNodeOptions> = { ...nodeNames, ...noiseOptionNames, ...ownNames, node: true };
const namesOfExisting: NamesOf<ExistingNodeOptions> = { ...ownNames, node: true, security: true };

/** @throws TypeError for an option that there is not: on the node of a network most are that network's */
export function checkSecureNodeOptions(options: SecureNodeOptions): void {
  if (options?.node === undefined) checkOptions("of a secure node", namesOfNew, options);
  else checkOptions("of a secure node on the node of a network", namesOfExisting, options);
  checkIdentity(options.identity);
  if (options.node === undefined || options.node.seams !== undefined) return;
  throw new TypeError("the option `node` is the node of a network, such as `mesh.node`");
}
