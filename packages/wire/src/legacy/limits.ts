// The limits of the 0.7 profile. [WIRE-060, WIRE-106]
import { defaultLimits, type WireLimits } from "../limits.js";

/**
 * {@link defaultLimits}, but for the ratio: 0.7 nodes compress whatever they send, so that a text of 64 KiB may well come
 * 289 times smaller. Deflate cannot do more than 1,032; the output is capped by `maxFrameBytes` all the same.
 */
export const defaultLimits07: WireLimits = Object.freeze({ ...defaultLimits, maxInflateRatio: 1032 });
