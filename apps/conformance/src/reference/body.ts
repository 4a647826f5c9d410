// Message bodies of profile 1.0: the array `[type, sender, time, ...items]` and what must hold for it.
import { codecLimits, type MessageBody } from "../codec/codec-target.js";
import type { Defects } from "./defects.js";
import { noDefects } from "./defects.js";
import { type PackLimits, pack, packLimits } from "./msgpack.js";
import { Refusal } from "./refusal.js";
import { unpack } from "./unpack.js";
import type { Value } from "./value.js";

export const mainType = { broadcast: 0, renegotiate: 1, whisper: 2, ping: 3, pong: 4 } as const;

export function encodeBody(body: MessageBody, defects: Defects = noDefects): Uint8Array {
  const head = [body.type, body.sender, body.time];
  if (defects.has("body-reorder")) head.reverse();
  const bytes = pack([...head, ...body.items], defects);
  // What an encoder writes, its own decoder must take.
  if (!defects.has("encode-any-size") && bytes.length > codecLimits.maxFrameBytes) throw new Refusal("frame-too-large");
  if (!defects.has("body-reorder")) decodeBody(bytes, new Set([...defects, ...decodesAnything]));
  return bytes;
}

/** Checks that are about values and not about bodies. */
const decodesAnything = [
  "accept-any-depth",
  "accept-any-entries",
  "accept-bad-utf8",
  "accept-duplicate-keys",
  "accept-ext",
  "accept-non-string-keys",
] as const;

export function decodeBody(
  bytes: Uint8Array,
  defects: Defects = noDefects,
  limits: PackLimits = packLimits,
): MessageBody {
  const elements = unpack(bytes, defects, limits);
  if (defects.has("body-no-floats") && hasFloats(bytes)) throw new Refusal("bad-body");
  if (!Array.isArray(elements)) {
    if (defects.has("body-not-array")) return { type: 0, sender: new Uint8Array(48), time: 0, items: [0] };
    throw new Refusal("bad-body");
  }
  if (elements.length > 5 && defects.has("body-refuse-extra")) throw new Refusal("bad-body");
  const [type, sender, time, ...items] = elements as Value[];
  if (elements.length < 4 && !defects.has("body-short")) throw new Refusal("bad-body");
  const isType = isUint(type) && type <= 255;
  if (!isType && !defects.has("body-any-type")) throw new Refusal("bad-body");
  const isSender = sender instanceof Uint8Array && sender.length === 48;
  if (!isSender && !defects.has("body-any-sender")) throw new Refusal("bad-body");
  const isTime = isUint(time);
  if (!isTime && !defects.has("body-any-time")) throw new Refusal("bad-body");
  const [subtype] = items;
  const isSubtype = isUint(subtype);
  const needsSubtype = elements.length > 3 && (type === mainType.broadcast || type === mainType.whisper);
  if (needsSubtype && !isSubtype && !defects.has("body-any-subtype")) throw new Refusal("bad-body");
  return {
    type: isType ? type : 0,
    sender: sender instanceof Uint8Array ? sender : new Uint8Array(48),
    time: typeof time === "number" ? time : 0,
    items,
  };
}

/** An integer of 0 to 2^53 - 1, also one that came as a float; negative zero is none. */
function isUint(value: Value | undefined): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 && !Object.is(value, -0);
}

/** Whether a body in the usual forms of its head has a float as type, time or subtype. */
function hasFloats(bytes: Uint8Array): boolean {
  const timeAt = 52;
  return [1, timeAt, timeAt + 9].some((at) => bytes[at] === 0xca || bytes[at] === 0xcb);
}
