// Every frame of py2p and js2p that was recorded, both ways.
import { describe, expect, test } from "vitest";
import { WireError } from "../errors.js";
import type { BytesNotation } from "../testing/notation-node.js";
import { readBytes, readValue07 } from "../testing/notation-node.js";
import { loadVectors, type Vector } from "../testing/vectors-node.js";
import { compressions07 } from "./compressions.js";
import { AnyMap, Float64, type Value07 } from "./extras.js";
import { decodeBody07, encodeFrame07, frame07, type Message07 } from "./frame.js";
import { FrameDecoder07 } from "./frame-decoder.js";
import { defaultLimits07 } from "./limits.js";

const headerBytes = 4;

function bytesOf(vector: Vector): Uint8Array {
  return readBytes(vector.bytes as BytesNotation);
}

function messageOf({ message }: Vector): Message07 {
  if (message === undefined) throw new Error("a vector without a message");
  const { type, sender, time, payload } = message;
  return { type, sender: readValue07(sender) as string | Uint8Array, time, items: payload.map(readValue07) };
}

/** What a decoder gives for a value: floats without their mark, integers within the safe range as numbers. */
function decoded(value: Value07): Value07 {
  if (value instanceof Float64) return value.value;
  if (value instanceof AnyMap) return new AnyMap(value.entries.map(([key, item]) => [key, decoded(item)]));
  if (Array.isArray(value)) return value.map(decoded);
  if (typeof value === "object" && value !== null && !(value instanceof Uint8Array)) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, decoded(item as Value07)]));
  }
  return value;
}

function expected(vector: Vector): Message07 {
  const message = messageOf(vector);
  return { ...message, items: message.items.map(decoded) };
}

describe("py2p", () => {
  const { vectors } = loadVectors("0.7/frames-py2p.json");

  test("there are all 226", () => {
    expect(vectors.length).toBe(226);
  });

  test.each(vectors)("[WIRE-100] [WIRE-101] [WIRE-110] $id goes both ways to the byte", (vector) => {
    const frame = bytesOf(vector);
    const { message, checksum, packed, compression } = decodeBody07(frame.subarray(headerBytes));
    expect(message).toEqual(expected(vector));
    expect(Buffer.from(checksum).toString("hex")).toBe(vector.id_hex);
    expect(compression).toBe(0);
    expect(Buffer.compare(encodeFrame07(messageOf(vector)), frame)).toBe(0);
    // [WIRE-102]
    expect(Buffer.compare(frame07(packed), frame)).toBe(0);
  });
});

describe("js2p", () => {
  test.each(loadVectors("0.7/frames-js2p.json").vectors)("[WIRE-111] $id is taken", (vector) => {
    const frame = bytesOf(vector);
    const { message, checksum } = decodeBody07(frame.subarray(headerBytes));
    expect(message).toEqual(expected(vector));
    expect(Buffer.from(checksum).toString("hex")).toBe(vector.id_hex);
    if (vector.canonical !== false) expect(Buffer.compare(encodeFrame07(messageOf(vector)), frame)).toBe(0);
  });
});

describe("compressed", () => {
  const { vectors } = loadVectors("0.7/frames-compressed.json");

  test.each(vectors)("[WIRE-104] [WIRE-106] $id is inflated, and the checksum decides", (vector) => {
    const frame = bytesOf(vector);
    const decodedFrame = decodeBody07(frame.subarray(headerBytes));
    expect(decodedFrame.message).toEqual(expected(vector));
    expect(Buffer.from(decodedFrame.checksum).toString("hex")).toBe(vector.id_hex);
    expect(decodedFrame.compression).toBe(vector.compression === "zlib" ? compressions07.zlib : compressions07.gzip);
    if (vector.source !== "py2p") return;
    const ours = encodeFrame07(messageOf(vector), { compression: decodedFrame.compression });
    expect(decodeBody07(ours.subarray(headerBytes)).packed).toEqual(decodedFrame.packed);
  });

  test.each(loadVectors("0.7/frames-refused.json").vectors)("[WIRE-107] $id is refused by name", (vector) => {
    expect(() => decodeBody07(bytesOf(vector).subarray(headerBytes))).toThrow(
      expect.objectContaining({ name: "WireError", code: vector.error }),
    );
  });
});

test("[WIRE-103] the stream of all frames is cut alike in any chunks, and at every byte of the small ones", () => {
  const frames = loadVectors("0.7/frames-py2p.json").vectors.map(bytesOf);
  const stream = new Uint8Array(Buffer.concat(frames));
  for (const size of [1, 7, 4096, stream.length]) {
    const found: Uint8Array[] = [];
    const decoder = new FrameDecoder07();
    for (let at = 0; at < stream.length; at += size)
      decoder.push(stream.subarray(at, at + size), (frame) => found.push(frame.bytes));
    expect(found.length).toBe(frames.length);
    found.forEach((bytes, index) => {
      expect(Buffer.compare(bytes, frames[index] as Uint8Array)).toBe(0);
    });
  }
  for (const frame of frames.filter(({ length }) => length < 1000)) {
    for (let split = 0; split <= frame.length; split++) {
      const found: Uint8Array[] = [];
      const decoder = new FrameDecoder07();
      for (const part of [frame.subarray(0, split), frame.subarray(split)])
        decoder.push(part, (one) => found.push(one.bytes));
      expect(found).toEqual([frame]);
    }
  }
});

