// What a careless node does not look at: tells well-formed messages from others, so that a layer can hide the others.
import { codecLimits } from "../codec/codec-target.js";
import { decodeBody } from "../reference/body.js";
import { codecGzip, inflate, readHeader } from "../reference/frame.js";
import type { Message } from "../stage/message.js";
import { subtype } from "../stage/messages.js";

/** Whether the bytes are one frame that a decoder takes. */
export function isSoundFrame(bytes: Uint8Array): boolean {
  if (bytes.length < 5) return false;
  const { codec, length } = readHeader(bytes);
  if (length !== bytes.length - 4 || codec > codecGzip || length > codecLimits.maxFrameBytes) return false;
  try {
    decodeBody(inflate(bytes.subarray(4), codec, codecLimits));
    return true;
  } catch {
    return false;
  }
}

type Check = (value: unknown) => boolean;

const any: Check = (value) => value !== undefined;
const uint: Check = (value) => typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
const uint32: Check = (value) => uint(value) && Number(value) < 2 ** 32;
const isBool: Check = (value) => typeof value === "boolean";
const text =
  (least: number, most: number): Check =>
  (value) =>
    typeof value === "string" && Buffer.byteLength(value) >= least && Buffer.byteLength(value) <= most;
const bytes =
  (length?: number): Check =>
  (value) =>
    value instanceof Uint8Array && (length === undefined || value.length === length);
const list =
  (item: Check, least: number, most: number): Check =>
  (value) =>
    Array.isArray(value) && value.length >= least && value.length <= most && value.every(item);
const entry: Check = (value) =>
  Array.isArray(value) && bytes(48)(value[0]) && list((one) => typeof one === "string", 0, 1000)(value[1]);

const type = text(1, 255);
const whispers: { readonly [kind: number]: readonly Check[] } = {
  [subtype.message]: [type, any],
  [subtype.request]: [uint, type, any],
  [subtype.response]: [uint, any],
  [subtype.error]: [uint, text(1, 64), text(0, 1024)],
  [subtype.forward]: [bytes(48), list(text(1, 512), 0, 16), uint, type, any, list(bytes(48), 1, 16)],
  [subtype.redirected]: [uint, bytes(48)],
  [subtype.close]: [uint, (value) => typeof value === "string"],
  [subtype.peers]: [list(entry, 0, 1000)],
  [subtype.neighbour]: [uint32, isBool],
  [subtype.routed]: [bytes(48), (value) => uint(value) && Number(value) <= 15, uint32, bytes()],
  [subtype.receipt]: [bytes(48), uint32, bytes(32)],
};

/** Whether the items of a message are there and in their bounds; unknown messages are sound. */
export function isSoundMessage(message: Message): boolean {
  const { type: main, subtype: kind, items } = message;
  const holds = (checks: readonly Check[], from: number): boolean => checks.every((one, at) => one(items[at + from]));
  if (main === 3) return holds([uint], 0);
  if (main === 4) return holds([uint, uint], 0);
  if (main === 0 && kind === 0) return holds([(value) => typeof value === "string", any], 1);
  return main !== 2 || holds(whispers[kind] ?? [], 1);
}

/** Items of a sound message of this kind; Infinity where the suite does not count. */
export function itemCount(message: Message): number {
  const { type: main, subtype: kind } = message;
  if (main === 3) return 1;
  if (main === 4) return 2;
  if (main === 0) return kind === 0 ? 3 : Number.POSITIVE_INFINITY;
  if (kind === subtype.handshake) return 2;
  return (whispers[kind]?.length ?? Number.POSITIVE_INFINITY) + 1;
}
