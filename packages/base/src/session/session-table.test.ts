// Every cell of the session's table: as the chapter has it, and as the session does it.
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { ourReason } from "./close-reason.js";
import { Session } from "./session.js";
import {
  type Cell,
  type SessionEvent,
  type SessionState,
  sessionEvents,
  sessionStates,
  sessionTable,
} from "./session-table.js";

const limits = { handshakeTimeoutMs: 10_000, pingIntervalMs: 30_000, deadAfterMs: 90_000, closeTimeoutMs: 5_000 };

/** The rows of the table in section 4 of the chapter, by event; cells by column. */
function chapterTable(): Map<string, readonly string[]> {
  const text = readFileSync(new URL("../../../../spec/base.md", import.meta.url), "utf8");
  const lines = text.split("\n");
  const head = lines.indexOf(`| event | ${sessionStates.join(" | ")} |`);
  if (head < 0) throw new Error("the chapter has no table of states and events");
  const rows = new Map<string, readonly string[]>();
  for (const line of lines.slice(head + 2)) {
    if (!line.startsWith("|")) break;
    const [event = "", ...cells] = line
      .slice(1, -1)
      .split("|")
      .map((part) => part.trim());
    rows.set(event.replaceAll("`", ""), cells);
  }
  return rows;
}

function textOf({ effects, next }: Cell, from: SessionState): string {
  const done = effects.length === 0 ? "-" : effects.join(" ");
  return next === from ? done : `${done} → ${next}`;
}

/** The events that lead from a new session to a state. */
const paths: Readonly<Record<SessionState, readonly SessionEvent[]>> = {
  handshaking: [],
  open: ["handshake"],
  standby: ["duplicate"],
  yielding: ["duplicate", "settled"],
  draining: ["refusal"],
  closed: ["lost"],
};

const chapter = chapterTable();

test("[BASE-030] chapter and code have the same events, and no cell is empty", () => {
  expect([...chapter.keys()]).toEqual([...sessionEvents]);
  for (const cells of chapter.values()) {
    expect(cells).toHaveLength(sessionStates.length);
    for (const cell of cells) expect(cell).not.toBe("");
  }
});

describe.each(sessionStates)("[BASE-030] in state %s", (from) => {
  test.each(sessionEvents)("the event %s", (event) => {
    const wanted = chapter.get(event)?.[sessionStates.indexOf(from)];
    expect(textOf(sessionTable[event][from], from)).toBe(wanted);
    const session = new Session(limits, 0);
    for (const step of paths[from]) session.step(step, 1, ourReason("normal", "path"));
    expect(session.state).toBe(from);
    const effects = session.step(event, 2, ourReason("busy", "test"));
    expect(textOf({ effects, next: session.state }, from)).toBe(wanted);
  });
});

test("[BASE-030] a session that is not open any more has a reason, and keeps the first", () => {
  for (const event of sessionEvents) {
    const session = new Session(limits, 0);
    session.step("handshake", 1);
    session.step(event, 2);
    if (session.state === "open") continue;
    const { reason } = session;
    expect(reason, event).toBeDefined();
    session.step("lost", 3, ourReason("busy", "later"));
    expect(session.reason).toBe(reason);
  }
});
