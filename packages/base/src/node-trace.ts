// What a node tells its tracers [BASE-161].

import type { Connection } from "./connection/connection.js";
import type { CloseReason } from "./session/close-reason.js";
import type { SessionEvent, SessionState } from "./session/session-table.js";

/** One thing that happened. The connection may not be up: then it has no id yet, and asking for it throws. */
export type NodeTraceEvent =
  /** A session took an event. */
  | {
      readonly kind: "session";
      readonly connection: Connection;
      readonly event: SessionEvent;
      readonly from: SessionState;
      readonly to: SessionState;
      readonly reason: CloseReason | undefined;
    }
  /** A body came in. */
  | {
      readonly kind: "received";
      readonly connection: Connection;
      readonly type: number;
      /** Of broadcasts and whispers. */
      readonly subtype: number | undefined;
      /** Length of the body, inflated. */
      readonly bytes: number;
    }
  /** A frame was queued. */
  | { readonly kind: "queued"; readonly connection: Connection; readonly bytes: number }
  /** A dial began. */
  | { readonly kind: "dial"; readonly address: string };
