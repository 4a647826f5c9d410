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

/** @throws TypeError for what callers without types may give in the place of a database, such as its path */
export function checkLevel(level: Level): void {
  if (typeof level?.open === "function" && typeof level.batch === "function") return;
  throw new TypeError("a store is kept in a database of abstract-level, such as `new ClassicLevel(path)`");
}

/** Why a database failed, for messages: its error may tell no more than that, and the reason in a cause. */
export function whyFailed(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}

/** Keys and values as bytes. */
export const asBytes: Encodings = { keyEncoding: "view", valueEncoding: "view" };

/** The most operations of one call of the database: its memory, and the time that it holds the process up. */
const maxOperations = 4_096;
const maxBytes = 1_048_576;

/** Writes operations in batches of bounded size, in their order. With `sync`, all of them outlive the loss of power. */
export async function writeAll(level: Level, operations: Iterable<LevelOperation>, sync: boolean): Promise<void> {
  let batch: LevelOperation[] = [];
  let bytes = 0;
  for (const operation of operations) {
    if (batch.length >= maxOperations || bytes >= maxBytes) {
      await level.batch(batch, { ...asBytes, sync: false });
      batch = [];
      bytes = 0;
    }
    batch.push(operation);
    if (operation.type === "put") bytes += operation.value.length;
  }
  // With `sync`, all batches before are kept as well.
  if (batch.length > 0) await level.batch(batch, { ...asBytes, sync });
}

const entriesAtATime = 1_000;

/** All entries from `gte` to before `lt`, in the order of their keys. */
export async function* readAll(
  level: Level,
  range: { readonly gte: Uint8Array; readonly lt: Uint8Array },
): AsyncGenerator<[key: Uint8Array, value: Uint8Array]> {
  const iterator = level.iterator({ ...asBytes, ...range });
  try {
    for (;;) {
      const entries = await iterator.nextv(entriesAtATime);
      if (entries.length === 0) return;
      yield* entries;
    }
  } finally {
    await iterator.close();
  }
}
