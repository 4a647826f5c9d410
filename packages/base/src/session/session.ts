// The session of one connection: events and time in, effects out; no socket and no timer [BASE-030] to [BASE-049].
import { type CloseReason, lostReason, ourReason } from "./close-reason.js";
import { type SessionEffect, type SessionEvent, type SessionState, sessionTable } from "./session-table.js";

/** The limits concerned; see {@link NodeLimits} for units and defaults. */
export interface SessionLimits {
  readonly handshakeTimeoutMs: number;
  readonly pingIntervalMs: number;
  readonly deadAfterMs: number;
  readonly closeTimeoutMs: number;
}

/** How long a connection has to show life when another one was refused in its favour, in ms. */
export const probeTimeoutMs = 5_000;

export class Session {
  readonly #limits: SessionLimits;
  #state: SessionState = "handshaking";
  #reason: CloseReason | undefined;
  /** Monotonic ms: the handshake's, probe's or close's deadline, whichever the state has. */
  #deadlineAt: number;
  #lastFrameAt: number;
  #lastPingAt = Number.NEGATIVE_INFINITY;

  /** @param now monotonic ms, as in every call */
  constructor(limits: SessionLimits, now: number) {
    this.#limits = limits;
    this.#deadlineAt = now + limits.handshakeTimeoutMs;
    this.#lastFrameAt = now;
  }

  get state(): SessionState {
    return this.#state;
  }

  /** Why it ended or is ending: the first reason there was. */
  get reason(): CloseReason | undefined {
    return this.#reason;
  }

  /**
   * Takes an event. The effects are a constant of the table: the same array each time, so that a caller on the hot path
   * can compare instead of walking it.
   * @param reason of events that say why; the others have one of their own
   */
  step(event: SessionEvent, now: number, reason?: CloseReason): readonly SessionEffect[] {
    const from = this.#state;
    const { effects, next } = sessionTable[event][from];
    if (next !== from) {
      this.#state = next;
      if (next === "yielding" || (next === "draining" && from !== "yielding")) {
        this.#deadlineAt = now + this.#limits.closeTimeoutMs;
      } else if (next === "open") {
        this.#deadlineAt = Number.POSITIVE_INFINITY;
        this.#lastPingAt = now;
        this.#lastFrameAt = now;
      }
      // A connection that was to go stays after all.
      if (next === "open") this.#reason = undefined;
      else this.#reason ??= reason ?? reasonOf(event, from);
    }
    switch (event) {
      case "message":
      case "ping":
      case "pong":
      case "handshake":
        this.#lastFrameAt = now;
        if (next === "open") this.#deadlineAt = Number.POSITIVE_INFINITY;
        break;
      case "ping-due":
        this.#lastPingAt = now;
        break;
      case "probe":
        if (next === "open") this.#deadlineAt = Math.min(this.#deadlineAt, now + probeTimeoutMs);
        break;
      case "drain-due":
        this.#deadlineAt = Number.POSITIVE_INFINITY;
        break;
      default:
    }
    return effects;
  }

  /** The event that time alone has brought, if any; call it now and then. */
  due(now: number): SessionEvent | undefined {
    const isLate = now >= this.#deadlineAt;
    switch (this.#state) {
      case "handshaking":
        return isLate ? "handshake-due" : undefined;
      case "open":
        if (isLate || now - this.#lastFrameAt >= this.#limits.deadAfterMs) return "silent";
        return now - this.#lastPingAt >= this.#limits.pingIntervalMs ? "ping-due" : undefined;
      case "yielding":
      case "draining":
        return isLate ? "drain-due" : undefined;
      // Its time is that of the other connection.
      case "standby":
      case "closed":
        return undefined;
    }
  }

  /** This node did not read for a while: what the peer sent meanwhile counts as heard now [BASE-043]. */
  excuse(now: number): void {
    this.#lastFrameAt = now;
    // A probe's answer may be among it.
    const isProbed = this.#state === "open" && this.#deadlineAt !== Number.POSITIVE_INFINITY;
    if (isProbed) this.#deadlineAt = Math.max(this.#deadlineAt, now + probeTimeoutMs);
  }
}

function reasonOf(event: SessionEvent, from: SessionState): CloseReason {
  switch (event) {
    case "handshake":
    case "refusal":
      return ourReason("protocol", "a second handshake");
    case "ping":
    case "pong":
    case "message":
      return ourReason("protocol", "a message before the handshake");
    case "handshake-due":
      return ourReason("handshakeTimeout", "the handshake took too long");
    case "silent":
      return ourReason("idle", "nothing was heard for too long");
    case "ended":
    case "lost":
      return lostReason();
    default:
      return ourReason("normal", from === "handshaking" ? "closed before the handshake" : "closed");
  }
}
