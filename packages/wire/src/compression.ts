// zlib and gzip by fflate: the portable path of #compression. [WIRE-013 to WIRE-018]
import { gzipSync, Inflate, zlibSync } from "fflate";
import { gzipBody } from "./gzip.js";
import { damaged, overCap } from "./inflate-errors.js";

const level = 1;
const sliceBytes = 1024;

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
  return inflate(bytes.subarray(2, -4), cap);
}

/** Inflates one gzip member that takes all of the input, to at most `cap` bytes. */
export function inflateGzip(bytes: Uint8Array, cap: number): Uint8Array {
  return inflate(gzipBody(bytes).subarray(0, -8), cap);
}

function inflate(bytes: Uint8Array, cap: number): Uint8Array {
  const parts: Uint8Array[] = [];
  let size = 0;
  const stream = new Inflate((part) => {
    size += part.length;
    if (size > cap) throw overCap(cap);
    parts.push(part);
  });
  for (let at = 0; at < bytes.length; at += sliceBytes) {
    try {
      stream.push(bytes.subarray(at, at + sliceBytes), at + sliceBytes >= bytes.length);
    } catch (cause) {
      if (size > cap) throw cause;
      throw damaged("the compressed stream is damaged or cut", cause);
    }
  }
  const output = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    output.set(part, at);
    at += part.length;
  }
  return output;
}
