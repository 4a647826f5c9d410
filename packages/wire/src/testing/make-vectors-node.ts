// Makes the files of spec/vectors/wire/1.0 from the tables and the codec.
import { base58 } from "../base58.js";
import { encodeBody } from "../body.js";
// The portable implementation by name: its output is the same on every machine, unlike that of the zlib at hand.
import { deflateGzip, deflateZlib } from "../compression.js";
import { encodeValue } from "../encoding.js";
import { headerBytes, writeHeader } from "../frame.js";
import { messageId } from "../message-id.js";
import { networkId } from "../network-id.js";
import { deriveNodeId, nodeIdToBytes } from "../node-id.js";
import type { WireValue } from "../value.js";
import { badBodies, badHeaders, floatBodies, otherBodies, sender, validBodies, zerosBlock } from "./message-vectors.js";
import { type BytesNotation, readBytes, readValue, writeBytes } from "./notation-node.js";
import { badBytes, badValues, otherForms, validValues } from "./value-vectors.js";
import type { Vector, VectorFile } from "./vectors-node.js";

const provenance =
  "Made by packages/wire/src/testing/make-vectors-node.ts from hand-written tables and the codec of @p2p/wire.";

/** All files, by name. */
export function makeVectors(): ReadonlyMap<string, VectorFile> {
  return new Map([
    ["values.json", file("Values, both ways", "value", values())],
    ["values-refused.json", file("Bytes that are no value, and values without bytes", "value", refusedValues())],
    ["bodies.json", file("Message bodies", "body", bodies())],
    ["frames.json", file("Single frames, plain and compressed", "frame", frames())],
    ["streams.json", file("Streams of frames, to be cut anywhere", "stream", streams())],
    ["message-ids.json", file("Message ids", "message-id", messageIds())],
    ["base58.json", file("Base58 of integers", "base58", base58s())],
    ["node-ids.json", file("Node ids without a key pair", "node-id", nodeIds())],
    ["network-ids.json", file("Network ids", "network-id", networkIds())],
  ]);
}

/** The text of a file: one vector a line. */
export function formatVectors(content: VectorFile): string {
  const { vectors, ...head } = content;
  const lines = vectors.map((vector) => `    ${JSON.stringify(vector)}`).join(",\n");
  return `${JSON.stringify({ ...head, vectors: ["$"] }, null, 2).replace('    "$"', () => lines)}\n`;
}

function file(title: string, operation: string, vectors: readonly Vector[]): VectorFile {
  return { $schema: "../../schema.json", title, profile: "1.0", provenance, operation, vectors };
}

function commented(vector: Vector, comment: string | undefined): Vector {
  return comment === undefined ? vector : { ...vector, comment };
}

function values(): Vector[] {
  const valid = validValues.map(([id, requirements, value, comment]): Vector => {
    // readValue leaves nothing in that only profile 0.7 has.
    const bytes = writeBytes(encodeValue(readValue(value) as WireValue));
    return commented({ id, requirements, bytes, value }, comment);
  });
  const others = otherForms.map(([id, requirements, bytes, outcome, comment]): Vector => {
    return commented({ id, requirements, canonical: false, bytes, ...outcome }, comment);
  });
  return [...valid, ...others];
}

function refusedValues(): Vector[] {
  const bytes = badBytes.map(([id, requirements, input, outcome, comment]): Vector => {
    return commented({ id, requirements, bytes: input, ...outcome }, comment);
  });
  const encoded = badValues.map(([id, requirements, value, error]): Vector => {
    return { id: `encode-${id}`, requirements, value, error };
  });
  return [...bytes, ...encoded];
}

function bodies(): Vector[] {
  const valid = validBodies.map(([id, requirements, type, time, items]): Vector => {
    const bytes = encodeBody({ type, sender: readBytes(sender), time, items: items.map(readValue) as WireValue[] });
    return { id, requirements, bytes: writeBytes(bytes), body: { type, sender, time, items } };
  });
  const other = (id: string, requirement: string, bytes: string): Vector => ({
    id,
    requirements: [requirement],
    canonical: false,
    bytes,
    body: { type: 2, sender, time: 1_795_000_000_000_000, items: [0, null] },
  });
  const others = [
    ...otherBodies.map(([id, bytes]) => other(id, "WIRE-030", bytes)),
    ...floatBodies.map(([id, bytes]) => other(id, "WIRE-090", bytes)),
  ];
  const bad = badBodies.map(([id, requirements, bytes, error]): Vector => ({ id, requirements, bytes, error }));
  return [...valid, ...others, ...bad];
}

const shortBody = readBytes("94c0c0c0c0");
const text = new TextEncoder().encode("the quick brown fox jumps over the lazy dog, and then once more: ".repeat(20));

