// Options of a table of the 0.7 profile and their defaults. [SYNC-300] [SYNC-312]
import {
  type Clock,
  checkOptions,
  type NamesOf,
  type Random,
  systemClock,
  systemRandom,
  type Transport,
  tcpTransport,
  wholeLimits,
} from "@p2p/base";
import { type Dialect, dialects } from "@p2p/wire/legacy";

/** Limits of a member of a 0.7 network; 0.7 itself has none. */
export interface LegacyLimits {
  /** Length of a frame, inflated too. Default 1,048,576. */
  readonly maxFrameBytes: number;
  /** Keys of the table. Default 65,536. */
  readonly maxKeys: number;
  /** Length of a key in UTF-8. Default 1,024. */
  readonly maxKeyBytes: number;
  /** All frames by which the values came, as an estimate of the memory they take. Default 67,108,864. */
  readonly maxTableBytes: number;
  /** Links in all; more are not accepted. Default 64. */
  readonly maxLinks: number;
  /** Links that this node dials to peers that it heard of. Default 4, as in 0.7. */
  readonly maxOutgoing: number;
  /** Bytes that wait for a peer, above which its link is dropped. Default 4,194,304. */
  readonly maxBufferedBytes: number;
  /** Broadcasts that are remembered as seen. Default 65,536. */
  readonly maxSeen: number;
  /** How long a new link waits for the peer to speak first, in ms. Default 800. */
  readonly silenceMs: number;
  /** From a link being open to the peer's handshake, in ms. Default 10,000. */
  readonly handshakeTimeoutMs: number;
  /** Between attempts to reach a bootstrap address while there is no link, in ms. Default 5,000. */
  readonly retryMs: number;
}

export const defaultLegacyLimits: LegacyLimits = Object.freeze({
  maxFrameBytes: 1_048_576,
  maxKeys: 65_536,
  maxKeyBytes: 1_024,
  maxTableBytes: 67_108_864,
  maxLinks: 64,
  maxOutgoing: 4,
  maxBufferedBytes: 4_194_304,
  maxSeen: 65_536,
  silenceMs: 800,
  handshakeTimeoutMs: 10_000,
  retryMs: 5_000,
});

/** Options of a {@link LegacySync}. */
export interface LegacySyncOptions {
  /** The name of the network, as its 0.7 members have it. */
  readonly network: string;
  /** Where to listen, `tcp://host:port`: a 0.7 node is dialled by its peers, so it always listens. Port 0 takes a free one. */
  readonly listen: string;
  /** What peers are told, `tcp://host:port`. Default: what is bound. */
  readonly advertise?: string;
  /** Members to start from. Default: none. */
  readonly bootstrap?: readonly string[];
  /** Whether keys are leased: part of the network's id, so all members say the same. Default true. */
  readonly leases?: boolean;
  /**
   * How ids are written to a peer that does not speak first, and until a peer has shown it: `bin` (py2p 0.7.878), `mixed`
   * (py2p 0.7.870) or `str` (js2p). Default `str`.
   */
  readonly dialect?: "bin" | "mixed" | "str";
  readonly limits?: Partial<LegacyLimits>;
  /** Default: TCP. */
  readonly transport?: Transport;
  /** Default: the platform's. */
  readonly clock?: Clock;
  /** Default: the platform's. */
  readonly random?: Random;
}

const optionNames: NamesOf<LegacySyncOptions> = {
  network: true,
  listen: true,
  advertise: true,
  bootstrap: true,
  leases: true,
  dialect: true,
  limits: true,
  transport: true,
  clock: true,
  random: true,
};

export interface ResolvedLegacyOptions {
  readonly network: string;
  readonly listen: string;
  readonly advertise: string | undefined;
  readonly bootstrap: readonly string[];
  readonly leases: boolean;
  readonly dialect: Dialect;
  readonly limits: LegacyLimits;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly random: Random;
}

/** @throws TypeError for an unknown dialect; RangeError for a limit that is not a whole number from 1 on */
export function resolveLegacyOptions(options: LegacySyncOptions): ResolvedLegacyOptions {
  checkOptions("of a 0.7 table", optionNames, options);
  const dialect = dialects[options.dialect ?? "str"] as Dialect | undefined;
  if (dialect === undefined) throw new TypeError(`dialect is "bin", "mixed" or "str", not "${options.dialect}"`);
  const limits = wholeLimits("of a 0.7 table", defaultLegacyLimits, options.limits);
  return {
    network: options.network,
    listen: options.listen,
    advertise: options.advertise,
    bootstrap: options.bootstrap ?? [],
    leases: options.leases ?? true,
    dialect,
    limits,
    transport: options.transport ?? tcpTransport(),
    clock: options.clock ?? systemClock,
    random: options.random ?? systemRandom,
  };
}
