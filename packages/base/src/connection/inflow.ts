// The receiving half of a connection: chunks to decoded bodies, and what is wrong with them [BASE-004] [BASE-005] [BASE-027].
import { type Body, decodeBody, type Frame, FrameDecoder, inflateFrame, WireError, type WireLimits } from "@p2p/wire";
import { BaseError } from "../errors.js";
import { type CloseReason, ourReason } from "../session/close-reason.js";
import { OpeningGate } from "../session/handshake.js";

export interface InflowLimits extends WireLimits {
  readonly maxHandshakeBytes: number;
}

/** Takes what comes in. Errors that it throws for a body refuse the input, when they are those of bad input. */
export interface InflowSink {
  takeBody(body: Body, frame: Frame, rawBody: Uint8Array): void;
  refuseInput(reason: CloseReason): void;
  /** A failure that is not the peer's doing. */
  reportFailure(error: unknown): void;
}

export class Inflow {
  readonly #limits: InflowLimits;
  readonly #codecs: readonly number[];
  readonly #sink: InflowSink;
  readonly #decoder: FrameDecoder;
  /** Until the handshake is done. */
  #gate: OpeningGate | undefined = new OpeningGate();
  #isStopped = false;

  /** @param codecs offered to the peer */
  constructor(limits: InflowLimits, codecs: readonly number[], sink: InflowSink) {
    this.#limits = limits;
    this.#codecs = codecs;
    this.#sink = sink;
    this.#decoder = new FrameDecoder(limits);
  }

  /** Bytes of an unfinished frame that are held. */
  get bufferedBytes(): number {
    return this.#decoder.bufferedBytes;
  }

  onChunk(chunk: Uint8Array): void {
    const wrong = this.#gate?.look(chunk, this.#limits.maxHandshakeBytes);
    if (wrong !== undefined) {
      this.#sink.refuseInput(wrong);
      return;
    }
    try {
      this.#decoder.push(chunk, this.#onFrame);
    } catch (error) {
      this.#refuse(error);
    }
  }

  /** The peer's handshake was taken: the bounds before it hold no more. */
  handshakeDone(): void {
    this.#gate = undefined;
  }

  /** Ignores everything from now on. */
  stop(): void {
    this.#isStopped = true;
    this.#decoder.stop();
  }

  readonly #onFrame = (frame: Frame): void => {
    // A frame of the same chunk may have ended the session.
    if (this.#isStopped) return;
    try {
      const rawBody = this.#inflate(frame);
      this.#sink.takeBody(decodeBody(rawBody, this.#limits), frame, rawBody);
    } catch (error) {
      this.#refuse(error);
    }
  };

  #inflate(frame: Frame): Uint8Array {
    if (frame.codec === 0) return frame.payload;
    if (!this.#codecs.includes(frame.codec)) {
      throw new WireError("unsupported-codec", `codec ${frame.codec} was not offered`);
    }
    return inflateFrame(frame, this.#limits);
  }

  #refuse(error: unknown): void {
    const reason = reasonOf(error);
    if (reason === undefined) this.#sink.reportFailure(error);
    else this.#sink.refuseInput(reason);
  }
}

/** The close that an error of bad input leads to; undefined for other errors. */
function reasonOf(error: unknown): CloseReason | undefined {
  if (error instanceof WireError) {
    const isTooLarge = error.code === "frame-too-large" || error.code === "inflate-too-large";
    return ourReason(isTooLarge ? "tooLarge" : "badFrame", `${error.code}: ${error.message}`);
  }
  if (error instanceof BaseError && error.code === "bad-message") return ourReason("protocol", error.message);
  return undefined;
}
