// Finds out how a 0.7 body is compressed: nothing in the frame tells, only a right checksum. [WIRE-104 to WIRE-107]
import { inflateGzip, inflateZlib } from "#compression";
import { sha256 } from "#hash";
import { cappedInflate } from "../capped-inflate.js";
import { WireError } from "../errors.js";
import type { WireLimits } from "../limits.js";
import { compressions07 } from "./compressions.js";

const checksumBytes = 32;

/** The body with its checksum, inflated if it was compressed. */
export interface UnpackedBody {
  readonly plain: Uint8Array;
  readonly compression: number;
}

/**
 * Tries plain, zlib and gzip.
 *
 * @throws WireError `bad-checksum` if nothing fits, `unsupported-codec` if it looks like bz2 or lzma, the errors of inflating.
 */
export function unpackBody(body: Uint8Array, limits: WireLimits): UnpackedBody {
  if (hasRightChecksum(body)) return { plain: body, compression: 0 };
  const method = methodOf(body);
  if (method === undefined) throw badChecksum();
  const plain = inflate(body, method, limits);
  if (!hasRightChecksum(plain)) throw badChecksum();
  return { plain, compression: method };
}

function hasRightChecksum(body: Uint8Array): boolean {
  if (body.length <= checksumBytes) return false;
  const expected = sha256(body.subarray(checksumBytes));
  return expected.every((byte, index) => byte === body[index]);
}

/** The method that the first bytes look like. A wrong guess is refused by the checksum. */
function methodOf(body: Uint8Array): number | undefined {
  const [first = 0, second = 0, third = 0] = body;
  if (first === 0x1f && second === 0x8b) return compressions07.gzip;
  if ((first & 0x0f) === 8 && ((first << 8) | second) % 31 === 0) return compressions07.zlib;
  if (first === 0x42 && second === 0x5a && third === 0x68) return compressions07.bz2;
  if (first === 0xfd && second === 0x37 && third === 0x7a) return compressions07.lzma;
  return undefined;
}

function inflate(body: Uint8Array, method: number, limits: WireLimits): Uint8Array {
  if (method === compressions07.zlib) return cappedInflate(inflateZlib, body, limits);
  if (method === compressions07.gzip) return cappedInflate(inflateGzip, body, limits);
  const name = method === compressions07.bz2 ? "bz2" : "lzma";
  throw new WireError("unsupported-codec", `the frame looks ${name} compressed: offer the peer zlib, gzip or none`);
}

function badChecksum(): WireError {
  return new WireError("bad-checksum", "the checksum fits neither the body nor what it inflates to");
}
