// Inflating under both caps at once: the size of the output and its ratio to the input. [WIRE-014, WIRE-015]
import { WireError } from "./errors.js";
import { overCap } from "./inflate-errors.js";
import { highestFrameBytes, type WireLimits } from "./limits.js";

/**
 * Inflates `payload` by a function of `#compression`, to at most `maxFrameBytes` and `maxInflateRatio` times its length.
 *
 * @throws WireError `inflate-too-large` or `inflate-ratio`, whichever cap is the lower, and what the function throws.
 */
export function cappedInflate(
  inflate: (bytes: Uint8Array, cap: number) => Uint8Array,
  payload: Uint8Array,
  limits: WireLimits,
): Uint8Array {
  const byRatio = Math.max(1, Math.floor(payload.length * limits.maxInflateRatio));
  const cap = Math.min(limits.maxFrameBytes, highestFrameBytes, byRatio);
  // A limit which is missing or NaN makes a cap that is no number, and would be none for zlib.
  if (!(cap >= 1)) throw overCap(cap);
  try {
    return inflate(payload, cap);
  } catch (error) {
    if (error instanceof WireError && error.code === "inflate-too-large" && byRatio < limits.maxFrameBytes) {
      const message = `${payload.length} bytes inflate to more than ${limits.maxInflateRatio} times as many`;
      throw new WireError("inflate-ratio", message, { cause: error });
    }
    throw error;
  }
}
