// What an owner wrote last, so that it need not be told of its own writes by holders that may have missed them. [CHORD-280]
import { compareOwnedWrites } from "../store/owned-write.js";
import type { Write } from "../store/record.js";
import { textOf } from "../store/record-store.js";

/** Keys that are remembered, and bytes of their values; of others the holders tell. */
const maxKeys = 1_024;
const maxBytes = 8_388_608;

interface Known {
  readonly write: Write | undefined;
  /** The highest sequence that is known of the key. */
  readonly sequence: number;
}

export class OwnWrites {
  readonly #known = new Map<string, Known>();
  #bytes = 0;

  /** What this node wrote last, if nothing later was heard of. */
  last(key: Uint8Array): Write | undefined {
    return this.#known.get(textOf(key))?.write;
  }

  /** The highest sequence that was given to the key, or told of it; 0: none is known. */
  sequenceOf(key: Uint8Array): number {
    return this.#known.get(textOf(key))?.sequence ?? 0;
  }

  /** This node writes. */
  wrote(key: Uint8Array, write: Write): void {
    this.#keep(key, { write, sequence: write.version.timeUs });
  }

  /** A holder shows what the key has. */
  saw(key: Uint8Array, write: Write): void {
    const last = this.last(key);
    if (last !== undefined && compareOwnedWrites(write, last) <= 0) return;
    this.told(key, write.version.timeUs);
  }

  /** A holder tells of a higher sequence. */
  told(key: Uint8Array, sequence: number): void {
    const known = this.#known.get(textOf(key));
    const isLater = known?.write !== undefined && known.write.version.timeUs >= sequence;
    if (!isLater) this.#keep(key, { write: undefined, sequence: Math.max(sequence, known?.sequence ?? 0) });
  }

  #keep(key: Uint8Array, known: Known): void {
    const text = textOf(key);
    this.#forget(text);
    this.#known.set(text, known);
    this.#bytes += sizeOf(known);
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= maxKeys && this.#bytes <= maxBytes) return;
      this.#forget(oldest);
    }
  }

  #forget(text: string): void {
    const known = this.#known.get(text);
    if (known === undefined) return;
    this.#bytes -= sizeOf(known);
    this.#known.delete(text);
  }
}

function sizeOf({ write }: Known): number {
  return write?.value?.length ?? 0;
}
