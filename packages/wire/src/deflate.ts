/**
 * Deflates (RFC 1951) fast rather than small, for runtimes without a native zlib. [WIRE-012]
 *
 * As much code as such a runtime needs for frames: one level, one call for all bytes, and a table of the last place of
 * each hash instead of chains. What does not get smaller is sent as it is, so there are no stored blocks.
 */
import { BitWriter } from "./bit-writer.js";
import { DeflateBlock } from "./deflate-block.js";
import { longestMatch } from "./deflate-format.js";

const windowBytes = 32_768;
/** Shorter matches are not looked for. */
const shortestMatch = 4;

/** The bytes as one deflate stream: never longer than nine eighths of them and 16 bytes. */
export function deflateRaw(bytes: Uint8Array): Uint8Array {
  const writer = new BitWriter(new Uint8Array(bytes.length + (bytes.length >> 3) + 16));
  const block = new DeflateBlock(bytes.length);
  // As many places as the bytes need: a small body must not pay for a large table.
  const shift = Math.max(Math.clz32(bytes.length), 17);
  const places = new Int32Array(1 << (32 - shift)).fill(-windowBytes - 1);
  const last = bytes.length - shortestMatch;
  for (let at = 0, misses = 0; at < bytes.length; ) {
    if (block.isFull) block.write(writer, false);
    let length = 0;
    let place = 0;
    if (at <= last) {
      const hash = Math.imul(word(bytes, at), 0x9e3779b1) >>> shift;
      place = places[hash] as number;
      places[hash] = at;
      if (at - place <= windowBytes) length = matchLength(bytes, place, at);
    }
    if (length >= shortestMatch) {
      block.match(length, at - place);
      at += length;
      misses = 0;
      continue;
    }
    // Where nothing matches for long, fewer places are looked at.
    for (let skip = 1 + (misses++ >> 6); skip > 0 && at < bytes.length && !block.isFull; skip--) {
      block.literal(bytes[at++] as number);
    }
  }
  block.write(writer, true);
  return writer.end();
}

function matchLength(bytes: Uint8Array, place: number, at: number): number {
  const most = Math.min(longestMatch, bytes.length - at);
  let length = 0;
  while (length < most && bytes[place + length] === bytes[at + length]) length++;
  return length;
}

function word(bytes: Uint8Array, at: number): number {
  const [a, b, c, d] = [bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]] as [number, number, number, number];
  return a | (b << 8) | (c << 16) | (d << 24);
}
