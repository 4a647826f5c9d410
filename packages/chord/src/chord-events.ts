// What a chord tells its owner of. [CHORD-071]
import type { NamesOf } from "@p2p/base";
import type { NodeId } from "@p2p/wire";
import type { Key } from "./dictionary/value.js";
import type { Role } from "./ring/ring-events.js";

export interface ChordEvents {
  /** The node is a member, a client, or seeks its place again. */
  role: [role: Role];
  /** Predecessor or successors are others than before. */
  neighbours: [predecessor: NodeId | undefined, successors: readonly NodeId[]];
  /** A key that is held here has a value, which it had not. */
  add: [key: Key];
  /** A key that was held here has no value any more, or is not held here any more. */
  delete: [key: Key];
  /** A node brought a write of an owned key that the owner of that key did not make; its connection is closed. */
  forged: [by: NodeId, key: Key];
  /** Something failed that no call waits for. */
  error: [error: Error];
}

export const chordEventNames: NamesOf<ChordEvents> = {
  role: true,
  neighbours: true,
  add: true,
  delete: true,
  forged: true,
  error: true,
};
