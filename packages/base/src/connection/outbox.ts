// Frames that wait to be written on one connection; adjacent ones become one chunk [BASE-070].

/** A queue of bytes in order. Frames must not change after they were pushed. */
export class Outbox {
  #queuedBytes = 0;
  /** Made when there is more than one run. */
  #runs: Uint8Array[] | undefined;
  /** The run that may still grow. */
  #buffer: ArrayBufferLike | undefined;
  #start = 0;
  #end = 0;

  /** Bytes pushed and not taken. */
  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  push(frame: Uint8Array): void {
    this.#queuedBytes += frame.length;
    if (frame.buffer === this.#buffer && frame.byteOffset === this.#end) {
      this.#end += frame.length;
      return;
    }
    this.#seal();
    this.#buffer = frame.buffer;
    this.#start = frame.byteOffset;
    this.#end = frame.byteOffset + frame.length;
  }

  /** Takes chunks from the front: as many as make up `bytes`, or all there are. */
  take(bytes: number): readonly Uint8Array[] {
    this.#seal();
    const runs = this.#runs;
    if (runs === undefined) return [];
    let count = 0;
    let taken = 0;
    while (taken < bytes && count < runs.length) taken += runs[count++]?.length ?? 0;
    this.#queuedBytes -= taken;
    if (count === runs.length) {
      this.#runs = undefined;
      return runs;
    }
    return runs.splice(0, count);
  }

  clear(): void {
    this.#queuedBytes = 0;
    this.#runs = undefined;
    this.#buffer = undefined;
  }

  #seal(): void {
    if (this.#buffer === undefined) return;
    this.#runs ??= [];
    this.#runs.push(new Uint8Array(this.#buffer, this.#start, this.#end - this.#start));
    this.#buffer = undefined;
  }
}
