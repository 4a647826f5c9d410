// The options of a node, resolved once.

import { codecs, deriveNodeId, type NodeId, networkId, nodeIdToBytes } from "@p2p/wire";
import { tcpTransport } from "#tcp";
import type { Direction } from "./connection/connection.js";
import type { BackoffOptions } from "./dialling/backoff.js";
import { checkOptions, type NamesOf, shownValue } from "./known-names.js";
import { type NodeLimits, resolveLimits } from "./limits/limits.js";
import type { Signing } from "./messages/signing.js";
import type { NodeEvents } from "./node-events.js";
import type { Proofs } from "./owned/proofs.js";
import { type RequestLimits, resolveRequestLimits } from "./requests/request-limits.js";
import { type Clock, systemClock } from "./runtime/clock.js";
import { type Random, systemRandom } from "./runtime/random.js";
import { handshakeBounds } from "./session/handshake.js";
import { checkAddresses } from "./transport/address.js";
import { memoryTransport } from "./transport/memory.js";
import type { Security, Transport } from "./transport/transport.js";

/** A peer whose handshake is good, before its connection is taken. */
export interface PeerFacts {
  readonly id: NodeId;
  readonly direction: Direction;
  readonly remoteAddress: string;
  readonly addresses: readonly string[];
  readonly features: readonly string[];
}

export interface NodeOptions {
  /** Name of the network; nodes of other names are refused. */
  readonly network: string;
  /** An id kept from an earlier run: never of another node that may be up. Default: the security's, else drawn anew. */
  readonly id?: NodeId;
  /** Addresses to listen on, e.g. `tcp://127.0.0.1:0`. Default: none. */
  readonly listen?: readonly string[];
  /** Addresses told to peers instead of those bound, for nodes behind a router. Default: those bound. */
  readonly advertise?: readonly string[];
  /** Transports besides `tcp://` and `memory://`, or in their place. Default: none. */
  readonly transports?: readonly Transport[];
  /** A layer between transport and session. Default: none; ids are then claims. */
  readonly security?: Security;
  /** Features to list in the handshake besides those of attached protocols and `requests/1`. Default: none. */
  readonly features?: readonly string[];
  /** Features that peers must list. Default: those of attached protocols. */
  readonly needs?: readonly string[];
  /** Codecs to offer, most wanted first. Default: zlib, gzip. */
  readonly codecs?: readonly number[];
  /** Messages from so many bytes on are compressed, if the peer takes a codec. Default: Infinity, never. */
  readonly compressAboveBytes?: number;
  /** Takes (true) or refuses (false, or a text for the peer) a peer whose handshake is good. Default: takes all. */
  readonly accept?: (peer: PeerFacts) => boolean | string;
  /** Told of every event, by name. Default: nobody; see also {@link Node.on}. */
  readonly onEvent?: <Name extends keyof NodeEvents>(event: Name, ...args: NodeEvents[Name]) => unknown;
  /** Default: {@link defaultNodeLimits}. */
  readonly limits?: Partial<NodeLimits>;
  /** Default: {@link defaultRequestLimits}. */
  readonly requestLimits?: Partial<RequestLimits>;
  /** Pace of dialling kept connections again. Default: see {@link BackoffOptions}. */
  readonly reconnect?: Pick<BackoffOptions, "delaysMs" | "jitter">;
  /** How long a temporary connection is kept after its last use, in ms. Default: 10,000. */
  readonly temporaryIdleMs?: number;
  /** Default: {@link systemClock}. */
  readonly clock?: Clock;
  /** Default: {@link systemRandom}. */
  readonly random?: Random;
}

export const nodeOptionNames: NamesOf<NodeOptions> = {
  network: true,
  id: true,
  listen: true,
  advertise: true,
  transports: true,
  security: true,
  features: true,
  needs: true,
  codecs: true,
  compressAboveBytes: true,
  accept: true,
  onEvent: true,
  limits: true,
  requestLimits: true,
  reconnect: true,
  temporaryIdleMs: true,
  clock: true,
  random: true,
};

const reconnectNames: NamesOf<NonNullable<NodeOptions["reconnect"]>> = { delaysMs: true, jitter: true };

