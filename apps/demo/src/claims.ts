// What the story says of itself and can be wrong about: each sentence with whether it held, for the verdict.

export class Claims {
  readonly #failed: string[] = [];
  #held = 0;

  /** Sentences that held. */
  get held(): number {
    return this.#held;
  }

  /** Notes a sentence. @returns whether it holds */
  note(sentence: string, holds: boolean): boolean {
    if (holds) this.#held++;
    else this.#failed.push(sentence);
    return holds;
  }

  /** Sentences that did not hold; none if all is well. */
  problems(): readonly string[] {
    return this.#failed.map((sentence) => `it is not so: ${sentence}`);
  }
}
