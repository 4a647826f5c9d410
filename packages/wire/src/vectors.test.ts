// The committed vectors of profile 1.0 are what the tables and the codec make, and the codec passes them all.
import { writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { base58 } from "./base58.js";
import { decodeBody, encodeBody } from "./body.js";
import { inflateFrame } from "./compressed-frame.js";
import { decodeValue, encodeValue } from "./encoding.js";
import { WireError } from "./errors.js";
import { FrameDecoder } from "./frame-decoder.js";
import { defaultLimits, type WireLimits } from "./limits.js";
import { messageId } from "./message-id.js";
import { networkId } from "./network-id.js";
import { deriveNodeId, nodeIdToBytes } from "./node-id.js";
import { formatVectors, makeVectors } from "./testing/make-vectors-node.js";
import { type BytesNotation, readBytes, readValue } from "./testing/notation-node.js";
import { loadVectors, type Vector, vectorFiles, vectorText, vectorUrl } from "./testing/vectors-node.js";
import type { WireValue } from "./value.js";

const made = makeVectors();
if (process.env.UPDATE_VECTORS === "1") {
  for (const [name, content] of made) writeFileSync(vectorUrl(`1.0/${name}`), formatVectors(content));
}

test("the committed files are the ones that are made", () => {
  expect(vectorFiles("1.0").sort()).toEqual([...made.keys()].sort());
  for (const [name, content] of made) expect(vectorText(`1.0/${name}`) === formatVectors(content), name).toBe(true);
});

const bytesOf = (vector: Vector): Uint8Array => readBytes(vector.bytes as BytesNotation);
const limitsOf = (vector: Vector): WireLimits => ({ ...defaultLimits, ...vector.limits });
// Notation of profile 1.0 holds nothing else.
const wireValue = (notation: unknown): WireValue => readValue(notation) as WireValue;
const title = "$requirements $id";

function codeOf(run: () => unknown): string {
  try {
    run();
    return "none";
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return error.code;
  }
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

/** Every cut in two for short inputs, some sizes of pieces for long ones. */
function* chunkings(bytes: Uint8Array): Generator<Uint8Array[]> {
  yield [bytes];
  if (bytes.length <= 4096) {
    for (let cut = 1; cut < bytes.length; cut++) yield [bytes.subarray(0, cut), bytes.subarray(cut)];
  }
  for (const size of bytes.length <= 100_000 ? [1, 3, 1000] : [65_536, 65_537]) {
    const chunks: Uint8Array[] = [];
    for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size));
    yield chunks;
  }
}

describe.each(["values.json", "values-refused.json"])("%s", (name) => {
  test.each(loadVectors(`1.0/${name}`).vectors)(title, (vector) => {
    if (vector.error !== undefined) {
      const { bytes, value } = vector;
      const run = bytes === undefined ? () => encodeValue(wireValue(value)) : () => decodeValue(bytesOf(vector));
      expect(codeOf(run)).toBe(vector.error);
      return;
    }
    const bytes = bytesOf(vector);
    // A bigint of the notation may be a number once decoded.
    const expected = decodeValue(encodeValue(wireValue(vector.value)));
    expect(decodeValue(bytes)).toEqual(expected);
    if (vector.canonical !== false) expect(isSame(encodeValue(wireValue(vector.value)), bytes)).toBe(true);
    // [WIRE-038] at every byte
    if (bytes.length > 1000) return;
    for (let length = 0; length < bytes.length; length++) {
      expect(codeOf(() => decodeValue(bytes.subarray(0, length)))).toBe("truncated");
    }
  });
});

test.each(loadVectors("1.0/bodies.json").vectors)(title, (vector) => {
  const bytes = bytesOf(vector);
  if (vector.body === undefined) {
    expect(codeOf(() => decodeBody(bytes))).toBe(vector.error);
    return;
  }
  const { type, sender, time, items } = vector.body;
  const body = { type, sender: readBytes(sender), time, items: items.map(wireValue) };
  expect(decodeBody(bytes)).toEqual(body);
  if (vector.canonical !== false) expect(encodeBody(body)).toEqual(bytes);
  for (let length = 0; length < bytes.length; length++) {
    expect(codeOf(() => decodeBody(bytes.subarray(0, length)))).toMatch(/^(truncated|bad-body)$/);
  }
});

describe.each(["frames.json", "streams.json"])("%s", (name) => {
  test.each(loadVectors(`1.0/${name}`).vectors)(title, (vector) => {
    const single = vector.payload === undefined ? [] : [{ codec: vector.codec ?? 0, payload: vector.payload }];
    const expected = (vector.frames ?? single).map(({ codec, payload }) => ({ codec, body: readBytes(payload) }));
    const limits = limitsOf(vector);
    for (const chunks of chunkings(bytesOf(vector))) {
      const decoder = new FrameDecoder(limits);
      let found = 0;
      const error = codeOf(() => {
        for (const chunk of chunks) {
          decoder.push(chunk, (frame) => {
            const body = inflateFrame(frame, limits);
            const wanted = expected[found++];
            expect(frame.codec).toBe(wanted?.codec);
            expect(isSame(body, wanted?.body ?? new Uint8Array(0))).toBe(true);
          });
        }
      });
      expect(error).toBe(vector.error ?? "none");
      expect(found).toBe(expected.length);
      if (error === "none") expect(decoder.bufferedBytes).toBe(vector.rest ?? 0);
    }
  });
});

test.each(loadVectors("1.0/message-ids.json").vectors)(title, (vector) => {
  expect(Buffer.from(messageId(bytesOf(vector))).toString("hex")).toBe(vector.id_hex);
});

test.each(loadVectors("1.0/base58.json").vectors)(title, (vector) => {
  const { text = "", byteLength = 0 } = vector;
  if (vector.error !== undefined) {
    expect(codeOf(() => base58.decode(text, byteLength))).toBe(vector.error);
    return;
  }
  expect(base58.decode(text, byteLength)).toEqual(bytesOf(vector));
  expect(base58.encode(bytesOf(vector))).toBe(text);
});

test.each(loadVectors("1.0/node-ids.json").vectors)(
  title,
  ({ address = "", networkId: network = "", salt = "", ...vector }) => {
    const id = deriveNodeId({ address, networkId: readBytes(network), salt });
    expect(id).toBe(vector.text);
    expect(Buffer.from(nodeIdToBytes(id)).toString("hex")).toBe(vector.id_hex);
  },
);

test.each(loadVectors("1.0/network-ids.json").vectors)(title, ({ name = "", security, id_hex, text }) => {
  expect(Buffer.from(networkId(name, security)).toString("hex")).toBe(id_hex);
  expect(base58.encode(networkId(name, security))).toBe(text);
});
