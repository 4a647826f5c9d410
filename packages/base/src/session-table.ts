// The session as a table: for every state and event the effects and the next state [BASE-030].
// The same table is in spec/base.md, section 4; a test compares them cell by cell.

export const sessionStates = ["handshaking", "open", "yielding", "draining", "closed"] as const;

/**
 * `handshaking` until the peer's handshake; `open`; `yielding` when it lost to another connection with the same peer:
 * what was on its way is still taken; `draining` when all that is left is to send what is queued and see the end.
 */
export type SessionState = (typeof sessionStates)[number];

export const sessionEvents = [
  "handshake",
  "refusal",
  "duplicate",
  "ping",
  "pong",
  "message",
  "close",
  "bad",
  "handshake-due",
  "ping-due",
  "probe",
  "silent",
  "drain-due",
  "close-asked",
  "drop-asked",
  "ended",
  "lost",
] as const;

/** What can happen to a session. Explained in spec/base.md, section 4. */
export type SessionEvent = (typeof sessionEvents)[number];

/**
 * `open`: the connection is up. `fail`: it never came up. `leave`: it was up and is no longer. `deliver`: hand the
 * message on. `send-close`, `send-ping`, `send-pong`: queue that message. `measure`: take the times of a pong.
 * `end`: send what is queued, then finish this side. `destroy`: drop the channel. `gone`: nothing is left.
 */
export type SessionEffect =
  | "open"
  | "fail"
  | "leave"
  | "deliver"
  | "send-ping"
  | "send-pong"
  | "send-close"
  | "measure"
  | "end"
  | "destroy"
  | "gone";

export interface Cell {
  readonly effects: readonly SessionEffect[];
  readonly next: SessionState;
}

type Row = Readonly<Record<SessionState, Cell>>;

function cell(next: SessionState, ...effects: SessionEffect[]): Cell {
  return Object.freeze({ effects: Object.freeze(effects), next });
}

const stay = {
  handshaking: cell("handshaking"),
  open: cell("open"),
  yielding: cell("yielding"),
  draining: cell("draining"),
  closed: cell("closed"),
} as const satisfies Row;

/** Nothing good can come after these. */
const failed = cell("draining", "send-close", "end", "fail");
const left = cell("draining", "leave", "send-close", "end");
/** Input that would be a violation in another state. */
const ignoredFrame = { ...stay, yielding: cell("draining") };

/** Row by row as in spec/base.md. */
export const sessionTable: Readonly<Record<SessionEvent, Row>> = Object.freeze({
  handshake: { ...ignoredFrame, handshaking: cell("open", "open", "send-ping"), open: left },
  refusal: { ...ignoredFrame, handshaking: failed, open: left },
  duplicate: {
    ...stay,
    handshaking: cell("yielding", "send-close", "end", "fail"),
    open: cell("yielding", "leave", "send-close", "end"),
  },
  ping: { ...stay, handshaking: failed, open: cell("open", "send-pong") },
  pong: { ...stay, handshaking: failed, open: cell("open", "measure") },
  message: { ...stay, handshaking: failed, open: cell("open", "deliver"), yielding: cell("yielding", "deliver") },
  close: { ...stay, handshaking: cell("draining", "end", "fail"), open: left, yielding: cell("draining") },
  bad: { ...ignoredFrame, handshaking: failed, open: left },
  "handshake-due": { ...stay, handshaking: failed },
  "ping-due": { ...stay, open: cell("open", "send-ping") },
  probe: { ...stay, open: cell("open", "send-ping") },
  silent: { ...stay, open: left },
  "drain-due": { ...stay, yielding: cell("draining", "destroy"), draining: cell("draining", "destroy") },
  "close-asked": { ...stay, handshaking: failed, open: left },
  "drop-asked": {
    handshaking: cell("draining", "destroy", "fail"),
    open: cell("draining", "leave", "destroy"),
    yielding: cell("draining", "destroy"),
    draining: cell("draining", "destroy"),
    closed: stay.closed,
  },
  ended: { ...stay, handshaking: cell("draining", "end", "fail"), open: cell("draining", "leave", "end") },
  lost: {
    handshaking: cell("closed", "fail", "gone"),
    open: cell("closed", "leave", "gone"),
    yielding: cell("closed", "gone"),
    draining: cell("closed", "gone"),
    closed: stay.closed,
  },
});
