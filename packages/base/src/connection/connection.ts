// A connection as applications and networks see it.
import type { NodeId, WireValue } from "@p2p/wire";
import type { Counters } from "../limits/counters.js";
import type { CloseReason } from "../session/close-reason.js";

export type Direction = "inbound" | "outbound";

/** A connection with another node, from its handshake on. Section "Session" of spec/base.md. */
export interface Connection {
  /** The peer. Proven only under a security layer, else a claim. */
  readonly id: NodeId;
  /** The peer's id as 48 bytes; not to be changed. */
  readonly idBytes: Uint8Array;
  /** Who dialled: `outbound` is this node. */
  readonly direction: Direction;
  /** Where the peer says that it listens. */
  readonly addresses: readonly string[];
  /** Where the other end is. */
  readonly remoteAddress: string;
  /** What was dialled; undefined for inbound connections. */
  readonly dialledAddress: string | undefined;
  /** Features that the peer lists. */
  readonly features: readonly string[];
  /** Codecs that this node writes and the peer inflates, most wanted first. */
  readonly codecs: readonly number[];
  /** The longest frame body that the peer takes, in bytes. */
  readonly maxFrameBytes: number;
  /** Whether messages can be sent. */
  readonly isOpen: boolean;
  /** Whether it was made for one message, and closes when it is idle. */
  readonly isTemporary: boolean;
  /** Why it was closed; undefined while it is open. */
  readonly closeReason: CloseReason | undefined;
  /** Round trip in ms; undefined before the first pong. */
  readonly rttMs: number | undefined;
  /** What to add to this node's clock to get the peer's, in ms; undefined before the first pong. */
  readonly clockOffsetMs: number | undefined;
  readonly counters: Counters;
  /** Bytes that wait to be sent. */
  readonly bufferedBytes: number;

  /**
   * Queues an application message. Costs no promise: for many messages.
   * @returns false when it was queued but more should wait for {@link drained}; false also when not open
   * @throws BaseError `message-too-large`, WireError for data that cannot be encoded
   */
  sendMessage(data: WireValue, type?: string): boolean;
  /** Queues a whisper of a protocol: the subtype is the first item. As sendMessage. */
  sendWhisper(items: readonly WireValue[]): boolean;
  /**
   * Queues a whole frame, which must never change: for relays, and for one message to many. As sendMessage, but a frame
   * longer than {@link maxFrameBytes} is not queued. Far above the mark the peer is dropped as `slow`.
   */
  sendFrame(frame: Uint8Array): boolean;
  /**
   * Writes now what is queued, instead of at the end of this turn of the event loop: for an answer that the peer waits for,
   * while more of what it sent is read in the same turn.
   */
  flush(): void;
  /** Resolves when there is room again. @throws BaseError `connection-closed`; `signal.reason` */
  drained(signal?: AbortSignal): Promise<void>;
  /** Stops reading until {@link release} was called as often as hold: so the peer has to wait. */
  hold(): void;
  release(): void;
  /**
   * Sends what is queued, tells the peer why, and closes; harmless when repeated.
   * @param code of the registry of close codes. Default 0, normal
   */
  close(code?: number, text?: string): Promise<void>;
}
