// The options of a node under test: the names of the limits registry, so that a suite can make every limit small.

/** Absent means the registry's default. A driver refuses an option that it does not know. */
export interface NodeOptions {
  /**
   * `base`: connections and messages alone. `mesh`: the broadcast network on top. `sync`: a table on a mesh.
   * `chord`: a node of a ring with a dictionary.
   * `secure`: a node that writes letters and answers questions, with `security`. `secure-mesh`: the same on a mesh.
   * `legacy-sync`: a table of profile 0.7.
   */
  readonly kind: "base" | "mesh" | "chord" | "sync" | "secure" | "secure-mesh" | "legacy-sync";
  readonly network: string;
  /** Addresses to listen on; `[]` for none. Default `["tcp://127.0.0.1:0"]`. */
  readonly listen?: readonly string[];
  /** Mesh, chord: addresses to start from. */
  readonly bootstrap?: readonly string[];
  /** Mesh: judge broadcasts by their data: "reject", "ignore", "wait" (for the command `verdict`), else accept. */
  readonly hasValidator?: boolean;
  /** Chord: whether to be a member. Default true. */
  readonly serve?: boolean;
  /** Chord: keeps what it holds, and its id, under this name while the driver lives. Default: not. */
  readonly store?: string;
  /** Tables: whether keys are leased. Default true. */
  readonly leases?: boolean;
  /** Tables of 0.7: how ids are written before a peer has shown it. */
  readonly dialect?: "bin" | "mixed" | "str";
  /** `manual`: time passes only by the commands `advance` and `set-wall`. Default `real`. */
  readonly clock?: "real" | "manual";
  /** With a manual clock: what its wall clock shows at first, in ms since 1970. Default: the time. */
  readonly wallMs?: number;
  /** Codecs offered in the handshake, most wanted first. Default: all that it has. */
  readonly codecs?: readonly number[];
  /** Messages from so many bytes on are compressed for peers that take a codec. Default: the implementation's. */
  readonly compressAboveBytes?: number;
  /** Features that peers must name. Default: those of the kind. */
  readonly needs?: readonly string[];
  /** Refuse every peer by the application's own decision, with this text. */
  readonly refuses?: string;
  /** `noise`: encrypted channels with proven ids. Default: none. */
  readonly security?: "noise";
  /** With security: the 32-byte seed of the identity, hexadecimal. Default: drawn. */
  readonly seed?: string;
  /** With security: the 32 bytes of the network key, hexadecimal. Default: none. */
  readonly networkKey?: string;
  /** With security: ids of nodes that are not wanted. Default: none. */
  readonly deny?: readonly string[];
  /** With security: how messages through others are signed. Default `off`. */
  readonly messages?: "off" | "sign-only" | "require";
  /** With security: keeps what it heard under this name while the driver lives, over restarts of the node. Default: not. */
  readonly replays?: string;
  /** Nodes of kind `secure` and `secure-mesh`: whether others are told who its neighbours are. Default true. */
  readonly tellsNeighbours?: boolean;
  /** Limits by their names in spec/registries/limits.json. */
  readonly limits?: { readonly [name: string]: number };
}
