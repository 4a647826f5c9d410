// Questions of neighbours, so many of each at a time, and what is said to them. [CHORD-046]
import type { NodeId, WireValue } from "@p2p/wire";
import type { Link } from "./link.js";
import { answerStatus, decodeQuestion, encodeAnswer } from "./messages/answer.js";

/** Answers a question by calling `answer` once; without values: it could not. */
export type OnQuestion = (
  from: NodeId,
  question: readonly WireValue[],
  answer: (values?: readonly WireValue[]) => void,
) => void;

export class ServedQuestions {
  readonly #perLink: number;
  readonly #onQuestion: OnQuestion;
  /** Those of a neighbour that are not answered. */
  readonly #open = new WeakMap<Link, number>();

  /** @param perLink questions of one neighbour that may be open */
  constructor(perLink: number, onQuestion: OnQuestion) {
    this.#perLink = perLink;
    this.#onQuestion = onQuestion;
  }

  /** @throws ChordError `bad-message` */
  take(link: Link, items: readonly WireValue[]): void {
    const { requestId, question } = decodeQuestion(items);
    const open = this.#open.get(link) ?? 0;
    if (open >= this.#perLink) {
      link.send(encodeAnswer(requestId, answerStatus.failed, []));
      return;
    }
    this.#open.set(link, open + 1);
    this.#onQuestion(link.id, question, (values) => {
      this.#open.set(link, (this.#open.get(link) ?? 1) - 1);
      const status = values === undefined ? answerStatus.failed : answerStatus.answered;
      if (!link.send(encodeAnswer(requestId, status, values ?? [])) && values !== undefined) {
        link.send(encodeAnswer(requestId, answerStatus.failed, []));
      }
    });
  }
}
