// Limits that a codec enforces on what it reads and writes. [WIRE-060, WIRE-061]

/** Limits of one codec. All of them are checked before memory is taken for the data that they bound. */
export interface WireLimits {
  /** Largest frame body in bytes, as sent and after inflating. Default 1,048,576; at most {@link highestFrameBytes}. */
  readonly maxFrameBytes: number;
  /** Containers (arrays and maps) that may enclose each other, the body's own array counted. Default 32; 1,024 at most are taken. */
  readonly maxDepth: number;
  /** Entries of one array or map. Default 65,536. */
  readonly maxEntries: number;
  /** Largest inflated size as a multiple of the compressed size. Default 100. */
  readonly maxInflateRatio: number;
}

/** The largest `maxFrameBytes` that the 28-bit length field can carry: 256 MiB - 1. */
export const highestFrameBytes = 0x0fffffff;

/** What `maxDepth` ends at, however high it is set: encoders and decoders recurse. */
export const highestDepth = 1024;

/** The defaults of {@link WireLimits}; spread them to change one. */
export const defaultLimits: WireLimits = Object.freeze({
  maxFrameBytes: 1_048_576,
  maxDepth: 32,
  maxEntries: 65_536,
  maxInflateRatio: 100,
});
