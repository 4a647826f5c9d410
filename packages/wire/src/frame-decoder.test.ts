import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { expect, test } from "vitest";
import { WireError } from "./errors.js";
import type { Frame } from "./frame.js";
import { FrameDecoder } from "./frame-decoder.js";
import { FrameWriter } from "./frame-writer.js";
import { FrameDecoder07 } from "./legacy/frame-decoder.js";
import { defaultLimits, type WireLimits } from "./limits.js";

const sender = new Uint8Array(48);
const ignore = (): void => undefined;

function stream(...sizes: number[]): { frames: Uint8Array[]; bytes: Uint8Array } {
  const writer = new FrameWriter();
  const frames = sizes.map((size, index) => writer.write(0, sender, index, [0, new Uint8Array(size)]));
  return { frames, bytes: new Uint8Array(Buffer.concat(frames)) };
}

function collect(): { found: Frame[]; sink: (frame: Frame) => void } {
  const found: Frame[] = [];
  return { found, sink: (frame) => found.push(frame) };
}

test("[WIRE-005] any chunking gives the same frames", () => {
  const sizes = fc.array(fc.nat(2000), { maxLength: 12 });
  fc.assert(
    fc.property(sizes, fc.array(fc.nat(900), { minLength: 1 }), (frameSizes, chunkSizes) => {
      const { frames, bytes } = stream(...frameSizes);
      const { found, sink } = collect();
      const decoder = new FrameDecoder();
      for (let at = 0, turn = 0; at < bytes.length; turn++) {
        const size = (chunkSizes[turn % chunkSizes.length] as number) + (turn % 2);
        decoder.push(bytes.subarray(at, at + size), sink);
        at += size;
      }
      expect(found.length).toBe(frames.length);
      found.forEach((frame, index) => {
        expect(Buffer.compare(frame.bytes, frames[index] as Uint8Array)).toBe(0);
        expect(Buffer.compare(frame.payload, (frames[index] as Uint8Array).subarray(4))).toBe(0);
        expect(frame.codec).toBe(0);
      });
      expect(decoder.isMidFrame).toBe(false);
    }),
  );
});

test("[WIRE-005] [WIRE-070] arbitrary bytes give the same frames and the same error in any chunking", () => {
  const limits = { ...defaultLimits, maxFrameBytes: 300 };
  const outcome = (chunks: readonly Uint8Array[]): string => {
    const decoder = new FrameDecoder(limits);
    let text = "";
    try {
      for (const chunk of chunks) decoder.push(chunk, ({ codec, payload }) => (text += `${codec}:${payload.join()};`));
      return `${text}${decoder.bufferedBytes}`;
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      return `${text}${error.code}`;
    }
  };
  // Small lengths are likely, so that frames come out.
  const word = fc.tuple(fc.constantFrom(0, 0x10, 0x20, 0x30), fc.constant(0), fc.constantFrom(0, 0, 0, 1), fc.nat(255));
  const part = fc.oneof(
    word.map((bytes) => Uint8Array.from(bytes)),
    fc.uint8Array({ maxLength: 40 }),
  );
  fc.assert(
    fc.property(fc.array(part), fc.array(fc.nat(30), { minLength: 1 }), (parts, sizes) => {
      const bytes = new Uint8Array(Buffer.concat(parts));
      const chunks: Uint8Array[] = [];
      for (let at = 0, turn = 0; at < bytes.length; turn++) {
        const size = 1 + (sizes[turn % sizes.length] as number);
        chunks.push(bytes.subarray(at, at + size));
        at += size;
      }
      expect(outcome(chunks)).toBe(outcome([bytes]));
    }),
  );
});

test("[WIRE-006] what one chunk holds is not copied", () => {
  const { bytes } = stream(100, 200, 300);
  const { found, sink } = collect();
  new FrameDecoder().push(bytes, sink);
  expect(found.map((frame) => frame.payload.buffer)).toEqual([bytes.buffer, bytes.buffer, bytes.buffer]);
});

test("[WIRE-006] [WIRE-007] a frame that comes byte by byte is copied twice at most, into twice its bytes at most", () => {
  const limits = { ...defaultLimits, maxFrameBytes: 1 << 20 };
  const { bytes } = stream(200_000);
  const { found, sink } = collect();
  const decoder = new FrameDecoder(limits);
  const set = Uint8Array.prototype.set;
  let copied = 0;
  let largest = 0;
  Uint8Array.prototype.set = function (source: ArrayLike<number>, offset?: number): void {
    copied += source.length;
    largest = this.length;
    set.call(this, source, offset);
  };
  try {
    for (let at = 0; at < bytes.length; at++) {
      decoder.push(bytes.subarray(at, at + 1), sink);
      if (at < bytes.length - 1 && largest > Math.max(64, 2 * (at + 1)))
        throw new Error(`${largest} bytes held for ${at + 1}`);
    }
  } finally {
    Uint8Array.prototype.set = set;
  }
  expect(found.length).toBe(1);
  expect(copied).toBeLessThan(3 * bytes.length);
});

