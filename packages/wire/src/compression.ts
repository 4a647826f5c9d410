// zlib and gzip without native code: the portable path of #compression. [WIRE-012, WIRE-014, WIRE-016, WIRE-018]
import { gzipSync, zlibSync } from "fflate";
import { adler32, crc32 } from "./checksums.js";
import { gzipBody, gzipTrailer } from "./gzip.js";
import { inflateRaw } from "./inflate.js";
import { damaged } from "./inflate-errors.js";

const level = 1;

/** Deflates into the zlib container. */
export function deflateZlib(bytes: Uint8Array): Uint8Array {
  return zlibSync(bytes, { level });
}

/** Deflates into one gzip member. */
export function deflateGzip(bytes: Uint8Array): Uint8Array {
  return gzipSync(bytes, { level, mtime: 0 });
}

/** Inflates one zlib stream that takes all of the input, to at most `cap` bytes. */
export function inflateZlib(bytes: Uint8Array, cap: number): Uint8Array {
  const word = ((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0);
  const [deflate, window, hasDictionary] = [8, 0x7000, 0x20];
  if (bytes.length < 6 || ((word >> 8) & 0x0f) !== deflate || (word & 0xf000) > window || word % 31 !== 0) {
    throw damaged("not a zlib stream");
  }
  if ((word & hasDictionary) !== 0) throw damaged("a zlib stream with a dictionary");
  const { output, used } = inflateRaw(bytes.subarray(2), cap);
  const end = 2 + used;
  if (bytes.length - end !== 4) {
    throw damaged(bytes.length - end < 4 ? "a cut zlib stream" : "bytes follow the zlib stream");
  }
  const checksum = new DataView(bytes.buffer, bytes.byteOffset + end, 4).getUint32(0);
  if (checksum !== adler32(output)) throw damaged("the zlib checksum is wrong");
  return output;
}

/** Inflates one gzip member that takes all of the input, to at most `cap` bytes. */
export function inflateGzip(bytes: Uint8Array, cap: number): Uint8Array {
  const body = gzipBody(bytes, crc32);
  const { output, used } = inflateRaw(body, cap);
  const trailer = gzipTrailer(body.subarray(used));
  if (trailer.crc !== crc32(output) || trailer.length !== output.length) throw damaged("the gzip checksum is wrong");
  return output;
}
