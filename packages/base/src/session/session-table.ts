// The session as a table: for every state and event the effects and the next state [BASE-030].
// The same table is in spec/base.md, section 4; a test compares them cell by cell.

export const sessionStates = ["handshaking", "open", "standby", "yielding", "draining", "closed"] as const;

/**
 * `handshaking` until the peer's handshake; `open`; `standby` while another connection with the same peer is to stay but
 * has not shown life; `yielding` when it has: what was on its way is still taken; `draining` when all that is left is to
 * send what is queued and see the end.
 */
export type SessionState = (typeof sessionStates)[number];

export const sessionEvents = [
  "handshake",
  "refusal",
  "duplicate",
  "settled",
  "promoted",
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
  standby: cell("standby"),
  yielding: cell("yielding"),
  draining: cell("draining"),
  closed: cell("closed"),
} as const satisfies Row;

const failed = cell("draining", "send-close", "end", "fail");
const left = cell("draining", "leave", "send-close", "end");
const dropped = cell("draining", "send-close", "end");
const destroyed = cell("draining", "destroy");
/** Input that ends the connection in every state that looks at it. */
const violation = { ...stay, handshaking: failed, open: left, standby: dropped, yielding: cell("draining") };

/** Row by row as in spec/base.md. */
export const sessionTable: Readonly<Record<SessionEvent, Row>> = Object.freeze({
  handshake: { ...violation, handshaking: cell("open", "open", "send-ping") },
  refusal: violation,
  duplicate: { ...stay, handshaking: cell("standby", "fail"), open: cell("standby", "leave") },
  settled: { ...stay, standby: cell("yielding", "send-close", "end") },
  promoted: { ...stay, standby: cell("open", "open", "send-ping") },
  ping: { ...stay, handshaking: failed, open: cell("open", "send-pong"), standby: cell("standby", "send-pong") },
  pong: { ...stay, handshaking: failed, open: cell("open", "measure") },
  message: {
    ...stay,
    handshaking: failed,
    open: cell("open", "deliver"),
    standby: cell("standby", "deliver"),
    yielding: cell("yielding", "deliver"),
  },
  close: { ...violation, handshaking: cell("draining", "end", "fail") },
  bad: violation,
  "handshake-due": { ...stay, handshaking: failed },
  "ping-due": { ...stay, open: cell("open", "send-ping") },
  probe: { ...stay, open: cell("open", "send-ping") },
  silent: { ...stay, open: left },
  "drain-due": { ...stay, yielding: destroyed, draining: destroyed },
  "close-asked": { ...stay, handshaking: failed, open: left, standby: dropped },
  "drop-asked": {
    handshaking: cell("draining", "destroy", "fail"),
    open: cell("draining", "leave", "destroy"),
    standby: destroyed,
    yielding: destroyed,
    draining: destroyed,
    closed: stay.closed,
  },
  ended: {
    ...stay,
    handshaking: cell("draining", "end", "fail"),
    open: cell("draining", "leave", "end"),
    standby: cell("draining", "end"),
  },
  lost: {
    handshaking: cell("closed", "fail", "gone"),
    open: cell("closed", "leave", "gone"),
    standby: cell("closed", "gone"),
    yielding: cell("closed", "gone"),
    draining: cell("closed", "gone"),
    closed: stay.closed,
  },
});
