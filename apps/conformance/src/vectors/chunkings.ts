// The ways in which a stream is cut before a decoder gets it: the result must not depend on them.

export interface Chunking {
  readonly how: string;
  readonly chunks: readonly Uint8Array[];
}

const splitEverywhereBelow = 300;

/** Whole, byte by byte, and in two at every place (for long streams at a few places). */
export function* chunkings(bytes: Uint8Array): Generator<Chunking> {
  yield { how: "whole", chunks: [bytes] };
  if (bytes.length <= 20_000) {
    yield { how: "byte by byte", chunks: Array.from({ length: bytes.length }, (_, at) => bytes.subarray(at, at + 1)) };
  }
  const isShort = bytes.length <= splitEverywhereBelow;
  const places = isShort ? Array.from(bytes.keys()).slice(1) : [1, 2, 3, 4, 5, 6, bytes.length >> 1, bytes.length - 1];
  for (const at of places) yield { how: `cut at ${at}`, chunks: [bytes.subarray(0, at), bytes.subarray(at)] };
}
