// What the story and its processes tell one another over IPC.

/** From the story to a process. */
export type Order =
  /** Open a node, listen on a free port of 127.0.0.1, and join by the addresses. */
  | { readonly do: "join"; readonly bootstrap: readonly string[] }
  | { readonly do: "broadcast"; readonly texts: readonly string[] }
  /** Close the node and end. */
  | { readonly do: "leave" };

/** From a process to the story. Times are `process.hrtime.bigint()`: one clock for all processes of a machine. */
export type Report =
  | { readonly kind: "open"; readonly id: string; readonly address: string }
  /** The neighbours changed: these are all. */
  | { readonly kind: "neighbours"; readonly ids: readonly string[] }
  | { readonly kind: "sent"; readonly text: string; readonly atNs: bigint }
  | { readonly kind: "heard"; readonly text: string; readonly via: string; readonly atNs: bigint }
  /** The node is closed; nothing more follows. */
  | { readonly kind: "left" }
  | { readonly kind: "failed"; readonly reason: string };
