import { nodeIdFromBytes } from "@p2p/wire";
import { describe, expect, test } from "vitest";
import type { Contact } from "./contact.js";
import { Ring } from "./ring.js";
import type { Role } from "./ring-events.js";

/** A node whose id begins with this byte. */
function contactAt(byte: number): Contact {
  const position = new Uint8Array(48);
  position[0] = byte;
  return { id: nodeIdFromBytes(position), position, addresses: [] };
}

/** The role of a node after a minute beside one that may found the ring, too. */
function roleBeside(self: Contact, peer: Contact): Role {
  const times = { stabiliseMs: 5_000, hurryMs: 500, fingerMs: 15_000, mergeMs: 10_000 };
  const ring = new Ring({ self, times, random: () => 0.5 });
  ring.step({ kind: "start", serves: true, isFounder: false }, 0);
  ring.step({ kind: "named", isOnly: false }, 0);
  ring.step({ kind: "linked", peer, role: "seeking", mayFound: true }, 0);
  while (ring.dueAtMs < 60_000 && ring.role === "seeking") ring.step({ kind: "tick" }, ring.dueAtMs);
  return ring.role;
}

describe("[CHORD-018] of two that may found the ring, the one with the lesser id does", () => {
  // The text of the first has 65 characters, that of the second 66.
  test.each([
    [0x05, 0x50],
    [0x50, 0x60],
  ])("ids from %i and %i on", (lesser, greater) => {
    expect(roleBeside(contactAt(lesser), contactAt(greater))).toBe("member");
    expect(roleBeside(contactAt(greater), contactAt(lesser))).toBe("seeking");
  });
});
