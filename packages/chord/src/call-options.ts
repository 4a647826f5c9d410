// What a single call of a chord may be told besides its arguments; operations on keys have their own. [CHORD-048]
import { checkOptions, type NamesOf } from "@p2p/base";

export interface DirectOptions {
  /** Picks the handler there. Default: `message`. */
  readonly type?: string;
  /** Gives up waiting; the message may arrive nonetheless. */
  readonly signal?: AbortSignal;
}

export interface WaitOptions {
  /** Gives up. */
  readonly signal?: AbortSignal;
}

const waitOptionNames: NamesOf<WaitOptions> = { signal: true };

/** @param call its name, for the message. @throws TypeError for an option that there is not */
export function checkWait(call: string, options: WaitOptions = {}): void {
  checkOptions(`of ${call}`, waitOptionNames, options);
}
