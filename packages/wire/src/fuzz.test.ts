/**
 * Mutated vectors against every decoder of the package. `pnpm fuzz 600 wire` runs each property for ten minutes; a failure
 * prints its seed and path.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeBody, encodeBody } from "./body.js";
import { inflateFrame } from "./compressed-frame.js";
import * as portable from "./compression.js";
import * as native from "./compression-node.js";
import { decodeValue, encodeValue } from "./encoding.js";
import { WireError } from "./errors.js";
import type { Frame } from "./frame.js";
import { FrameDecoder } from "./frame-decoder.js";
import { decodeBody07, encodeFrame07, frame07 } from "./legacy/frame.js";
import { FrameDecoder07 } from "./legacy/frame-decoder.js";
import type { WireLimits } from "./limits.js";
import { mutated } from "./testing/mutations.js";
import { type BytesNotation, readBytes } from "./testing/notation-node.js";
import { loadVectors } from "./testing/vectors-node.js";

/** Small limits, so that mutations reach them. */
const limits: WireLimits = { maxFrameBytes: 5000, maxDepth: 8, maxEntries: 100, maxInflateRatio: 100 };

function corpus(...paths: string[]): Uint8Array[] {
  return paths
    .flatMap((path) => loadVectors(path).vectors)
    .filter(({ bytes }) => bytes !== undefined)
    .map(({ bytes }) => readBytes(bytes as BytesNotation))
    .filter(({ length }) => length <= 3000);
}

/** Runs, and takes no other error than the package's own. */
function guarded<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return undefined;
  }
}

test("[WIRE-070] mutated values are decoded or refused, and what is decoded can be encoded", () => {
  fc.assert(
    fc.property(mutated(corpus("1.0/values.json", "1.0/values-refused.json")), (bytes) => {
      const value = guarded(() => decodeValue(bytes, limits));
      if (value !== undefined) expect(decodeValue(encodeValue(value))).toEqual(value);
    }),
    { numRuns: 1000 },
  );
});

test("[WIRE-070] mutated bodies are decoded or refused, and what is decoded can be encoded", () => {
  fc.assert(
    fc.property(mutated(corpus("1.0/bodies.json")), (bytes) => {
      const body = guarded(() => decodeBody(bytes, limits));
      if (body !== undefined) expect(decodeBody(encodeBody(body))).toEqual(body);
    }),
    { numRuns: 1000 },
  );
});

test("[WIRE-070] mutated streams of both profiles give frames and bodies or a WireError, in any two pieces", () => {
  const inputs = corpus("1.0/frames.json", "1.0/streams.json", "0.7/frames-py2p.json", "0.7/frames-compressed.json");
  fc.assert(
    fc.property(mutated(inputs), fc.nat(), (bytes, cut) => {
      const at = cut % (bytes.length + 1);
      const pieces = [bytes.subarray(0, at), bytes.subarray(at)];
      const take10 = (frame: Frame): void => {
        guarded(() => decodeBody(inflateFrame(frame, limits), limits));
      };
      const take07 = (frame: Frame): void => {
        guarded(() => decodeBody07(frame.payload, limits));
      };
      const decoder10 = new FrameDecoder(limits);
      const decoder07 = new FrameDecoder07(limits);
      for (const piece of pieces) {
        guarded(() => decoder10.push(piece, take10));
        guarded(() => decoder07.push(piece, take07));
      }
    }),
    { numRuns: 1000 },
  );
});

test("[WIRE-070] mutated 0.7 bodies under a right checksum are decoded or refused, and what is decoded can be encoded", () => {
  const bodies = corpus("0.7/frames-py2p.json", "0.7/frames-js2p.json").map((frame) => frame.subarray(36));
  fc.assert(
    fc.property(mutated(bodies), (packed) => {
      const decoded = guarded(() => decodeBody07(frame07(packed).subarray(4), limits));
      if (decoded === undefined) return;
      expect(decodeBody07(encodeFrame07(decoded.message).subarray(4)).message).toEqual(decoded.message);
    }),
    { numRuns: 1000 },
  );
});

test("[WIRE-016] mutated compressed payloads inflate to the same, or are refused, by both implementations", () => {
  const payloads = corpus("0.7/frames-compressed.json").map((frame) => frame.subarray(4));
  fc.assert(
    fc.property(mutated(payloads), (payload) => {
      for (const inflate of ["inflateZlib", "inflateGzip"] as const) {
        const results = [native, portable].map((implementation) =>
          guarded(() => implementation[inflate](payload, 70_000)),
        );
        expect(results[0]).toEqual(results[1]);
      }
    }),
    { numRuns: 1000 },
  );
});
