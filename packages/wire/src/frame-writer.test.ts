import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeBody, encodeBody } from "./body.js";
import { WireError } from "./errors.js";
import { frameBody } from "./frame.js";
import { FrameWriter } from "./frame-writer.js";
import { defaultLimits } from "./limits.js";
import { wireValue } from "./testing/arbitraries.js";
import type { WireValue } from "./value.js";

const sender = Uint8Array.from({ length: 48 }, (_, index) => index);

test("[WIRE-001] small frames are adjacent in one buffer, until the slab is full", () => {
  const writer = new FrameWriter({ slabBytes: 1024 });
  const frames = Array.from({ length: 20 }, (_, index) => writer.write(0, sender, index, [0, "t", index]));
  const buffers = new Set(frames.map((frame) => frame.buffer));
  expect(buffers.size).toBeLessThan(4);
  for (let index = 1; index < frames.length; index++) {
    const [before, frame] = [frames[index - 1] as Uint8Array, frames[index] as Uint8Array];
    if (frame.buffer === before.buffer) expect(frame.byteOffset).toBe(before.byteOffset + before.length);
    else expect(frame.byteOffset).toBe(0);
  }
});

test("[WIRE-028] a writer that writes little holds little, one that writes much large slabs", () => {
  const writer = new FrameWriter();
  const write = (time: number): Uint8Array => writer.write(0, sender, time, [0, "t", new Uint8Array(100)]);
  const slabBytes = (): number => write(1).buffer.byteLength;
  expect(slabBytes()).toBeLessThanOrEqual(1_024);
  const sizes = Array.from({ length: 2_000 }, (_, time) => write(time).buffer.byteLength);
  expect(sizes).toEqual(sizes.toSorted((a, b) => a - b));
  expect(slabBytes()).toBe(65_536);
  // A whole slab is filled between rests.
  for (let time = 0; time < 2_000; time++) {
    write(time);
    if (time % 1_000 === 0) writer.rest();
  }
  expect(slabBytes()).toBe(65_536);
  for (let second = 0; second < 20; second++) {
    const frame = write(second);
    writer.rest();
    expect(decodeBody(frameBody(frame)).time).toBe(second);
  }
  expect(slabBytes()).toBe(1_024);
});

test("[WIRE-028] a writer may rest while a value is written", () => {
  const writer = new FrameWriter();
  const value = {
    get nested() {
      writer.rest();
      writer.rest();
      return "here";
    },
  };
  for (let time = 0; time < 100; time++) {
    const frame = writer.write(0, sender, time, [0, "t", value]);
    expect(decodeBody(frameBody(frame)).items).toEqual([0, "t", { nested: "here" }]);
  }
});

test("[WIRE-001] [WIRE-042] frames of all sizes, from any slab, hold their body and are never overwritten", () => {
  const items = fc.array(wireValue, { maxLength: 6 });
  fc.assert(
    fc.property(fc.array(items, { maxLength: 30 }), fc.integer({ min: 16, max: 70_000 }), (messages, slabBytes) => {
      const writer = new FrameWriter({ slabBytes });
      const frames = messages.map((rest, index) => writer.write(0, sender, index, [0, ...rest]));
      frames.forEach((frame, index) => {
        const body = { type: 0, sender, time: index, items: [0, ...(messages[index] as WireValue[])] };
        expect(Buffer.compare(frameBody(frame), encodeBody(body))).toBe(0);
        expect(new DataView(frame.buffer, frame.byteOffset).getUint32(0)).toBe(frame.length - 4);
        expect(decodeBody(frameBody(frame))).toEqual(body);
      });
    }),
  );
});

test("[WIRE-022] [WIRE-024] a text whose header grows is whole wherever in the slab it ends", () => {
  // 200 units take a header of 2 bytes, their 400 bytes one of 3: the text moves, and perhaps to another slab.
  const text = "é".repeat(200);
  for (let before = 0; before < 600; before++) {
    const writer = new FrameWriter({ slabBytes: 1200 });
    writer.write(0, sender, 1, [0, new Uint8Array(before)]);
    const frames = [2, 3].map((time) => writer.write(0, sender, time, [0, text]));
    for (const frame of frames) expect(decodeBody(frameBody(frame)).items[1]).toBe(text);
  }
});

test("[WIRE-028] [WIRE-042] a refused message leaves the frames around it alone", () => {
  const writer = new FrameWriter({ limits: { ...defaultLimits, maxFrameBytes: 1000 }, slabBytes: 256 });
  const first = writer.write(0, sender, 1, [0, "a"]);
  const bad: readonly (readonly [readonly unknown[], number, string])[] = [
    [[0, undefined], 1, "bad-value"],
    [[0, "x".repeat(999)], 1, "frame-too-large"],
    [[0, new Uint8Array(999)], 1, "frame-too-large"],
    [[0, Array.from({ length: 500 }, () => "ab")], 1, "frame-too-large"],
    [["no subtype"], 1, "bad-body"],
    [[], 1, "bad-body"],
    [[0], 1.5, "bad-body"],
    [[0], -1, "bad-body"],
    [[0], 2 ** 53, "bad-body"],
    // Negative zero is a float on the wire, and no integer.
    [[0], -0, "bad-body"],
    [[-0], 1, "bad-body"],
  ];
  for (const [items, time, code] of bad) {
    expect(() => writer.write(0, sender, time, items as readonly WireValue[])).toThrow(
      expect.objectContaining({ code }),
    );
  }
  for (const type of [256, -0]) expect(() => writer.write(type, sender, 1, [0])).toThrow(WireError);
  expect(() => writer.write(0, sender.subarray(1), 1, [0])).toThrow(WireError);
  const second = writer.write(0, sender, 2, [0, "b"]);
  expect(second.buffer).toBe(first.buffer);
  expect(second.byteOffset).toBe(first.length);
  expect(decodeBody(frameBody(first)).items).toEqual([0, "a"]);
});

test("[WIRE-061] a body of exactly the limit is written", () => {
  const limits = { ...defaultLimits, maxFrameBytes: 200 };
  const overhead = frameBody(new FrameWriter().write(0, sender, 1, [0, "x".repeat(100)])).length - 100;
  const writer = new FrameWriter({ limits });
  expect(frameBody(writer.write(0, sender, 1, [0, "x".repeat(200 - overhead)])).length).toBe(200);
  expect(() => writer.write(0, sender, 1, [0, "x".repeat(201 - overhead)])).toThrow(WireError);
});
