// The shape of the state machines that ask several holders of a key: answers in, questions out, a result in the end.
import type { NodeId } from "@p2p/wire";
import type { Answer } from "./answers.js";
import type { Question } from "./questions.js";

export interface Ask {
  readonly node: NodeId;
  readonly question: Question;
}

/** Pure: whoever runs it looks positions up, asks, and hands in what comes of it, in any order. */
export interface Inquiry<Result> {
  /** Once known; what is asked after that is for the holders' good. */
  readonly result: Result | undefined;
  /** The nodes at and after a position, nearest first; none when the lookup failed. */
  found(position: number, nodes: readonly NodeId[]): readonly Ask[];
  answered(ask: Ask, answer: Answer): readonly Ask[];
  /** There was no answer. */
  failed(ask: Ask): readonly Ask[];
}
