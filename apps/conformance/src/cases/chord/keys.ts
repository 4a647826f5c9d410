// Keys that stand where a case wants them.
import { positionsOf } from "../../reference/positions.js";
import { at, isIn } from "../../stage/chord-circle.js";
import { keyOf } from "../../stage/chord-dictionary.js";
import type { StagedRing } from "../../stage/chord-ring.js";

/** Keys whose positions are where they are wanted. */
export function findKeys(count: number, isWanted: (positions: readonly Uint8Array[]) => boolean): string[] {
  const found: string[] = [];
  for (let number = 0; found.length < count; number++) {
    if (number === 1_000_000) throw new Error("no key stands there");
    if (isWanted(positionsOf(keyOf(`key ${number}`)))) found.push(`key ${number}`);
  }
  return found;
}

export function findKey(isWanted: (positions: readonly Uint8Array[]) => boolean): string {
  return String(findKeys(1, isWanted)[0]);
}

/** Whether a position lies between two fractions of the circle after the node. */
export const between =
  (ring: StagedRing, from: number, to: number) =>
  (position: Uint8Array | undefined): boolean =>
    position !== undefined && isIn(at(ring.id, from), position, at(ring.id, to));

export const firstPosition = ([position]: readonly Uint8Array[]): Uint8Array | undefined => position;