test("[WIRE-103] [WIRE-104] frames that are empty, too large, cut or changed are refused", () => {
  const code = (run: () => unknown): string => {
    try {
      run();
      return "none";
    } catch (error) {
      expect(error).toBeInstanceOf(WireError);
      return (error as WireError).code;
    }
  };
  const push = (...bytes: number[]) => code(() => new FrameDecoder07().push(Uint8Array.from(bytes), () => undefined));
  expect(push(0, 0, 0, 0)).toBe("empty-frame");
  expect(push(0x47, 0x45, 0x54, 0x20)).toBe("frame-too-large");
  const body = encodeFrame07({ type: 2, sender: "a", time: 1, items: [5, "x"] }).subarray(headerBytes);
  for (let length = 0; length < body.length; length++) {
    expect(code(() => decodeBody07(body.subarray(0, length)))).toBe("bad-checksum");
  }
  for (let at = 0; at < body.length; at++) {
    const changed = body.slice();
    changed[at] = (changed[at] as number) ^ 1;
    expect(code(() => decodeBody07(changed))).not.toBe("none");
  }
  const limits = { ...defaultLimits07, maxFrameBytes: 100 };
  expect(code(() => encodeFrame07({ type: 2, sender: "a", time: 1, items: ["x".repeat(100)] }, { limits }))).toBe(
    "frame-too-large",
  );
  expect(code(() => encodeFrame07({ type: 2, sender: "a", time: 1, items: [] }, { compression: 16 }))).toBe(
    "unsupported-codec",
  );
});

test("[WIRE-103] [WIRE-106] what is written compressed is within the limits once inflated", () => {
  const limits = { ...defaultLimits07, maxFrameBytes: 1000 };
  const results = new Set<string>();
  for (let length = 900; length < 1000; length++) {
    const message = { type: 2, sender: "a", time: 1, items: ["x".repeat(length)] };
    for (const compression of [0, compressions07.zlib, compressions07.gzip]) {
      let frame: Uint8Array;
      try {
        frame = encodeFrame07(message, { limits, compression });
      } catch (error) {
        results.add((error as WireError).code);
        continue;
      }
      expect(decodeBody07(frame.subarray(headerBytes), limits).message).toEqual(message);
      results.add("written");
    }
  }
  expect([...results].sort()).toEqual(["frame-too-large", "written"]);
});

test("[WIRE-108] [WIRE-109] bodies of a wrong shape are refused", () => {
  const items = [5];
  for (const message of [
    { type: -1, sender: "a", time: 1, items },
    { type: 1.5, sender: "a", time: 1, items },
    { type: 2, sender: 7 as unknown as string, time: 1, items },
    { type: 2, sender: "a", time: 1.5, items },
    { type: 2, sender: "a", time: -1, items },
    { type: 2, sender: "a", time: -0, items },
    { type: -0, sender: "a", time: 1, items },
    { type: 2, sender: "a", time: Number.NaN, items },
  ]) {
    expect(() => encodeFrame07(message)).toThrow(expect.objectContaining({ code: "bad-body" }));
  }
  for (const hex of ["80", "92c0a161", "9302a161cb3ff8000000000000", "9302a161a131", "93a132a16101"]) {
    const body = frame07(readBytes(hex)).subarray(headerBytes);
    expect(() => decodeBody07(body)).toThrow(expect.objectContaining({ code: "bad-body" }));
  }
  // js2p from 2038 on: a float with a whole value.
  expect(decodeBody07(frame07(readBytes("9302a161cb41e0000000000000")).subarray(headerBytes)).message.time).toBe(
    2 ** 31,
  );
});

test("[WIRE-112] maps with any keys but containers are taken, and no key twice", () => {
  const decode = (hex: string) =>
    decodeBody07(frame07(readBytes(`9402a16101${hex}`)).subarray(headerBytes)).message.items[0];
  expect(decode("82c40161c001a162")).toEqual(
    new AnyMap([
      [Uint8Array.of(0x61), null],
      [1, "b"],
    ]),
  );
  expect(() => decode("82c40161c0c40161c0")).toThrow(expect.objectContaining({ code: "duplicate-key" }));
  expect(() => decode("82a161c0a161c0")).toThrow(expect.objectContaining({ code: "duplicate-key" }));
  expect(() => decode("8190c0")).toThrow(expect.objectContaining({ code: "bad-key" }));
  expect(decode("82c40161c0a161c0")).toBeInstanceOf(AnyMap);
  const encode = (...entries: AnyMap["entries"]) =>
    encodeFrame07({ type: 2, sender: "a", time: 1, items: [new AnyMap(entries)] });
  expect(() => encode([1, "a"], [1, "b"])).toThrow(expect.objectContaining({ code: "duplicate-key" }));
  expect(() => encode([[] as unknown as null, "a"])).toThrow(expect.objectContaining({ code: "bad-key" }));
});
