// A store for tests that outlives its member: what was touched is there again, as on a disk that keeps every write.
import type { DictionaryStore } from "../dictionary/dictionary.js";
import type { LoadOptions } from "../store/chord-store.js";
import type { DictionaryRecord } from "../store/record.js";
import type { RecordStore } from "../store/record-store.js";

export class KeptRecords implements DictionaryStore {
  readonly #records = new Map<string, DictionaryRecord>();
  #source: RecordStore | undefined;
  reservedUs = 0;

  async load(into: RecordStore, { isGenuine }: LoadOptions): Promise<void> {
    this.#source = into;
    for (const record of this.#records.values()) if (isGenuine(record)) into.set(record);
  }

  touch(text: string): void {
    const record = this.#source?.entry(text)?.record;
    if (record === undefined) this.#records.delete(text);
    else this.#records.set(text, record);
  }

  async commit(): Promise<void> {}

  async close(): Promise<void> {}

  reserve(timeUs: number): undefined {
    this.reservedUs = Math.max(this.reservedUs, timeUs);
    return undefined;
  }
}
