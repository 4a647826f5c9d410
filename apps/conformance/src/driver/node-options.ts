// The options of a node under test: the names of the limits registry, so that a suite can make every limit small.

/** Absent means the registry's default. A driver refuses an option that it does not know. */
export interface NodeOptions {
  /** `base`: connections and messages alone. `mesh`: the broadcast network on top. */
  readonly kind: "base" | "mesh";
  readonly network: string;
  /** Addresses to listen on; `[]` for none. Default `["tcp://127.0.0.1:0"]`. */
  readonly listen?: readonly string[];
  /** Limits by their names in spec/registries/limits.json. */
  readonly limits?: { readonly [name: string]: number };
}
