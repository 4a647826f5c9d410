// What the dictionary needs of the ring, and nothing more: the facade implements it, tests have one in memory. [CHORD-200]
import type { NodeId, WireValue } from "@p2p/wire";

/** The positions after `after` up to and including `upTo`, clockwise; the whole ring when the two are equal. */
export interface PositionRange {
  /** 48 bytes, exclusive. */
  readonly after: Uint8Array;
  /** 48 bytes, inclusive. */
  readonly upTo: Uint8Array;
}

export interface RingAskOptions {
  /** Gives the question up. */
  readonly signal?: AbortSignal;
  /** How long to wait at most, in ms. Default: what the ring measures for that node. */
  readonly timeoutMs?: number;
}

/** Answers the questions of other nodes. A rejection is an answer too: the asker sees a failed question, at once. */
export type RingAnswerer = (from: NodeId, question: readonly WireValue[]) => Promise<readonly WireValue[]>;

/** A node's view of the ring. Its methods do not block. */
export interface Ring {
  readonly self: NodeId;
  /**
   * The positions that this node owns: after its predecessor, up to itself; the whole ring when it is alone. Undefined
   * while it is no member: a client, still joining, or gone.
   */
  readonly range: PositionRange | undefined;
  /** Whether the member before it is known. If not, the range begins where the last one was. */
  readonly hasPredecessor: boolean;
  /** The members after this one, nearest first, without itself. Empty when it is alone or no member. */
  readonly successors: readonly NodeId[];
  /**
   * The owner of a position, then the members after it, nearest first: `successors` of them, if the ring has so many; perhaps
   * more. This node may be among them. It does not say that they live.
   *
   * @throws when nobody can be asked, or the signal's reason
   */
  lookup(
    position: Uint8Array,
    successors: number,
    options?: { readonly signal?: AbortSignal },
  ): Promise<readonly NodeId[]>;
  /**
   * Asks a node by its id and waits for the answer; itself too, without the network. At most once: a question that was
   * lost is not sent again.
   *
   * @throws when no answer came in time, the node is not reached or refused; or the signal's reason
   */
  ask(node: NodeId, question: readonly WireValue[], options?: RingAskOptions): Promise<readonly WireValue[]>;
  /** Sets who answers; one only. */
  answer(answerer: RingAnswerer): void;
  /** Calls after `range` or `successors` changed. @returns what ends that */
  onChange(listener: () => void): () => void;
}
