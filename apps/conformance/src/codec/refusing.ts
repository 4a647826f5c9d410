// Tells refusals of @p2p/wire from crashes.
import { WireError } from "@p2p/wire";
import { Refusal } from "../reference/refusal.js";

/** A typed error of the package is a refusal; anything else that it throws passes and is a crash. */
export function refusing<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    if (error instanceof WireError) throw new Refusal(error.code, error.message, { cause: error });
    throw error;
  }
}