test("[WIRE-006] 1,000 announcements of the largest frame take no memory for it", () => {
  const before = process.memoryUsage().arrayBuffers;
  const decoders = Array.from({ length: 1000 }, () => {
    const decoder = new FrameDecoder();
    decoder.push(Uint8Array.of(0, 0x10, 0, 0, 1), ignore);
    return decoder;
  });
  expect(decoders.every(({ isMidFrame, bufferedBytes }) => isMidFrame && bufferedBytes === 5)).toBe(true);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1 << 20);
});

test("[WIRE-006] a frame that has begun holds its bytes, not the memory around the chunk that they came in", async () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const memories: WeakRef<ArrayBuffer>[] = [];
  const decoders = Array.from({ length: 200 }, () => {
    const memory = new Uint8Array(65_536);
    memory.set([0, 0x10, 0, 0, 1]);
    memories.push(new WeakRef(memory.buffer));
    const decoder = new FrameDecoder();
    decoder.push(memory.subarray(0, 5), ignore);
    return decoder;
  });
  // What a WeakRef was made for lives until the present job is over.
  await new Promise(setImmediate);
  collect();
  expect(memories.filter((memory) => memory.deref() !== undefined).length).toBe(0);
  expect(decoders.every(({ bufferedBytes }) => bufferedBytes === 5)).toBe(true);
});

test("[WIRE-003] the header alone refuses a frame, in any chunking", () => {
  for (const chunks of [
    [[0, 0x10, 0, 1]],
    [[0], [0x10, 0], [1]],
    [
      [0, 0x10],
      [0, 1, 0],
    ],
  ]) {
    const decoder = new FrameDecoder();
    expect(() => {
      for (const chunk of chunks) decoder.push(Uint8Array.from(chunk), ignore);
    }).toThrow(expect.objectContaining({ code: "frame-too-large" }));
    expect(decoder.bufferedBytes).toBe(0);
  }
});

test("[WIRE-003] a limit that is missing or no number refuses every frame", () => {
  for (const limits of [{}, { maxFrameBytes: Number.NaN }]) {
    for (const decoder of [new FrameDecoder(limits as WireLimits), new FrameDecoder07(limits as WireLimits)]) {
      expect(() => decoder.push(Uint8Array.of(0, 0, 0, 1), ignore)).toThrow(
        expect.objectContaining({ code: "frame-too-large" }),
      );
    }
  }
});

test("[WIRE-008] after an error there is nothing but errors", () => {
  const { bytes } = stream(5);
  const { found, sink } = collect();
  const decoder = new FrameDecoder();
  expect(() => decoder.push(Uint8Array.of(0, 0, 0, 0, ...bytes), sink)).toThrow(
    expect.objectContaining({ code: "empty-frame" }),
  );
  for (let count = 0; count < 3; count++) {
    expect(() => decoder.push(bytes, sink)).toThrow(expect.objectContaining({ code: "decoder-stopped" }));
  }
  expect(found).toEqual([]);
});

test("[WIRE-005] a sink that stops the decoder gets nothing more", () => {
  const { bytes } = stream(5, 6, 7);
  for (const cut of [0, 3, 40]) {
    const decoder = new FrameDecoder();
    let count = 0;
    const sink = (): void => {
      count += 1;
      decoder.stop();
    };
    decoder.push(bytes.subarray(0, cut), sink);
    decoder.push(bytes.subarray(cut), sink);
    decoder.push(bytes, sink);
    expect(count).toBe(1);
    expect(decoder.bufferedBytes).toBe(0);
  }
});

test("[WIRE-008] a sink that throws, or pushes, ends the decoder", () => {
  const { bytes } = stream(5, 6);
  const decoder = new FrameDecoder();
  const own = new Error("own");
  expect(() =>
    decoder.push(bytes, () => {
      throw own;
    }),
  ).toThrow(own);
  expect(() => decoder.push(bytes, ignore)).toThrow(WireError);

  const pushing = new FrameDecoder();
  let count = 0;
  pushing.push(bytes, () => {
    count += 1;
    expect(() => pushing.push(bytes, ignore)).toThrow(WireError);
  });
  expect(count).toBe(1);
  expect(() => pushing.push(bytes, ignore)).toThrow(WireError);
});
