// Keys that one side has and the other saw deleted: told by the one, and believed by the other of what it sent. [SYNC-066]
// [SYNC-067]
import { maxTurnItems } from "../messages/comparison.js";
import type { RecordWriter } from "../messages/record-runs.js";

export class GoneKeys {
  readonly #turnsKept: number;
  /** Keys that were seen deleted here, to be told. */
  #toTell: string[] = [];
  /** The records of the last own turns. */
  readonly #sent: RecordWriter[] = [];

  /** @param turnsKept own turns in which a key that is said to be gone may have been */
  constructor(turnsKept: number) {
    this.#turnsKept = turnsKept;
  }

  /** A key that the peer told was seen deleted here. Those for which there is no room are told the next time. */
  add(key: string): void {
    if (this.#toTell.length < maxTurnItems) this.#toTell.push(key);
  }

  /** What goes into the next turn, beside these records. */
  next(records: RecordWriter): readonly string[] {
    if (this.#sent.push(records) > this.#turnsKept) this.#sent.shift();
    const keys = this.#toTell;
    this.#toTell = [];
    return keys;
  }

  /** Those keys that the peer may have meant: it was told of them. */
  *believed(keys: readonly string[]): Generator<string> {
    if (keys.length === 0) return;
    const sent = new Set<string>();
    for (const records of this.#sent) for (const key of records.keys()) sent.add(key);
    for (const key of keys) if (sent.has(key)) yield key;
  }
}
