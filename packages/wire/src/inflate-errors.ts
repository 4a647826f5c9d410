// The errors of inflating, the same for every implementation of #compression. [WIRE-014, WIRE-016]
import { WireError } from "./errors.js";

/** A stream that is not what it should be. */
export function damaged(message: string, cause?: unknown): WireError {
  return new WireError("bad-compression", message, { cause });
}

/** A stream that gives more than it may. */
export function overCap(cap: number): WireError {
  return new WireError("inflate-too-large", `the stream inflates to more than ${cap} bytes`);
}
