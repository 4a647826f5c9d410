// Who may connect: counts and rates by direction, address and prefix; pure, times come in [BASE-131] [BASE-133] to [BASE-137].
import { type AddressGroup, addressGroup } from "./address-group.js";
import { TokenBuckets } from "./token-buckets.js";

/** The limits concerned; see {@link NodeLimits} for units and defaults. */
export interface AdmissionLimits {
  readonly maxConnections: number;
  readonly maxInboundConnections: number;
  readonly maxPendingHandshakes: number;
  readonly maxConnectionsPerAddress: number;
  readonly maxConnectionsPerSubnet: number;
  readonly inboundPerSecond: number;
  readonly inboundBurst: number;
}

/** Why a connection is refused. */
export type AdmissionRefusal =
  /** As many connections, of this direction or in all, as the limits allow. */
  | "connections"
  /** As many inbound handshakes in progress as the limits allow. */
  | "pending-handshakes"
  /** Too many connections of the IPv4 address or IPv6 /56. */
  | "address"
  /** Too many connections of the IPv6 /48. */
  | "subnet"
  /** New connections of the address come too fast. */
  | "rate";

/** An admitted connection; to be given back with {@link Admission.release}. */
export interface Admitted {
  readonly direction: "inbound" | "outbound";
  readonly group: AddressGroup;
}

/** Of outbound connections, which are not counted by address. */
const noGroup: AddressGroup = Object.freeze({ address: "", subnet: undefined, isExempt: true });

/** The gate of one node. */
export class Admission {
  readonly #limits: AdmissionLimits;
  readonly #buckets: TokenBuckets;
  readonly #admitted = new Set<Admitted>();
  readonly #pending = new Set<Admitted>();
  readonly #byAddress = new Map<string, number>();
  readonly #bySubnet = new Map<string, number>();
  #inbound = 0;

  constructor(limits: AdmissionLimits) {
    this.#limits = limits;
    this.#buckets = new TokenBuckets(limits.inboundPerSecond, limits.inboundBurst);
  }

  get inbound(): number {
    return this.#inbound;
  }

  get outbound(): number {
    return this.#admitted.size - this.#inbound;
  }

  /** Inbound connections whose handshake is not done. */
  get pendingHandshakes(): number {
    return this.#pending.size;
  }

  /**
   * Asks for an inbound connection from `remoteAddress` (`scheme://host:port`) at `nowMs`, monotonic.
   * A refusal costs the asker a token too when it has any: trying again and again does not help.
   */
  admitInbound(remoteAddress: string, nowMs: number): Admitted | AdmissionRefusal {
    const limits = this.#limits;
    const group = addressGroup(remoteAddress);
    if (!group.isExempt && !this.#buckets.take(group.address, nowMs)) return "rate";
    if (this.#admitted.size >= limits.maxConnections || this.#inbound >= limits.maxInboundConnections) {
      return "connections";
    }
    if (this.#pending.size >= limits.maxPendingHandshakes) return "pending-handshakes";
    if (!group.isExempt && (this.#byAddress.get(group.address) ?? 0) >= limits.maxConnectionsPerAddress) {
      return "address";
    }
    const { subnet } = group;
    if (
      !group.isExempt &&
      subnet !== undefined &&
      (this.#bySubnet.get(subnet) ?? 0) >= limits.maxConnectionsPerSubnet
    ) {
      return "subnet";
    }
    const admitted: Admitted = { direction: "inbound", group };
    this.#admitted.add(admitted);
    this.#pending.add(admitted);
    this.#inbound++;
    count(this.#byAddress, group.address, 1);
    if (subnet !== undefined) count(this.#bySubnet, subnet, 1);
    return admitted;
  }

  /** Asks for a connection that this node wants to dial; only the total counts. Ask before dialling. */
  admitOutbound(): Admitted | AdmissionRefusal {
    if (this.#admitted.size >= this.#limits.maxConnections) return "connections";
    const admitted: Admitted = { direction: "outbound", group: noGroup };
    this.#admitted.add(admitted);
    return admitted;
  }

  /** The handshake of the connection is done. */
  handshakeDone(admitted: Admitted): void {
    this.#pending.delete(admitted);
  }

  /** The connection is over; harmless when it was released. */
  release(admitted: Admitted): void {
    if (!this.#admitted.delete(admitted)) return;
    this.#pending.delete(admitted);
    if (admitted.direction === "outbound") return;
    this.#inbound--;
    const { address, subnet } = admitted.group;
    count(this.#byAddress, address, -1);
    if (subnet !== undefined) count(this.#bySubnet, subnet, -1);
  }
}

/** Adds to a count; a count of 0 takes no memory. */
function count(counts: Map<string, number>, key: string, by: number): void {
  const next = (counts.get(key) ?? 0) + by;
  if (next === 0) counts.delete(key);
  else counts.set(key, next);
}