function frame(codec: number, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(headerBytes + payload.length);
  writeHeader(bytes, 0, codec, payload.length);
  bytes.set(payload, headerBytes);
  return bytes;
}

function frames(): Vector[] {
  const valid = (
    id: string,
    requirements: readonly string[],
    codec: number,
    sent: Uint8Array,
    payload: Uint8Array,
  ): Vector => {
    return { id, requirements, bytes: writeBytes(frame(codec, sent)), codec, payload: writeBytes(payload) };
  };
  const largest = new Uint8Array(1_048_576).fill(0xc0);
  return [
    valid("one-byte", ["WIRE-001"], 0, Uint8Array.of(0xc0), Uint8Array.of(0xc0)),
    valid("plain", ["WIRE-001"], 0, shortBody, shortBody),
    valid("length-300", ["WIRE-001"], 0, text.subarray(0, 300), text.subarray(0, 300)),
    valid("length-70000", ["WIRE-001"], 0, largest.subarray(0, 70_000), largest.subarray(0, 70_000)),
    valid("at-the-limit", ["WIRE-003", "WIRE-061"], 0, largest, largest),
    valid("zlib", ["WIRE-012"], 1, deflateZlib(text), text),
    valid("gzip", ["WIRE-012"], 2, deflateGzip(text), text),
    valid("zlib-not-smaller", ["WIRE-012"], 1, deflateZlib(shortBody), shortBody),
    ...badHeaders.map(([id, requirements, bytes, error]): Vector => ({ id, requirements, bytes, error })),
    ...refusedFrames(),
  ];
}

function refusedFrames(): Vector[] {
  const zlib = deflateZlib(text);
  const gzip = deflateGzip(text);
  const zeros = new Uint8Array(50_000);
  const bad = (
    id: string,
    requirement: string,
    codec: number,
    sent: Uint8Array,
    error: string,
    limits?: Vector["limits"],
  ): Vector => {
    const vector = { id, requirements: [requirement], bytes: writeBytes(frame(codec, sent)), error };
    return limits === undefined ? vector : { ...vector, limits };
  };
  const damaged = (bytes: Uint8Array, at: number): Uint8Array => {
    const copy = bytes.slice();
    const index = at < 0 ? copy.length + at : at;
    copy[index] = (copy[index] as number) ^ 0x10;
    return copy;
  };
  const joined = (...parts: readonly Uint8Array[]): Uint8Array =>
    readBytes(parts.map((part) => Buffer.from(part).toString("hex")));
  const bomb: BytesNotation = ["100ffb4c789c", { hex: zerosBlock, repeat: 1010 }];
  return [
    bad("zlib-cut", "WIRE-016", 1, zlib.subarray(0, -5), "bad-compression"),
    bad("zlib-without-checksum", "WIRE-016", 1, zlib.subarray(0, -4), "bad-compression"),
    bad("zlib-wrong-checksum", "WIRE-016", 1, damaged(zlib, -1), "bad-compression"),
    bad("zlib-wrong-header", "WIRE-016", 1, damaged(zlib, 0), "bad-compression"),
    bad("zlib-dictionary", "WIRE-012", 1, readBytes("78bb00000001"), "bad-compression"),
    bad("zlib-followed", "WIRE-018", 1, joined(zlib, Uint8Array.of(0)), "bad-compression"),
    bad("zlib-as-gzip", "WIRE-016", 2, zlib, "bad-compression"),
    bad("plain-as-zlib", "WIRE-016", 1, shortBody, "bad-compression"),
    bad("gzip-cut", "WIRE-016", 2, gzip.subarray(0, -9), "bad-compression"),
    bad("gzip-wrong-checksum", "WIRE-016", 2, damaged(gzip, -8), "bad-compression"),
    bad("gzip-wrong-length", "WIRE-016", 2, damaged(gzip, -4), "bad-compression"),
    bad("gzip-followed", "WIRE-018", 2, joined(gzip, Uint8Array.of(0)), "bad-compression"),
    bad("gzip-two-members", "WIRE-018", 2, joined(gzip, gzip), "bad-compression"),
    bad("zlib-over-ratio", "WIRE-015", 1, deflateZlib(zeros), "inflate-ratio"),
    bad("gzip-over-ratio", "WIRE-015", 2, deflateGzip(zeros), "inflate-ratio"),
    bad("zlib-over-limit", "WIRE-014", 1, zlib, "inflate-too-large", { maxFrameBytes: text.length - 1 }),
    bad("gzip-over-limit", "WIRE-014", 2, gzip, "inflate-too-large", { maxFrameBytes: text.length - 1 }),
    {
      id: "zlib-bomb",
      requirements: ["WIRE-014"],
      bytes: bomb,
      error: "inflate-too-large",
      comment: "1 MiB that hold 1 GB of zeros",
    },
  ];
}

