import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { compressFrame, inflateFrame } from "./compressed-frame.js";
import { type Frame, frameBody } from "./frame.js";
import { FrameDecoder } from "./frame-decoder.js";
import { FrameWriter } from "./frame-writer.js";
import { defaultLimits } from "./limits.js";
import { codecs } from "./registries.js";

const sender = new Uint8Array(48);
const writer = new FrameWriter();
const write = (data: string | Uint8Array): Uint8Array => writer.write(0, sender, 1, [0, "message", data]);
const text = "all work and no play makes jack a dull boy; ".repeat(20);

function parse(frame: Uint8Array): Frame {
  const found: Frame[] = [];
  new FrameDecoder({ ...defaultLimits, maxFrameBytes: 1 << 24 }).push(frame, (one) => found.push(one));
  return found[0] as Frame;
}

describe.each([
  ["zlib", codecs.zlib],
  ["gzip", codecs.gzip],
])("%s", (_, codec) => {
  test("[WIRE-012] [WIRE-013] a frame that gets smaller is compressed and says so", () => {
    const frame = write(text);
    const compressed = compressFrame(frame, codec);
    expect(compressed.length).toBeLessThan(frame.length);
    const parsed = parse(compressed);
    expect(parsed.codec).toBe(codec);
    expect(inflateFrame(parsed)).toEqual(frameBody(frame));
    expect(compressFrame(compressed, codec)).toBe(compressed);
  });

  test("[WIRE-013] [WIRE-017] one that does not, is small, or shrinks too much stays as it is", () => {
    for (const data of [randomBytes(2000), "short", new Uint8Array(100_000)]) {
      const frame = write(new Uint8Array(typeof data === "string" ? Buffer.from(data) : data));
      expect(compressFrame(frame, codec)).toBe(frame);
    }
    const repeated = write("a".repeat(200));
    expect(compressFrame(repeated, codec, { minBytes: 1000 })).toBe(repeated);
    expect(compressFrame(repeated, codec, { minBytes: 1 })).not.toBe(repeated);
  });

  test("[WIRE-014] [WIRE-015] [WIRE-061] both caps are inclusive", () => {
    const frame = write(text);
    const parsed = parse(compressFrame(frame, codec));
    const size = frameBody(frame).length;
    expect(inflateFrame(parsed, { ...defaultLimits, maxFrameBytes: size }).length).toBe(size);
    expect(() => inflateFrame(parsed, { ...defaultLimits, maxFrameBytes: size - 1 })).toThrow(
      expect.objectContaining({ code: "inflate-too-large" }),
    );
    // A cap is a whole number of bytes: the next one up is reached exactly.
    const ratio = (size + 0.5) / parsed.payload.length;
    expect(inflateFrame(parsed, { ...defaultLimits, maxInflateRatio: ratio }).length).toBe(size);
    expect(() =>
      inflateFrame(parsed, { ...defaultLimits, maxInflateRatio: ratio - 1 / parsed.payload.length }),
    ).toThrow(expect.objectContaining({ code: "inflate-ratio" }));
  });
});

test("[WIRE-014] a small body does not hold the memory that inflating it took", () => {
  for (const codec of [codecs.zlib, codecs.gzip]) {
    const body = inflateFrame(parse(compressFrame(write(text), codec)));
    expect(body.buffer.byteLength).toBeLessThanOrEqual(2 * body.length);
  }
});

test("[WIRE-060] limits that are switched off end at what a header can tell", () => {
  const off = { ...defaultLimits, maxFrameBytes: Number.POSITIVE_INFINITY, maxInflateRatio: Number.POSITIVE_INFINITY };
  for (const codec of [codecs.zlib, codecs.gzip]) {
    const frame = write(text);
    expect(inflateFrame(parse(compressFrame(frame, codec)), off)).toEqual(frameBody(frame));
  }
});

test("[WIRE-014] a limit that is missing or no number inflates nothing", () => {
  for (const wrong of [undefined, Number.NaN]) {
    for (const name of ["maxFrameBytes", "maxInflateRatio"]) {
      const limits = { ...defaultLimits, [name]: wrong };
      expect(() => inflateFrame(parse(compressFrame(write(text), codecs.zlib)), limits)).toThrow(
        expect.objectContaining({ code: "inflate-too-large" }),
      );
    }
  }
});

test("[WIRE-004] unknown codecs are refused both ways; none is the frame itself", () => {
  const frame = write(text);
  expect(compressFrame(frame, codecs.none)).toBe(frame);
  for (const codec of [3, 15, -1, 1.5]) {
    expect(() => compressFrame(frame, codec)).toThrow(expect.objectContaining({ code: "unknown-codec" }));
    expect(() => inflateFrame({ codec, bytes: frame, payload: frameBody(frame) })).toThrow(
      expect.objectContaining({ code: "unknown-codec" }),
    );
  }
});
