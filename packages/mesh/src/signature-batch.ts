// Own broadcasts of one turn, which one signature serves: they wait for the end of the turn, when what is queued is written anyway,
// and come before any whisper that is sent after them. [SEC-088]
import type { Signing } from "@p2p/base";
import type { NodeId } from "@p2p/wire";

export interface SignatureBatchParts {
  readonly signing: Pick<Signing, "sign" | "batchFrames" | "batchGrowthBytes">;
  /** Bytes that may wait. */
  readonly maxBytes: number;
  /** Whether this node and all its neighbours take a frame of so many bytes. */
  readonly isTaken: (bytes: number) => boolean;
  /** As in the seams of a node. */
  readonly beforeFlush: (finish: () => void) => void;
  readonly send: (frame: Uint8Array, exclude: readonly NodeId[] | undefined) => void;
  /** What waited cannot be signed. */
  readonly failed: (error: unknown) => void;
}

interface Waiting {
  readonly frame: Uint8Array;
  readonly exclude: readonly NodeId[] | undefined;
}

export class SignatureBatch {
  readonly #parts: SignatureBatchParts;
  #waiting: Waiting[] = [];
  #bytes = 0;
  #isAnnounced = false;

  constructor(parts: SignatureBatchParts) {
    this.#parts = parts;
  }

  /** Bytes that wait, as they are going to be at most. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Takes a frame with an envelope. It is signed alone where its proof would make it too long for somebody. */
  add(frame: Uint8Array, exclude: readonly NodeId[] | undefined): void {
    const { signing, maxBytes, isTaken, beforeFlush } = this.#parts;
    const bytes = frame.length + signing.batchGrowthBytes;
    const isAlone = bytes > maxBytes || !isTaken(bytes);
    if (isAlone || this.#bytes + bytes > maxBytes) this.finish();
    this.#waiting.push({ frame, exclude });
    this.#bytes += bytes;
    if (isAlone || this.#waiting.length >= signing.batchFrames) this.finish();
    else if (!this.#isAnnounced) {
      this.#isAnnounced = true;
      beforeFlush(this.#atFlush);
    }
  }

  /** Signs and sends what waits. */
  finish(): void {
    const waiting = this.#waiting;
    if (waiting.length === 0) return;
    this.#waiting = [];
    this.#bytes = 0;
    let signed: readonly Uint8Array[];
    try {
      signed = this.#parts.signing.sign(waiting.map(({ frame }) => frame));
    } catch (error) {
      this.#parts.failed(error);
      return;
    }
    for (const [index, frame] of signed.entries()) this.#parts.send(frame, waiting[index]?.exclude);
  }

  readonly #atFlush = (): void => {
    this.#isAnnounced = false;
    this.finish();
  };
}
