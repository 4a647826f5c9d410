// A requirement of the written protocol, and where its sentence stands.

export const levels = ["MUST", "MUST NOT", "SHOULD", "SHOULD NOT", "MAY"] as const;
export type Level = (typeof levels)[number];

/** How a requirement is checked: bytes in one process, a node over a socket, or a person reading. */
export const testabilities = ["codec", "node", "review"] as const;
export type Testability = (typeof testabilities)[number];

export const profiles = ["1.0", "0.7"] as const;
export type Profile = (typeof profiles)[number];

export interface Requirement {
  /** For example `WIRE-014`; never reused. */
  readonly id: string;
  readonly level: Level;
  /** Path below `spec/`. */
  readonly file: string;
  /** The heading above it, for example `3.2 Handshake`. */
  readonly section: string;
  readonly profile: Profile;
  readonly test: Testability;
  /** The text without the marker, on one line. */
  readonly text: string;
}

/** True for a requirement that fails the run when no case covers it. */
export function isBinding(requirement: Requirement): boolean {
  return requirement.test !== "review" && (requirement.level === "MUST" || requirement.level === "MUST NOT");
}
