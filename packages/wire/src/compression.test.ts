// Both implementations of #compression against the same inputs, and against each other.
import { randomBytes } from "node:crypto";
import * as zlib from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { crc32 } from "./checksums.js";
import * as portable from "./compression.js";
import * as native from "./compression-node.js";
import { WireError } from "./errors.js";
import { inflateRaw } from "./inflate.js";

const cap = 1_048_576;
const inputs: Record<string, Uint8Array> = {
  "one byte": Uint8Array.of(1),
  text: new TextEncoder().encode("the quick brown fox jumps over the lazy dog. ".repeat(40)),
  zeros: new Uint8Array(100_000),
  noise: new Uint8Array(randomBytes(70_000)),
  mixed: new Uint8Array(300_000).map((_, index) => ((index * index) >> 7) & 0x5f),
};

function codeOf(run: () => unknown): string {
  try {
    run();
    return "none";
  } catch (error) {
    if (error instanceof WireError) return error.code;
    throw error;
  }
}

describe.each([
  ["node:zlib", native],
  ["portable", portable],
])("%s", (_, implementation) => {
  const containers = [
    { deflate: implementation.deflateZlib, inflate: implementation.inflateZlib, other: zlib.deflateSync },
    { deflate: implementation.deflateGzip, inflate: implementation.inflateGzip, other: zlib.gzipSync },
  ];

  test.each(Object.entries(inputs))("[WIRE-013] %s round-trips, at any level of zlib", (_name, input) => {
    for (const { deflate, inflate, other } of containers) {
      expect(inflate(deflate(input), cap)).toEqual(input);
      for (const level of [0, 1, 6, 9]) expect(inflate(new Uint8Array(other(input, { level })), cap)).toEqual(input);
      for (const strategy of [zlib.constants.Z_FIXED, zlib.constants.Z_HUFFMAN_ONLY, zlib.constants.Z_RLE]) {
        expect(inflate(new Uint8Array(other(input, { strategy })), cap)).toEqual(input);
      }
    }
  });

  test("[WIRE-016] a stream cut at any byte is refused", () => {
    for (const { deflate, inflate } of containers) {
      const stream = deflate(inputs.text as Uint8Array);
      for (let length = 0; length < stream.length; length++) {
        expect(codeOf(() => inflate(stream.subarray(0, length), cap))).toBe("bad-compression");
      }
    }
  });

  test("[WIRE-018] bytes or a second member after the stream are refused", () => {
    for (const { deflate, inflate } of containers) {
      const stream = deflate(inputs.text as Uint8Array);
      for (const after of [Uint8Array.of(0), Uint8Array.of(0x1f), stream]) {
        expect(codeOf(() => inflate(new Uint8Array(Buffer.concat([stream, after])), cap))).toBe("bad-compression");
      }
    }
  });

  test("[WIRE-012] [WIRE-016] every gzip header of RFC 1952 is taken, if its checksum fits", () => {
    const body = Buffer.from(zlib.gzipSync(inputs.text as Uint8Array)).subarray(10);
    for (let flags = 0; flags < 32; flags++) {
      const parts = [Buffer.of(0x1f, 0x8b, 8, flags, 1, 2, 3, 4, 0, 3)];
      if ((flags & 4) !== 0) parts.push(Buffer.of(3, 0, 0, 1, 0));
      if ((flags & 8) !== 0) parts.push(Buffer.from("name\0"));
      if ((flags & 16) !== 0) parts.push(Buffer.from("a comment\0"));
      const fields = Buffer.concat(parts);
      const checksum = Buffer.alloc((flags & 2) !== 0 ? 2 : 0);
      if (checksum.length > 0) checksum.writeUInt16LE(crc32(fields) & 0xffff);
      const stream = new Uint8Array(Buffer.concat([fields, checksum, body]));
      expect(implementation.inflateGzip(stream, cap)).toEqual(inputs.text);
      for (let length = 0; length < fields.length + checksum.length; length++) {
        expect(codeOf(() => implementation.inflateGzip(stream.subarray(0, length), cap))).toBe("bad-compression");
      }
      if (checksum.length === 0) continue;
      // The time of the file, which nothing else looks at.
      stream[4] = 9;
      expect(codeOf(() => implementation.inflateGzip(stream, cap))).toBe("bad-compression");
    }
  });

  test("[WIRE-014] the output stops at the cap, to the byte", () => {
    for (const { deflate, inflate } of containers) {
      const stream = deflate(inputs.zeros as Uint8Array);
      expect(inflate(stream, 100_000).length).toBe(100_000);
      expect(codeOf(() => inflate(stream, 99_999))).toBe("inflate-too-large");
    }
  });

  test("[WIRE-014] a bomb of 1 MiB that holds 1 GiB costs no more than the cap", () => {
    const mebibyte = 1 << 20;
    const finishFlush = zlib.constants.Z_SYNC_FLUSH;
    const block = zlib.deflateRawSync(new Uint8Array(mebibyte), { level: 9, finishFlush });
    const blocks = Array.from({ length: 1024 }, () => block);
    const bombs = [
      { inflate: implementation.inflateZlib, bomb: Buffer.concat([Uint8Array.of(0x78, 0x9c), ...blocks]) },
      { inflate: implementation.inflateGzip, bomb: Buffer.concat([zlib.gzipSync("").subarray(0, 10), ...blocks]) },
    ];
    for (const { inflate, bomb } of bombs) {
      expect(bomb.length).toBeGreaterThan(mebibyte);
      const before = process.memoryUsage().arrayBuffers;
      expect(codeOf(() => inflate(new Uint8Array(bomb), mebibyte))).toBe("inflate-too-large");
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * mebibyte);
    }
  });
});

