// Inflating one zlib stream or one gzip member, every field of the formats checked (RFC 1950, RFC 1952).
import { constants, crc32, inflateRawSync } from "node:zlib";
import type { Defects } from "./defects.js";
import { Refusal } from "./refusal.js";

/** The most that is inflated where a defect takes the caps away. */
export const largestCap: number = 2 ** 26;

interface Container {
  readonly headerBytes: number;
  readonly trailerBytes: number;
  /** True when the trailer fits the body. */
  fits(trailer: DataView, body: Uint8Array): boolean;
}

/** Inflates at most `cap` bytes. */
export function inflateOne(payload: Uint8Array, isGzip: boolean, cap: number, defects: Defects): Uint8Array {
  const container = isGzip ? gzip(payload) : zlib(payload);
  const { body, used } = inflateRaw(payload.subarray(container.headerBytes), cap, defects);
  const end = container.headerBytes + used + container.trailerBytes;
  if (payload.length < end && !defects.has("inflate-truncated")) throw bad("cut");
  const isCut = defects.has("inflate-no-cap") && body.length === 1;
  if (isCut) return body;
  if (payload.length > end && !defects.has("inflate-trailing")) throw bad("followed by other bytes");
  if (payload.length >= end && !defects.has("inflate-no-checksum")) {
    const start = payload.byteOffset + end - container.trailerBytes;
    if (!container.fits(new DataView(payload.buffer, start, container.trailerBytes), body)) throw bad("wrong checksum");
  }
  return body;
}

function bad(what: string, cause?: unknown): Refusal {
  return new Refusal("bad-compression", what, { cause });
}

interface RawResult {
  readonly body: Uint8Array;
  readonly used: number;
}

function inflateRaw(deflated: Uint8Array, cap: number, defects: Defects): RawResult {
  const finishFlush = defects.has("inflate-truncated") ? constants.Z_SYNC_FLUSH : constants.Z_FINISH;
  let result: unknown;
  try {
    // `info` gives the engine, which knows how much of the input the stream took; the declarations do not know it.
    result = inflateRawSync(deflated, { maxOutputLength: Math.max(1, cap), finishFlush, info: true });
  } catch (cause) {
    if ((cause as { code?: string }).code === "ERR_BUFFER_TOO_LARGE") {
      // Without the cap it would have gone on: as if all had been inflated.
      if (defects.has("inflate-no-cap") && cap === largestCap)
        return { body: new Uint8Array(1), used: deflated.length - 8 };
      throw new Refusal("inflate-too-large");
    }
    if (defects.has("inflate-no-checksum")) return { body: new Uint8Array(1), used: deflated.length };
    throw bad("damaged", cause);
  }
  const { buffer, engine } = result as { buffer: Buffer; engine: { bytesWritten: number } };
  return { body: new Uint8Array(buffer), used: engine.bytesWritten };
}

function zlib(payload: Uint8Array): Container {
  const [method = 0, flags = 0] = payload;
  if (payload.length < 2 || (method & 15) !== 8 || method >> 4 > 7) throw bad("no zlib header");
  if ((method * 256 + flags) % 31 !== 0 || (flags & 0x20) !== 0) throw bad("damaged zlib header");
  return { headerBytes: 2, trailerBytes: 4, fits: (trailer, body) => trailer.getUint32(0) === adler32(body) };
}

function adler32(bytes: Uint8Array): number {
  let [a, b] = [1, 0];
  for (const byte of bytes) {
    a = (a + byte) % 65_521;
    b = (b + a) % 65_521;
  }
  return b * 65_536 + a;
}

function gzip(payload: Uint8Array): Container {
  const flags = payload[3] ?? 0;
  if (payload[0] !== 0x1f || payload[1] !== 0x8b || payload[2] !== 8 || (flags & 0xe0) !== 0)
    throw bad("no gzip header");
  let at = 10;
  const skipText = (): void => {
    while (at < payload.length && payload[at] !== 0) at += 1;
    at += 1;
  };
  if ((flags & 4) !== 0) at += 2 + (payload[at] ?? 0) + (payload[at + 1] ?? 0) * 256;
  if ((flags & 8) !== 0) skipText();
  if ((flags & 16) !== 0) skipText();
  if ((flags & 2) !== 0) at += 2;
  if (at > payload.length) throw bad("cut gzip header");
  return {
    headerBytes: at,
    trailerBytes: 8,
    fits: (trailer, body) => trailer.getUint32(0, true) === crc32(body) && trailer.getUint32(4, true) === body.length,
  };
}
