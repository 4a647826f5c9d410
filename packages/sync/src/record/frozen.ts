// Values as they are shown to the application: they are the table's own, so that nobody may change them in place.
import type { WireValue } from "@p2p/wire";

/** The value, with all that is in it frozen at first sight. Byte strings are left: JavaScript cannot freeze them. */
export function frozen<T extends WireValue | undefined>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) freeze(value);
  return value;
}

/** From within: who is frozen has only what is frozen in it. */
function freeze(value: object): void {
  if (value instanceof Uint8Array) return;
  for (const item of Object.values(value)) frozen(item as WireValue);
  Object.freeze(value);
}
