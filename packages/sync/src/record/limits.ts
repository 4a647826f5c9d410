// What the protocol allows of one record, whatever the options of a node say. [SYNC-090]

/** Length of a key in UTF-8; the least is 1. */
export const maxKeyBytes = 1_024;
/** Length of an encoded whole value, or of a field: its name and its value. */
export const maxValueBytes = 65_536;
/** Containers around each other in a value, of which a field's map is one: messages put some more around it. */
export const maxValueDepth = 24;
/** Owned entries in one update, and owned records in one turn: each is verified, some 0.1 ms, before anything else goes on. */
export const maxOwnedRecords = 2_048;
/** Fields in one delta. */
export const maxDeltaFields = 65_536;
/** The longest lease: a day, which is no longer than a release is remembered. */
export const maxLeaseMs = 86_400_000;
/** The lease of a write that names none: an hour. */
export const usualLeaseMs = 3_600_000;
/** The greatest time of a stamp. */
export const maxTimeUs: number = Number.MAX_SAFE_INTEGER;