test("[WIRE-016] both implementations take the same damaged streams, with the same result", () => {
  const streams = Object.values(inputs).flatMap((input) => [
    new Uint8Array(zlib.deflateSync(input.subarray(0, 3000))),
    new Uint8Array(zlib.deflateSync(input.subarray(0, 400), { strategy: zlib.constants.Z_FIXED })),
  ]);
  const mutation = fc.record({
    stream: fc.constantFrom(...streams),
    changes: fc.array(fc.record({ at: fc.nat(), bit: fc.integer({ min: 0, max: 7 }) }), { maxLength: 3 }),
  });
  fc.assert(
    fc.property(mutation, ({ stream, changes }) => {
      const bytes = stream.slice();
      for (const { at, bit } of changes) bytes[at % bytes.length] = (bytes[at % bytes.length] as number) ^ (1 << bit);
      expect(outcome(portable, bytes)).toEqual(outcome(native, bytes));
      expect(rawOutcome(bytes.subarray(2))).toEqual(nativeRawOutcome(bytes.subarray(2)));
    }),
    { numRuns: 3000 },
  );
});

/** Which refusal it is may differ: zlib sees damage a little further ahead than the cap. */
const refused = "refused";

function outcome(implementation: typeof native, bytes: Uint8Array): Uint8Array | string {
  try {
    return implementation.inflateZlib(bytes, 10_000);
  } catch (error) {
    if (error instanceof WireError) return refused;
    throw error;
  }
}

function rawOutcome(bytes: Uint8Array): unknown {
  try {
    const { output, used } = inflateRaw(bytes, 10_000);
    return { output, used };
  } catch (error) {
    if (error instanceof WireError) return refused;
    throw error;
  }
}

function nativeRawOutcome(bytes: Uint8Array): unknown {
  try {
    // The types of Node do not know what `info` returns.
    const result = zlib.inflateRawSync(bytes, { maxOutputLength: 10_000, info: true }) as unknown as {
      buffer: Uint8Array;
      engine: { bytesWritten: number };
    };
    return { output: new Uint8Array(result.buffer), used: result.engine.bytesWritten };
  } catch {
    return refused;
  }
}
