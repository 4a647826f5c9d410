// A replicated dictionary on a mesh: one object, the same table on every node.
export type { Level } from "@p2p/base";
export { type NodeId, parseNodeId, type WireValue } from "@p2p/wire";
export type { Change, Version } from "./change.js";
export type { Entry } from "./entry.js";
export { SyncError, type SyncErrorCode } from "./errors.js";
export type { Lease } from "./lease/lease.js";
export { defaultSyncLimits, type LeaseOptions, type SyncLimits, type SyncOptions } from "./options.js";
export { type OpenStoreOptions, openStore, type Store } from "./store/store.js";
export { Sync } from "./sync.js";
export type { SyncCounters } from "./sync-counters.js";
export type { LostLease, Refusal, SyncEvents } from "./sync-events.js";
export type { WatchTarget } from "./watch.js";
export type { DeleteOptions, DeltaOptions, WaitOptions, WriteOptions } from "./write-options.js";
