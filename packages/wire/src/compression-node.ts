// zlib and gzip by node:zlib: chosen by the "node" condition of #compression. [WIRE-012, WIRE-014, WIRE-016, WIRE-018]
import { crc32, deflateSync, gzipSync, inflateRawSync, inflateSync } from "node:zlib";
import { gzipBody, gzipTrailer } from "./gzip.js";
import { damaged, overCap } from "./inflate-errors.js";

const level = 1;

/** Deflates into the zlib container. */
export function deflateZlib(bytes: Uint8Array): Uint8Array {
  return plain(deflateSync(bytes, { level }));
}

/** Deflates into one gzip member. */
export function deflateGzip(bytes: Uint8Array): Uint8Array {
  return plain(gzipSync(bytes, { level }));
}

/** Inflates one zlib stream that takes all of the input, to at most `cap` bytes. */
export function inflateZlib(bytes: Uint8Array, cap: number): Uint8Array {
  const { output, used } = run(inflateSync, bytes, cap);
  if (used !== bytes.length) throw damaged("bytes follow the zlib stream");
  return output;
}

/** Inflates one gzip member that takes all of the input, to at most `cap` bytes. */
export function inflateGzip(bytes: Uint8Array, cap: number): Uint8Array {
  const body = gzipBody(bytes, crc32);
  const { output, used } = run(inflateRawSync, body, cap);
  const trailer = gzipTrailer(body.subarray(used));
  if (trailer.crc !== crc32(output) || trailer.length !== output.length) throw damaged("the gzip checksum is wrong");
  return output;
}

function run(inflate: typeof inflateSync, bytes: Uint8Array, cap: number): { output: Uint8Array; used: number } {
  try {
    // With `info` the result is an object, which the type of Node's function does not tell.
    const result = inflate(bytes, { maxOutputLength: cap, info: true }) as unknown as {
      buffer: Uint8Array;
      engine: { bytesWritten: number };
    };
    return { output: plain(result.buffer), used: result.engine.bytesWritten };
  } catch (cause) {
    if (cause instanceof RangeError && (cause as RangeError & { code?: string }).code === "ERR_BUFFER_TOO_LARGE") {
      throw overCap(cap);
    }
    throw damaged("the compressed stream is damaged or cut", cause);
  }
}

/**
 * The same bytes as a Uint8Array, so that both implementations return the same type. Copied when they are few in a large
 * piece of memory: zlib writes into 16 KiB, and whoever keeps a small body must not keep all that.
 */
function plain(buffer: Uint8Array): Uint8Array {
  if (buffer.buffer.byteLength > 2 * buffer.length) return new Uint8Array(buffer);
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length);
}