export interface ResolvedNodeOptions {
  readonly network: Uint8Array;
  readonly id: NodeId;
  readonly idBytes: Uint8Array;
  readonly boot: Uint8Array;
  readonly listen: readonly string[];
  readonly advertise: readonly string[] | undefined;
  readonly transports: ReadonlyMap<string, Transport>;
  readonly security: Security | undefined;
  readonly signing: Signing | undefined;
  readonly proofs: Proofs | undefined;
  readonly features: readonly string[];
  readonly needs: readonly string[];
  readonly codecs: readonly number[];
  readonly compressAboveBytes: number;
  readonly accept: ((peer: PeerFacts) => boolean | string) | undefined;
  readonly limits: NodeLimits;
  readonly requestLimits: RequestLimits;
  readonly reconnect: Pick<BackoffOptions, "delaysMs" | "jitter">;
  readonly temporaryIdleMs: number;
  readonly clock: Clock;
  readonly random: Random;
}

/** The feature of nodes that answer requests [BASE-209]. */
export const requestsFeature = "requests/1";

const saltBytes = 16;

/** @throws TypeError, RangeError, BaseError `address-invalid`, WireError `bad-node-id` for options that cannot be */
export function resolveOptions(options: NodeOptions): ResolvedNodeOptions {
  checkOptions("of a node", nodeOptionNames, options);
  checkOptions("of `reconnect`", reconnectNames, options.reconnect ?? {});
  const { network, listen = [], security, clock = systemClock, random = systemRandom } = options;
  if (typeof network !== "string") throw new TypeError("the option `network` is the name of the network, a string");
  const { temporaryIdleMs = 10_000 } = options;
  if (!(temporaryIdleMs >= 0)) throw new RangeError(`temporaryIdleMs is ${temporaryIdleMs}; it is a number from 0 up`);
  const limits = resolveLimits(options.limits);
  checkAddresses("listen", listen);
  checkAddresses("advertise", options.advertise ?? []);
  checkNames([...(options.features ?? []), ...(options.needs ?? [])]);
  const offered = options.codecs ?? [codecs.zlib, codecs.gzip];
  for (const codec of offered) {
    if (codec !== codecs.zlib && codec !== codecs.gzip) throw new RangeError(`there is no codec ${codec} to offer`);
  }
  const { compressAboveBytes = Number.POSITIVE_INFINITY } = options;
  if (typeof compressAboveBytes !== "number" || !(compressAboveBytes >= 0)) {
    throw new RangeError(`compressAboveBytes is ${shownValue(compressAboveBytes)}; it is a number from 0 up`);
  }
  if (security !== undefined) checkSecurity(security);
  const networkBytes = networkId(network, security?.name);
  if (options.id !== undefined && security?.nodeId !== undefined && options.id !== security.nodeId) {
    throw new TypeError("the option `id` is another one than the security proves; leave it out");
  }
  const id =
    security?.nodeId ??
    options.id ??
    deriveNodeId({ address: listen[0] ?? "", networkId: networkBytes, salt: hex(random.bytes(saltBytes)) });
  const signing = security?.signing?.({ networkId: networkBytes, clock });
  const { features = [], needs = [] } = options;
  const ofSigning = signing?.features ?? [];
  const transports = new Map<string, Transport>();
  for (const transport of [memoryTransport({ clock }), tcpTransport(), ...(options.transports ?? [])]) {
    transports.set(transport.scheme, transport);
  }
  return {
    network: networkBytes,
    id,
    idBytes: nodeIdToBytes(id),
    boot: random.bytes(8),
    listen,
    advertise: options.advertise,
    transports,
    security,
    signing,
    proofs: security?.proofs,
    features: [...new Set([requestsFeature, ...features, ...needs, ...ofSigning])],
    needs: [...needs, ...ofSigning],
    codecs: offered,
    compressAboveBytes,
    accept: options.accept,
    limits,
    requestLimits: resolveRequestLimits(options.requestLimits, limits.maxRequestsPerPeer),
    reconnect: options.reconnect ?? {},
    temporaryIdleMs,
    clock,
    random,
  };
}

/** Callers without types may give a flag, or forget to call: that must not end in a node without security. */
function checkSecurity(security: Security): void {
  if (typeof security?.name === "string" && typeof security.secure === "function") return;
  throw new TypeError("the option `security` is a layer of security, such as `noise({ identity })` of @p2p/securenode");
}

/** What no peer would take. Networks add a few of their own to the names. */
function checkNames(names: readonly string[]): void {
  const { features, featureLength } = handshakeBounds;
  if (names.length >= features)
    throw new RangeError(`${names.length} features; a handshake holds less than ${features}`);
  for (const name of names) {
    if (typeof name !== "string") throw new TypeError("the name of a feature is a text");
    if (name.length > featureLength)
      throw new RangeError(`feature "${name}" has more than ${featureLength} characters`);
  }
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
