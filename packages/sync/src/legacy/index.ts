// Tables of the 0.7 profile: a replica among the last py2p and js2p releases.
export { SyncError, type SyncErrorCode } from "../errors.js";
export type { LegacyChange } from "./effects.js";
export { type LegacyLease, LegacySync, type LegacySyncEvents } from "./legacy-sync.js";
export { defaultLegacyLimits, type LegacyLimits, type LegacySyncOptions } from "./options.js";
