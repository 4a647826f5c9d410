// What the story and its processes tell one another over IPC.

/** From the story to a process. */
export type Order =
  /** Open a node, listen on a free port of 127.0.0.1, and join by the addresses. */
  | { readonly do: "join"; readonly bootstrap: readonly string[] }
  | { readonly do: "broadcast"; readonly texts: readonly string[] }
  /** Write a key of the table; null deletes it. */
  | { readonly do: "write"; readonly key: string; readonly value: string | null }
  /** Open a second node, which stands on a ring: founds it, or joins it by the addresses. */
  | { readonly do: "stand"; readonly bootstrap: readonly string[] }
  /** Store a key on the ring. */
  | { readonly do: "store"; readonly key: string; readonly value: string }
  /** Read a key of the ring, and trace the way to the owner of its first position. */
  | { readonly do: "find"; readonly key: string }
  /** Close the nodes and end. */
  | { readonly do: "leave" };

/** From a process to the story. Times are `process.hrtime.bigint()`: one clock for all processes of a machine. */
export type Report =
  | { readonly kind: "open"; readonly id: string; readonly address: string }
  /** The neighbours changed: these are all. */
  | { readonly kind: "neighbours"; readonly ids: readonly string[] }
  | { readonly kind: "sent"; readonly text: string; readonly atNs: bigint }
  | { readonly kind: "heard"; readonly text: string; readonly via: string; readonly atNs: bigint }
  /** The table changed: its digest, and how many keys it has. */
  | { readonly kind: "table"; readonly digest: string; readonly keys: number }
  /** An order to write was done, or refused by the lease of another node. */
  | { readonly kind: "written"; readonly key: string }
  | { readonly kind: "refused"; readonly key: string; readonly owner: string; readonly expiresAtMs: number }
  /** The ring, as this process sees it: who comes next, and how many there are. */
  | {
      readonly kind: "ring";
      readonly id: string;
      readonly address: string;
      readonly successor: string;
      readonly members: number;
    }
  /** So many of the key's five positions have it. */
  | { readonly kind: "stored"; readonly key: string; readonly positions: number }
  /** What a key has, null being nothing; whose its first position is, and the nodes that the question came to, the owner last. */
  | {
      readonly kind: "found";
      readonly key: string;
      readonly value: string | null;
      readonly owner: string;
      readonly hops: readonly string[];
      readonly tookMs: number;
    }
  /** The nodes are closed; nothing more follows. */
  | { readonly kind: "left" }
  | { readonly kind: "failed"; readonly reason: string };
