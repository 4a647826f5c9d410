// What the story and its processes tell one another over IPC.

/** From the story to a process. */
export type Order =
  /** Open a node, listen on a free port of 127.0.0.1, and join by the addresses. */
  | { readonly do: "join"; readonly bootstrap: readonly string[] }
  | { readonly do: "broadcast"; readonly texts: readonly string[] }
  /** Write a key of the table; null deletes it. */
  | { readonly do: "write"; readonly key: string; readonly value: string | null }
  /** Close the node and end. */
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
  /** The node is closed; nothing more follows. */
  | { readonly kind: "left" }
  | { readonly kind: "failed"; readonly reason: string };
