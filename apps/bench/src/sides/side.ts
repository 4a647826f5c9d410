// What each library under comparison has to be able to do, so that one publisher and one subscriber serve them all.

/** The sides of the mesh comparison. */
export const sideNames = [
  "@p2p/mesh",
  "@p2p/mesh noise",
  "@p2p/mesh signed",
  "raw tcp",
  "gossipsub plaintext",
  "gossipsub noise",
  "gossipsub signed",
  "js2p",
] as const;
export type SideName = (typeof sideNames)[number];

/** One node of one library, in a process of its own. */
export interface Side {
  /** True when a published payload is kept or read later: the publisher then makes a fresh copy for each message. */
  readonly keepsPayload: boolean;
  /** Connects to a listening node; an origin or a subscriber behind a relay does only this. */
  dial(address: string): Promise<void>;
  /** Settles once a message published here reaches `count` neighbours. */
  hasNeighbours(count: number): Promise<void>;
  /** Broadcasts. False (or a promise of it) asks to wait for `drained`: the library's own backpressure, where it has any. */
  publish(payload: Uint8Array): boolean | Promise<boolean>;
  drained(): Promise<void>;
}

/** How a side is started. */
export interface SideOptions {
  /** An ephemeral port on 127.0.0.1 is listened on when true. */
  readonly listens: boolean;
  /** Called with every message that the application gets. */
  readonly onMessage: (payload: Uint8Array) => void;
}

/** A started side, and where it listens ("" if it does not). */
export interface StartedSide {
  readonly side: Side;
  readonly address: string;
}

export type StartSide = (options: SideOptions) => Promise<StartedSide>;
