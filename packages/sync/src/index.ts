// A replicated dictionary on a mesh: one object, the same table on every node.
export { type NodeId, parseNodeId, type WireValue } from "@p2p/wire";
export type { Change } from "./change.js";
export type { Entry } from "./entry.js";
export { SyncError, type SyncErrorCode } from "./errors.js";
export type { Lease } from "./lease/lease.js";
export { defaultSyncLimits, type SyncLimits, type SyncOptions } from "./options.js";
export { openStore, type Store } from "./store/store.js";
export { Sync } from "./sync.js";
export type { SyncEvents } from "./sync-events.js";
