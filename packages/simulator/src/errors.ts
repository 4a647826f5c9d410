// The one error class of the package, with its closed list of codes.

/** Every code a {@link SimulatorError} can carry; stable, listed in the README. */
export type SimulatorErrorCode =
  /** What {@link World.runUntil} or {@link World.run} waits for did not come within the virtual time given. */
  | "deadline"
  /** Nothing is left to happen, and what was waited for has not come. */
  | "stuck"
  /** An invariant did not hold; what it threw is the cause. */
  | "invariant-failed"
  /** A timer, a queued job, a channel handler or a scripted action threw; its error is the cause. */
  | "callback-failed"
  /** Too many events happened at one instant: something goes round without time passing. */
  | "livelock"
  /** Something outside the world, such as a timer or a file of the platform, acted in it while it ran. */
  | "outside"
  /** A failure that is to be shrunk does not come again: something but the seed decides what happens. */
  | "not-deterministic"
  /** The world is running already, or was stopped by an earlier failure. */
  | "not-runnable"
  /** There is no node of that name, or none that is up. */
  | "unknown-node"
  /** A node crashed before its factory was done. */
  | "crashed"
  /** A node of that name exists already. */
  | "name-taken";

/** A world could not go on: what happened, at which virtual time, and how to see it again. */
export class SimulatorError extends Error {
  override readonly name: string = "SimulatorError";
  readonly code: SimulatorErrorCode;

  constructor(code: SimulatorErrorCode, message: string, options: { readonly cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
  }
}
