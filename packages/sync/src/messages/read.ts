// Reading the items of messages: each of its type and in its range, or the message is bad. [SYNC-093]
import { encodeValue, isUnsigned, type NodeId, nodeIdFromBytes, type WireValue } from "@p2p/wire";
import { SyncError } from "../errors.js";
import { isDeeper } from "../record/depth.js";
import { maxKeyBytes, maxLeaseMs, maxTimeUs, maxValueBytes, maxValueDepth } from "../record/limits.js";
import { ownBytes } from "../record/own-bytes.js";
import { sizeOf } from "../record/size.js";

export type Items = readonly WireValue[];

const idBytes = 48;
const utf8 = new TextEncoder();

export function bad(what: string, wanted: string): SyncError {
  return new SyncError("bad-message", `${what} of a message of the table is not ${wanted}`);
}

export function readItems(value: WireValue | undefined, what: string): Items {
  if (!Array.isArray(value)) throw bad(what, "an array");
  return value;
}

export function readUint(value: WireValue | undefined, what: string, most: number): number {
  if (!isUnsigned(value) || value > most) {
    throw bad(what, `an integer of 0 to ${most}`);
  }
  return value;
}

export function readTime(value: WireValue | undefined, what: string): number {
  if (value === 0) throw bad(what, "later than 0");
  return readUint(value, what, maxTimeUs);
}

export function readBoolean(value: WireValue | undefined, what: string): boolean {
  if (typeof value !== "boolean") throw bad(what, "a boolean");
  return value;
}

export function readBytes(value: WireValue | undefined, what: string): Uint8Array {
  if (!(value instanceof Uint8Array)) throw bad(what, "a byte string");
  return value;
}

export function readId(value: WireValue | undefined, what: string): NodeId {
  if (!(value instanceof Uint8Array) || value.length !== idBytes) throw bad(what, `${idBytes} bytes`);
  return nodeIdFromBytes(value);
}

export function readKey(value: WireValue | undefined): string {
  if (typeof value !== "string" || value === "") throw bad("a key", "a text of at least one character");
  if (value.length * 3 > maxKeyBytes && (value.length > maxKeyBytes || utf8.encode(value).length > maxKeyBytes)) {
    throw bad("a key", `at most ${maxKeyBytes} bytes`);
  }
  return value;
}

/** A value for the table, with bytes of its own. */
export function readValue(value: WireValue | undefined): WireValue {
  if (typeof value === "number") return value;
  if (value === undefined) throw bad("a value", "there");
  checkValue(value);
  return ownBytes(value);
}

/** Holds a value to the limits. */
export function checkValue(value: WireValue): void {
  // The estimate counts a text as one byte a unit: three are the most.
  if (sizeOf(value) * 3 > maxValueBytes && encodeValue(value).length > maxValueBytes) {
    throw bad("a value", `at most ${maxValueBytes} bytes`);
  }
  checkDepth(value, maxValueDepth);
}

/** The name of a field. */
export function readFieldName(name: WireValue | undefined): string {
  if (typeof name !== "string") throw bad("the name of a field", "a text");
  if (name.length * 3 > maxValueBytes && encodeValue(name).length > maxValueBytes) throw badField();
  return name;
}

/** The value of a field, with bytes of its own. */
export function readFieldValue(name: string, value: WireValue | undefined): WireValue {
  if (value === undefined) throw bad("a value", "there");
  if ((name.length + sizeOf(value)) * 3 > maxValueBytes) {
    if (encodeValue(name).length + encodeValue(value).length > maxValueBytes) throw badField();
  }
  checkDepth(value, maxValueDepth - 1);
  return ownBytes(value);
}

function checkDepth(value: WireValue, depth: number): void {
  if (isDeeper(value, depth)) throw bad("a value", `at most ${maxValueDepth} containers around each other`);
}

function badField(): SyncError {
  return bad("a field", `at most ${maxValueBytes} bytes with its name`);
}

/** @returns 0 to {@link maxLeaseMs} */
export function readLeaseMs(value: WireValue | undefined): number {
  return readUint(value, "a lease", maxLeaseMs);
}
