// The body of a message: the array [type, sender, time, ...items]. [WIRE-042 to WIRE-046, WIRE-090]

import { WireError } from "./errors.js";
import { defaultLimits, type WireLimits } from "./limits.js";
import { isUnsigned } from "./unsigned.js";
import type { WireValue } from "./value.js";
import { ValueDecoder } from "./value-decoder.js";
import { ValueEncoder } from "./value-encoder.js";

/** Length of a node id in bytes. */
export const nodeIdBytes = 48;
const highestType = 0xff;

/** A message without its frame. Section 5 of spec/wire.md. */
export interface Body {
  /** Main type, see `flags.mainTypes`. */
  readonly type: number;
  /** Node id of the origin, 48 bytes; a view of the input when decoded. */
  readonly sender: Uint8Array;
  /** Microseconds since 1970 by the clock of the sender, strictly increasing for each sender. */
  readonly time: number;
  /** What follows; the first one is the subtype for broadcasts and whispers. */
  readonly items: readonly WireValue[];
}

const shared = new ValueEncoder();
const decoder = new ValueDecoder();

/**
 * Encodes a body.
 *
 * @throws {@link WireError} `bad-body` for fixed fields out of range, and what `encodeValue` throws.
 */
export function encodeBody(body: Body, limits: WireLimits = defaultLimits): Uint8Array {
  const encoder = limits === defaultLimits ? shared : new ValueEncoder(limits, 1024);
  encoder.begin(0);
  try {
    writeBody(encoder, body.type, body.sender, body.time, body.items);
    return encoder.take();
  } catch (error) {
    encoder.abandon();
    throw error;
  }
}

/**
 * Decodes a body that takes all of the input. `sender` and byte strings are views of it.
 *
 * @throws {@link WireError} `bad-body` if it is not a message, and what `decodeValue` throws.
 */
export function decodeBody(bytes: Uint8Array, limits: WireLimits = defaultLimits): Body {
  decoder.open(bytes, limits);
  try {
    const body = readBody(decoder);
    decoder.finish();
    return body;
  } finally {
    decoder.close();
  }
}

/** Appends a body to an open encoder. */
export function writeBody(
  encoder: ValueEncoder,
  type: number,
  sender: Uint8Array,
  time: number,
  items: readonly WireValue[],
): void {
  checkType(type);
  if (sender.length !== nodeIdBytes) throw new WireError("bad-body", "the sender has to be 48 bytes");
  checkTime(time);
  const count = items.length;
  checkItems(type, count, items[0]);
  encoder.arrayHeader(3 + count, 0);
  encoder.number(type);
  encoder.binary(sender);
  encoder.number(time);
  for (let index = 0; index < count; index++) encoder.value(items[index], 1);
}

function readBody(reader: ValueDecoder): Body {
  const count = reader.arrayHeader(0);
  if (count < 4) throw new WireError("bad-body", `a body of ${count} elements; the least is 4`);
  const type = reader.value(1);
  checkType(type);
  const sender = reader.value(1);
  if (!(sender instanceof Uint8Array) || sender.length !== nodeIdBytes) {
    throw new WireError("bad-body", "the sender has to be a byte string of 48");
  }
  const time = reader.value(1);
  checkTime(time);
  const first = reader.value(1);
  checkItems(type, 1, first);
  const items = reader.room(count - 3);
  items[0] = first;
  for (let index = 4; index < count; index++) items[index - 3] = reader.value(1);
  return { type, sender, time, items };
}

function checkType(type: unknown): asserts type is number {
  if (!isUnsigned(type) || type > highestType) {
    throw new WireError("bad-body", "the main type has to be an integer of 0 to 255");
  }
}

function checkTime(time: unknown): asserts time is number {
  if (!isUnsigned(time)) {
    throw new WireError("bad-body", "the time has to be an integer of 0 to 2^53 - 1 microseconds");
  }
}

function checkItems(type: number, count: number, first: unknown): void {
  if (count < 1) throw new WireError("bad-body", "a body has at least one item after the time");
  if ((type === 0 || type === 2) && !isUnsigned(first)) {
    throw new WireError("bad-body", "the subtype has to be an unsigned integer");
  }
}
