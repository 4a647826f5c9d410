// Equal lists kept once: most peers of a node list the same features and codecs.

/** Different lists that are kept. Peers choose what they list, and must not fill memory with it. */
const maxLists = 64;

export class SharedLists {
  readonly #lists = new Map<string, readonly (string | number)[]>();

  /** A list with the same items, which must not be changed. */
  shared<T extends string | number>(list: readonly T[]): readonly T[] {
    const key = JSON.stringify(list);
    // Under this key there are only lists with the same items.
    const known = this.#lists.get(key) as readonly T[] | undefined;
    if (known !== undefined) return known;
    if (this.#lists.size >= maxLists) this.#lists.clear();
    this.#lists.set(key, list);
    return list;
  }
}
