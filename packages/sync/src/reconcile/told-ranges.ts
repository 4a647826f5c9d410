// What was told of ranges, so that the answers can be understood, and each is taken once: ranges only get narrower, and so a
// comparison ends. [SYNC-078] [SYNC-079] [SYNC-092]
import type { RangeItem } from "../messages/comparison.js";
import { bad } from "../messages/read.js";
import { parentOf, rootPath } from "./range-path.js";

/** All sixteen parts of a range. */
const allParts = 0xffff;

type Told = { readonly kind: "prints"; answered: number } | { readonly kind: "list"; readonly keys: readonly string[] };

export class ToldRanges {
  readonly #told = new Map<number, Told>();
  /** Parts of all positions that the peer's first turn told. */
  #top = 0;

  /** A range was told by the fingerprints of its parts. */
  addPrints(path: number): void {
    this.#told.set(path, { kind: "prints", answered: 0 });
  }

  /** A range was told by the digests of these keys. */
  addList(path: number, keys: readonly string[]): void {
    this.#told.set(path, { kind: "list", keys });
  }

  /** The peer has answered all that it was told. */
  clear(): void {
    this.#told.clear();
  }

  /** The peer begins to tell: all positions, or parts of them. @returns whether the range is one of these @throws SyncError `bad-message` */
  takeTop(path: number): boolean {
    if (path !== rootPath && parentOf(path) !== rootPath) return false;
    const parts = path === rootPath ? allParts : bitOf(path);
    if ((this.#top & parts) !== 0) throw bad("a range", "one that was not told before");
    this.#top |= parts;
    return true;
  }

  /** The peer tells a range: a part of one that was told by fingerprints, or that same one by its digests. @throws SyncError `bad-message` */
  takeAnswer(path: number, kind: RangeItem["kind"]): void {
    const same = this.#told.get(path);
    if (same?.kind === "prints" && kind === "list" && same.answered === 0) {
      same.answered = allParts;
      return;
    }
    const parent = this.#told.get(parentOf(path));
    const bit = bitOf(path);
    if (parent?.kind !== "prints" || (parent.answered & bit) !== 0) throw bad("a range", "a part of one that was told");
    parent.answered |= bit;
  }

  /** The peer wants records of a range that was told by digests. @returns their keys @throws SyncError `bad-message` */
  takeWant(path: number, indexes: readonly number[]): string[] {
    const told = this.#told.get(path);
    if (told?.kind !== "list") throw bad("a want", "of a range that was told by digests");
    this.#told.delete(path);
    return [...new Set(indexes)].map((index) => {
      const key = told.keys[index];
      if (key === undefined) throw bad("the index of a want", "one of the digests");
      return key;
    });
  }
}

/** Which part of the range above it a range is. */
function bitOf(path: number): number {
  return 1 << (path % 16);
}
