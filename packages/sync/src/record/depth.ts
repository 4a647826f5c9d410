// How many containers a value has around each other. [SYNC-090]
import type { WireValue } from "@p2p/wire";

/** Whether a value has more than `most` containers around each other. */
export function isDeeper(value: WireValue, most: number): boolean {
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return false;
  if (most === 0) return true;
  for (const item of Array.isArray(value) ? value : Object.values(value)) if (isDeeper(item, most - 1)) return true;
  return false;
}
