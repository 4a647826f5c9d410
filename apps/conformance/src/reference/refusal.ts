// How an implementation under test says that it refuses an input; any other exception is a crash and fails the case.

export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly code: string;
  constructor(code: string, message: string = code, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}
