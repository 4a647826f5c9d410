// Connections of @p2p/base nodes.
import type { Pairs } from "./pairs.js";

export function basePairs(): Pairs {
  throw new Error("not there yet");
}
