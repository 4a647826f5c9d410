// What the besieger and a member process tell one another over IPC.

/** To a member: one operation on the dictionary. */
export type Order =
  | { readonly id: number; readonly do: "set"; readonly key: string; readonly value: number }
  | { readonly id: number; readonly do: "get"; readonly key: string };

/** From a member. */
export type Answer =
  /** It has its place in the ring. */
  | { readonly kind: "ready"; readonly address: string }
  /** A write is acknowledged, or this is what was read; null is no value. */
  | { readonly kind: "done"; readonly id: number; readonly value: number | null }
  /** The operation failed. */
  | { readonly kind: "failed"; readonly id: number; readonly reason: string };
