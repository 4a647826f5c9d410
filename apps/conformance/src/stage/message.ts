// A message as the suite reads it off the wire: leniently, so that a case can say what is wrong with it.
import { codecLimits } from "../codec/codec-target.js";
import { frame, inflate, readHeader } from "../reference/frame.js";
import { type Packable, pack } from "../reference/msgpack.js";
import { unpack } from "../reference/unpack.js";
import type { Value } from "../reference/value.js";

export interface Message {
  /** The whole frame as it came. */
  readonly frame: Uint8Array;
  readonly codec: number;
  /** The uncompressed body. */
  readonly body: Uint8Array;
  readonly type: number;
  readonly sender: Uint8Array;
  readonly time: number;
  /** All elements after the time. */
  readonly items: readonly Value[];
  /** The first item of broadcasts and whispers, else -1. */
  readonly subtype: number;
}

/** Undefined when the bytes are not one frame with a readable body. */
export function readMessage(whole: Uint8Array): Message | undefined {
  if (whole.length < 5) return undefined;
  const { codec, length } = readHeader(whole);
  if (whole.length !== length + 4) return undefined;
  try {
    const body = inflate(whole.subarray(4), codec, {
      ...codecLimits,
      maxFrameBytes: 2 ** 28,
      maxInflateRatio: 2 ** 28,
    });
    const elements = unpack(body, undefined, { maxDepth: 900, maxEntries: 900_000 });
    if (!Array.isArray(elements)) return undefined;
    const [type, sender, time, ...items] = elements as Value[];
    if (typeof type !== "number" || !(sender instanceof Uint8Array)) return undefined;
    const subtype = (type === 0 || type === 2) && typeof items[0] === "number" ? items[0] : -1;
    return { frame: whole, codec, body, type, sender, time: Number(time), items, subtype };
  } catch {
    return undefined;
  }
}

/** The frame of a message with some elements changed: for layers that alter what passes. */
export function rewrite(
  message: Message,
  change: {
    readonly type?: Packable;
    readonly sender?: Packable;
    readonly time?: Packable;
    readonly items?: readonly Packable[];
  },
): Uint8Array {
  const { type = message.type, sender = message.sender, time = message.time, items = message.items } = change;
  return frame(pack([type, sender, time, ...items]));
}
