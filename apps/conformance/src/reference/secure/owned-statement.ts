// What the owner of a key signs (spec/securenode.cddl).
import type { Packable } from "../msgpack.js";

export interface OwnedStatement {
  readonly networkId: Uint8Array;
  readonly realm: "sync" | "chord";
  readonly key: string;
  readonly sequence: number;
  /** Undefined: the key was removed. */
  readonly value: Packable | undefined;
}
