// A case: one checkable situation, the requirements that it proves, and the code that runs it.
import type { CodecTarget } from "../codec/codec-target.js";
import type { Stage } from "../stage/stage.js";

interface CaseFacts {
  /** Unique path, for example `base/handshake/wrong-network`. */
  readonly id: string;
  /** Ids of the requirements that a pass of this case supports. */
  readonly requirements: readonly string[];
  /** What is done and what must come of it, in one line. */
  readonly title: string;
}

/** Runs in the suite's process against a codec; throws when the codec breaks a requirement. */
export interface CodecCase extends CaseFacts {
  readonly kind: "codec";
  run(target: CodecTarget): Promise<void>;
}

/** Runs against a node in another process; throws when the node breaks a requirement. */
export interface NodeCase extends CaseFacts {
  readonly kind: "node";
  run(stage: Stage): Promise<void>;
}

export type Case = CodecCase | NodeCase;

export type Outcome = "passed" | "failed" | "skipped";

export interface CaseResult {
  readonly id: string;
  readonly title: string;
  readonly requirements: readonly string[];
  readonly outcome: Outcome;
  /** Why it failed or was skipped. */
  readonly reason?: string;
  readonly durationMs: number;
}