function streams(): Vector[] {
  const payloads = [shortBody, text, Uint8Array.of(0xc0)];
  const all = [
    frame(0, shortBody),
    frame(1, deflateZlib(text)),
    frame(2, deflateGzip(text)),
    frame(0, Uint8Array.of(0xc0)),
  ];
  const given = [
    { codec: 0, payload: writeBytes(shortBody) },
    { codec: 1, payload: writeBytes(text) },
    { codec: 2, payload: writeBytes(text) },
    { codec: 0, payload: writeBytes(payloads[2] as Uint8Array) },
  ];
  const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
  const good = all.map(hex).join("");
  return [
    { id: "nothing", requirements: ["WIRE-005"], bytes: "", frames: [] },
    { id: "four-frames", requirements: ["WIRE-005"], bytes: good, frames: given },
    { id: "unfinished-header", requirements: ["WIRE-005"], bytes: `${good}000000`, frames: given, rest: 3 },
    { id: "unfinished-body", requirements: ["WIRE-005"], bytes: `${good}00000005c0c0`, frames: given, rest: 6 },
    ...badHeaders.map(([id, requirements, bytes, error]): Vector => {
      return {
        id: `then-${id}`,
        requirements: [...requirements, "WIRE-008"],
        bytes: good + (bytes as string) + good,
        frames: given,
        error,
      };
    }),
  ];
}

function messageIds(): Vector[] {
  return validBodies.slice(0, 4).map(([id, , type, time, items]): Vector => {
    const bytes = encodeBody({ type, sender: readBytes(sender), time, items: items.map(readValue) as WireValue[] });
    return {
      id,
      requirements: ["WIRE-050"],
      bytes: writeBytes(bytes),
      id_hex: Buffer.from(messageId(bytes)).toString("hex"),
    };
  });
}

function base58s(): Vector[] {
  const valid = [
    "00",
    "01",
    "39",
    "3a",
    "ff",
    "0000ff",
    "0100",
    "ffffffffffffffff",
    sender,
    "ff".repeat(48),
    `${"00".repeat(47)}07`,
  ];
  const bad: readonly (readonly [string, number])[] = [
    ["", 1],
    ["0", 1],
    ["O", 1],
    ["I", 1],
    ["l", 1],
    ["12", 1],
    ["11", 1],
    ["5R", 1],
    [" 2", 2],
    ["2\n", 2],
    ["\u00e9", 2],
    ["z".repeat(67), 48],
  ];
  return [
    ...valid.map((bytes, index): Vector => {
      const text = base58.encode(readBytes(bytes));
      return {
        id: `valid-${index}`,
        requirements: ["WIRE-051", ...(bytes.length === 96 ? ["WIRE-052"] : [])],
        text,
        byteLength: bytes.length / 2,
        bytes,
      };
    }),
    ...bad.map(
      ([text, byteLength], index): Vector => ({
        id: `bad-${index}`,
        requirements: ["WIRE-053"],
        text,
        byteLength,
        error: "bad-base58",
      }),
    ),
  ];
}

const salts = ["00000000-0000-4000-8000-000000000000", "6ba7b810-9dad-41d1-80b4-00c04fd430c8"];

function nodeIds(): Vector[] {
  return ["tcp://127.0.0.1:47001", "", "tcp://[2001:db8::1]:1", "ws://b\u00fccher.example/p2p"].flatMap(
    (address, index) =>
      salts.map((salt, which): Vector => {
        const id = deriveNodeId({ address, networkId: networkId("chat"), salt });
        const id_hex = Buffer.from(nodeIdToBytes(id)).toString("hex");
        const network = Buffer.from(networkId("chat")).toString("hex");
        return {
          id: `node-${index}-${which}`,
          requirements: ["WIRE-052", "WIRE-054"],
          address,
          networkId: network,
          salt,
          id_hex,
          text: id,
        };
      }),
  );
}

function networkIds(): Vector[] {
  const names: readonly (readonly [string, string])[] = [
    ["chat", "Plaintext"],
    ["chat", "TLS"],
    ["chat", "Noise"],
    ["", "Plaintext"],
    ["b\u00fccher \u{1f4da}", "Plaintext"],
    ["z114", "Plaintext"],
  ];
  return names.map(([name, security], index): Vector => {
    const id = networkId(name, security);
    return {
      id: `network-${index}`,
      requirements: ["WIRE-055"],
      name,
      security,
      id_hex: Buffer.from(id).toString("hex"),
      text: base58.encode(id),
    };
  });
}
