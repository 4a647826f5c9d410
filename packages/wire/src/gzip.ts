// The gzip container of RFC 1952 around a deflate stream: one member, nothing after it. [WIRE-012, WIRE-016, WIRE-018]
import { damaged } from "./inflate-errors.js";

const hasHeaderCrc = 2;
const hasExtra = 4;
const hasName = 8;
const hasComment = 16;
const reserved = 0xe0;

/** Skips the header, and checks its checksum by `crc32` if it has one; what is left is the deflate stream and the trailer. */
export function gzipBody(bytes: Uint8Array, crc32: (bytes: Uint8Array) => number): Uint8Array {
  const flags = bytes[3];
  if (bytes.length < 18 || bytes[0] !== 0x1f || bytes[1] !== 0x8b || bytes[2] !== 8 || flags === undefined) {
    throw damaged("not a gzip member");
  }
  if ((flags & reserved) !== 0) throw damaged("a gzip header with reserved flags");
  let at = 10;
  if ((flags & hasExtra) !== 0) at += 2 + u16(bytes, at);
  if ((flags & hasName) !== 0) at = afterZero(bytes, at);
  if ((flags & hasComment) !== 0) at = afterZero(bytes, at);
  const fields = at;
  if ((flags & hasHeaderCrc) !== 0) at += 2;
  if (at + 8 > bytes.length) throw damaged("a cut gzip header");
  if (fields < at && u16(bytes, fields) !== (crc32(bytes.subarray(0, fields)) & 0xffff)) {
    throw damaged("the checksum of a gzip header is wrong");
  }
  return bytes.subarray(at);
}

/** Reads the 8 bytes that end a member, which have to be all that is left. */
export function gzipTrailer(bytes: Uint8Array): { crc: number; length: number } {
  if (bytes.length !== 8) throw damaged(bytes.length < 8 ? "a cut gzip trailer" : "bytes follow the gzip member");
  const view = new DataView(bytes.buffer, bytes.byteOffset, 8);
  return { crc: view.getUint32(0, true), length: view.getUint32(4, true) };
}

function afterZero(bytes: Uint8Array, at: number): number {
  const zero = bytes.indexOf(0, at);
  if (zero < 0) throw damaged("a cut gzip header");
  return zero + 1;
}

function u16(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);
}
