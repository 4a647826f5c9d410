// What a store needs of a database: a part of the interface of `abstract-level`, which classic-level, browser-level and
// memory-level have.

export type LevelOperation =
  | { readonly type: "put"; readonly key: Uint8Array; readonly value: Uint8Array }
  | { readonly type: "del"; readonly key: Uint8Array };

interface Encodings {
  readonly keyEncoding: "view";
  readonly valueEncoding: "view";
}

export interface LevelIterator {
  nextv(size: number): Promise<[key: Uint8Array, value: Uint8Array][]>;
  close(): Promise<void>;
}

/** Any database of `abstract-level`, whatever its own encodings are. */
export interface Level {
  open(): Promise<void>;
  close(): Promise<void>;
  get(key: Uint8Array, options: Encodings): Promise<Uint8Array | undefined>;
  /** All or nothing. With `sync`, what was written outlives the loss of power, where the database can do that. */
  batch(operations: LevelOperation[], options: Encodings & { readonly sync: boolean }): Promise<void>;
  iterator(options: Encodings & { readonly gte: Uint8Array; readonly lt: Uint8Array }): LevelIterator;
}

/** Keys and values as bytes. */
export const asBytes: Encodings = { keyEncoding: "view", valueEncoding: "view" };
