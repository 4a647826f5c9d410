// Who may talk to this node: lists of ids and hosts, and callbacks before a dial, before a handshake and after it [SEC-061] to [SEC-064].
import { parseAddress } from "@p2p/base";
import type { NodeId } from "@p2p/wire";
import { notWelcome, type Refusal } from "./verdict.js";

/** Node ids and hosts (IP addresses in canonical text, names). A `Set` may change at any time, and counts as it is then. */
export type PeerList = readonly string[] | ReadonlySet<string>;

/** True lets through; false refuses, or a text that tells this node's people why. */
export type GateVerdict = boolean | string;

export interface Gate {
  /** Before an address is dialled. */
  dial?(address: string, expectedId: NodeId | undefined): GateVerdict;
  /** Before the handshake with whoever has dialled. */
  accept?(address: string): GateVerdict;
  /** After the handshake: the peer has proven its id. */
  peer?(id: NodeId, address: string, role: "dialer" | "acceptor"): GateVerdict;
}

export interface DoorOptions {
  readonly allow?: PeerList;
  readonly deny?: PeerList;
  readonly gate?: Gate;
}

/** Lists and callbacks as one. */
export class Door {
  readonly #allow: ReadonlySet<string> | undefined;
  readonly #deny: ReadonlySet<string>;
  readonly #gate: Gate;

  constructor({ allow, deny, gate }: DoorOptions) {
    this.#allow = allow === undefined ? undefined : setOf("allow", allow);
    this.#deny = setOf("deny", deny ?? []);
    this.#gate = gate ?? {};
  }

  /** Before a dial. */
  dial(address: string, expectedId: NodeId | undefined): Refusal | undefined {
    const denied = this.#denied(address, expectedId);
    return denied ?? ask(address, "dial", () => this.#gate.dial?.(address, expectedId) ?? true);
  }

  /** Before a handshake. */
  accept(address: string): Refusal | undefined {
    return this.#denied(address, undefined) ?? ask(address, "accept", () => this.#gate.accept?.(address) ?? true);
  }

  /** After a handshake. */
  peer(id: NodeId, address: string, role: "dialer" | "acceptor"): Refusal | undefined {
    const denied = this.#denied(address, id);
    if (denied !== undefined) return denied;
    if (this.#allow !== undefined && !this.#allow.has(id) && !this.#allow.has(hostOf(address))) {
      return notWelcome(`neither ${id} nor its host is on the allow list`, address);
    }
    return ask(id, "peer", () => this.#gate.peer?.(id, address, role) ?? true);
  }

  #denied(address: string, id: NodeId | undefined): Refusal | undefined {
    if (id !== undefined && this.#deny.has(id)) return notWelcome(`${id} is on the deny list`, address);
    const host = hostOf(address);
    return this.#deny.has(host) ? notWelcome(`${host} is on the deny list`, address) : undefined;
  }
}

/** A callback that fails refuses: whoever guards a door and falls ill does not leave it open. */
function ask(peer: string, name: keyof Gate, gate: () => GateVerdict): Refusal | undefined {
  // Of callers without types anything may come: only true lets a peer through.
  let verdict: unknown = false;
  try {
    verdict = gate();
  } catch (cause) {
    return notWelcome(`the gate ${name} failed`, peer, cause);
  }
  if (verdict === true) return undefined;
  return notWelcome(typeof verdict === "string" ? verdict : `the gate ${name} refuses it`, peer);
}

function setOf(option: "allow" | "deny", list: PeerList): ReadonlySet<string> {
  // Of callers without types a single id may come, in which every letter would be one.
  if (typeof list !== "object" || list === null)
    throw new TypeError(`the option \`${option}\` is a list or a set of ids and hosts`);
  return "has" in list ? list : new Set(list);
}

function hostOf(address: string): string {
  try {
    return parseAddress(address).host;
  } catch {
    // Transports of others may have addresses of other forms: then the whole text stands in the list.
    return address;
  }
}
