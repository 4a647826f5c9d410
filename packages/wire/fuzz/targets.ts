// What the fuzzer runs: every decoder of the built package, each with a property that has to hold.
import { deepStrictEqual } from "node:assert/strict";
import { inflateRawSync } from "node:zlib";
import * as portable from "../dist/compression.js";
import * as native from "../dist/compression-node.js";
import {
  decodeBody,
  decodeValue,
  encodeBody,
  encodeValue,
  type Frame,
  FrameDecoder,
  inflateFrame,
  WireError,
} from "../dist/index.js";
import { inflateRaw } from "../dist/inflate.js";
import { decodeBody07, encodeFrame07, FrameDecoder07, frame07 } from "../dist/legacy/index.js";

const limits = { maxFrameBytes: 4000, maxDepth: 8, maxEntries: 60, maxInflateRatio: 100 };

/** A target takes bytes; it throws only if something is wrong with the package. */
export const targets: readonly ((bytes: Uint8Array) => void)[] = [
  value,
  body,
  stream10,
  stream07,
  body07,
  inflate,
  inflateBare,
];

function guarded<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return undefined;
  }
}

function value(bytes: Uint8Array): void {
  const decoded = guarded(() => decodeValue(bytes, limits));
  if (decoded !== undefined) deepStrictEqual(decodeValue(encodeValue(decoded)), decoded);
}

function body(bytes: Uint8Array): void {
  const decoded = guarded(() => decodeBody(bytes, limits));
  if (decoded !== undefined) deepStrictEqual(decodeBody(encodeBody(decoded)), decoded);
}

/** Whole, and byte by byte: the frames and the error have to be the same. */
function cutAlike(bytes: Uint8Array, make: () => FrameDecoder | FrameDecoder07, take: (frame: Frame) => void): void {
  const outcome = (chunkBytes: number): string => {
    const decoder = make();
    let found = "";
    for (let at = 0; at < bytes.length; at += chunkBytes) {
      try {
        decoder.push(bytes.subarray(at, at + chunkBytes), (frame) => {
          found += `${frame.codec}:${frame.payload.length};`;
          take(frame);
        });
      } catch (error) {
        if (!(error instanceof WireError)) throw error;
        return `${found}${error.code}`;
      }
    }
    return `${found}${decoder.bufferedBytes}`;
  };
  deepStrictEqual(outcome(1), outcome(bytes.length));
}

function stream10(bytes: Uint8Array): void {
  cutAlike(
    bytes,
    () => new FrameDecoder(limits),
    (frame) => {
      guarded(() => decodeBody(inflateFrame(frame, limits), limits));
    },
  );
}

function stream07(bytes: Uint8Array): void {
  cutAlike(
    bytes,
    () => new FrameDecoder07(limits),
    (frame) => {
      guarded(() => decodeBody07(frame.payload, limits));
    },
  );
}

/** Under a right checksum: no mutation would hit on one. */
function body07(bytes: Uint8Array): void {
  const decoded = guarded(() => decodeBody07(frame07(bytes).subarray(4), limits));
  if (decoded === undefined) return;
  const again = decodeBody07(encodeFrame07(decoded.message).subarray(4));
  deepStrictEqual(again.message, decoded.message);
}

/** Without the checksums of the containers, which stop almost every mutation. */
function inflateBare(bytes: Uint8Array): void {
  const ours = guarded(() => inflateRaw(bytes, 20_000));
  let theirs: Uint8Array | undefined;
  try {
    theirs = new Uint8Array(inflateRawSync(bytes, { maxOutputLength: 20_000 }));
  } catch {
    // Refused: so must ours be.
  }
  deepStrictEqual(ours?.output, theirs);
}

function inflate(bytes: Uint8Array): void {
  for (const name of ["inflateZlib", "inflateGzip"] as const) {
    const results = [native, portable].map((implementation) => guarded(() => implementation[name](bytes, 20_000)));
    deepStrictEqual(results[0], results[1]);
  }
}
