// The session's deadlines, in a time that the test makes.
import { describe, expect, test } from "vitest";
import { ourReason } from "./close-reason.js";
import { Session } from "./session.js";

const limits = { handshakeTimeoutMs: 10_000, pingIntervalMs: 30_000, deadAfterMs: 90_000, closeTimeoutMs: 5_000 };

function openSession(now = 0): Session {
  const session = new Session(limits, now);
  session.step("handshake", now);
  return session;
}

describe("deadlines", () => {
  test("[BASE-007] the handshake is due after its limit, and not before", () => {
    const session = new Session(limits, 1_000);
    expect(session.due(10_999)).toBeUndefined();
    expect(session.due(11_000)).toBe("handshake-due");
    session.step("handshake-due", 11_000);
    expect(session.reason).toMatchObject({ name: "handshakeTimeout", byUs: true });
  });

  test("[BASE-041] a ping is due once in each interval", () => {
    const session = openSession();
    expect(session.due(29_999)).toBeUndefined();
    expect(session.due(30_000)).toBe("ping-due");
    session.step("ping-due", 30_000);
    expect(session.due(59_999)).toBeUndefined();
    expect(session.due(60_000)).toBe("ping-due");
  });

  test.each(["message", "ping", "pong"] as const)("[BASE-042] a whole frame (%s) is a sign of life", (event) => {
    const session = openSession();
    session.step("ping-due", 80_000);
    session.step(event, 80_000);
    session.step("ping-due", 169_999);
    expect(session.due(169_999)).toBeUndefined();
    expect(session.due(170_000)).toBe("silent");
  });

  test("[BASE-042] what is no frame of the peer is no sign of life", () => {
    const session = openSession();
    session.step("ping-due", 89_000);
    expect(session.due(90_000)).toBe("silent");
    session.step("silent", 90_000);
    expect(session.reason).toMatchObject({ name: "idle" });
  });

  test("[BASE-043] time without reading is no silence", () => {
    const session = openSession();
    session.step("ping-due", 89_000);
    session.excuse(89_000);
    expect(session.due(100_000)).toBeUndefined();
  });

  test("[BASE-064] a probe wants a frame within 5 s", () => {
    const session = openSession();
    session.step("probe", 1_000);
    expect(session.due(5_999)).toBeUndefined();
    expect(session.due(6_000)).toBe("silent");
    session.step("pong", 6_000);
    expect(session.due(6_001)).toBeUndefined();
  });

  test("[BASE-043] [BASE-064] a probe is not late while this node does not read its answer", () => {
    const session = openSession();
    session.step("probe", 1_000);
    expect(session.due(6_000)).toBe("silent");
    session.excuse(20_000);
    expect(session.due(20_001)).toBeUndefined();
    expect(session.due(25_000)).toBe("silent");
  });

  test("[BASE-053] a closing connection is dropped when the close timeout is over, once", () => {
    const session = openSession();
    session.step("close-asked", 1_000, ourReason("normal", "done"));
    expect(session.due(5_999)).toBeUndefined();
    expect(session.due(6_000)).toBe("drain-due");
    session.step("drain-due", 6_000);
    expect(session.due(60_000)).toBeUndefined();
  });

  test("[BASE-064] a connection that is promoted has no reason to end", () => {
    const session = openSession();
    session.step("duplicate", 1_000, ourReason("duplicate", ""));
    expect(session.reason).toMatchObject({ name: "duplicate" });
    session.step("promoted", 2_000);
    expect(session.reason).toBeUndefined();
    session.step("silent", 99_000);
    expect(session.reason).toMatchObject({ name: "idle" });
  });

  test("[BASE-065] yielding does not prolong the close timeout", () => {
    const session = openSession();
    session.step("duplicate", 500, ourReason("duplicate", ""));
    expect(session.due(900)).toBeUndefined();
    session.step("settled", 1_000);
    session.step("close", 3_000);
    expect(session.state).toBe("draining");
    expect(session.due(6_000)).toBe("drain-due");
  });
});
