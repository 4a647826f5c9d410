// What a connection needs of the node it belongs to.
import type { Body, Frame, FrameWriter, NodeIdCache, Timestamper, WireValue } from "@p2p/wire";
import type { MemoryBudget } from "../limits/budget.js";
import type { NodeLimits } from "../limits/limits.js";
import type { NodeTraceEvent } from "../node-trace.js";
import type { Clock } from "../runtime/clock.js";
import type { Trace } from "../runtime/diagnostics.js";
import type { CloseReason } from "../session/close-reason.js";
import type { Handshake } from "../session/handshake.js";
import type { SharedLists } from "./shared-lists.js";

/** @typeParam Link what it owns: it gets each of them back in its calls */
export interface LinkOwner<Link> {
  readonly clock: Clock;
  readonly limits: NodeLimits;
  readonly budget: MemoryBudget;
  readonly writer: FrameWriter;
  readonly times: Timestamper;
  readonly names: NodeIdCache;
  readonly lists: SharedLists;
  /** 48 bytes. */
  readonly idBytes: Uint8Array;
  /** Codecs that this node inflates and writes, most wanted first. */
  readonly codecs: readonly number[];
  readonly compressAboveBytes: number;
  readonly trace: Trace<NodeTraceEvent>;
  /** The frame of a whisper of this node. @throws BaseError `message-too-large`, WireError */
  whisper(items: readonly WireValue[]): Uint8Array;
  /** The map of this node's handshake. */
  greeting(): WireValue;
  /** Why the peer is not taken, `duplicate` being special; undefined when it is. */
  judge(link: Link, handshake: Handshake): CloseReason | undefined;
  /** The connection is up. */
  opened(link: Link): void;
  /** A frame has come since it was asked for proof of life. */
  proven(link: Link): void;
  /** It never came up, or is to stand by (reason `duplicate`). */
  failed(link: Link, reason: CloseReason): void;
  /** It was up and is no longer, or stands by (reason `duplicate`). */
  left(link: Link, reason: CloseReason): void;
  /** Nothing of it is left. */
  gone(link: Link): void;
  /** A body that the session lets through. May throw BaseError `bad-message` and WireError to refuse it. */
  deliver(link: Link, body: Body, frame: Frame, rawBody: Uint8Array): void;
  /** There is room again. */
  drained(link: Link): void;
  /** Call `link.flush` at the end of the turn. */
  schedule(link: Link): void;
  /** Has frames finished that wait for the end of the turn. */
  finish(): void;
  /** A failure that is not the peer's doing. */
  report(error: unknown, link: Link): void;
  /** The link holds `bytes` more than the budget has. */
  overBudget(link: Link, bytes: number): void;
}
