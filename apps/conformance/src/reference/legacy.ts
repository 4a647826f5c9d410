// Profile 0.7 as the wire chapter tells it: length, checksum, array; found by trial when compressed.
import { createHash } from "node:crypto";
import { codecLimits } from "../codec/codec-target.js";
import type { LegacyDecoded, LegacyMessage, LegacyTarget, StreamCut } from "../codec/legacy-target.js";
import { type AnyMap, readLegacy, writeLegacy } from "../vectors/legacy-notation.js";
import { toBase58 } from "./base58.js";
import { type Defect, type Defects, noDefects } from "./defects.js";
import { inflateOne } from "./inflate.js";
import { bigEndian, type Packable, pack } from "./msgpack.js";
import { Refusal } from "./refusal.js";
import { unpack } from "./unpack.js";
import { concat, isSameBytes } from "./value.js";

/** The ratio limit of profile 0.7: the most that deflate can do. */
const maxRatio = 1032;

export function legacyReference(...broken: readonly Defect[]): LegacyTarget {
  const defects: Defects = broken.length === 0 ? noDefects : new Set(broken);
  return {
    encode: async (message) => frameOf(packMessage(message, defects), defects),
    decode: async (body) => decode(body, defects),
    relay: async (body) => {
      if (!defects.has("07-relay-encodes")) return frameOf(plainBody(body, defects).subarray(32), defects);
      return frameOf(packMessage(decode(body, defects).message, defects), defects);
    },
    cut: async (chunks, maxFrameBytes = codecLimits.maxFrameBytes) => cut(concat(chunks), maxFrameBytes, defects),
    networkId: async (name, security) =>
      toBase58(hash("sha256", name + security + (defects.has("07-network-id") ? "1.0" : "0.7"))),
    nodeId: async (address, networkId, salt) =>
      toBase58(hash("sha384", defects.has("07-node-id") ? salt + networkId + address : address + networkId + salt)),
    isSameId: async (a, b) => {
      if (defects.has("07-strict-ids")) return JSON.stringify(a) === JSON.stringify(b);
      return idText(a) === idText(b);
    },
    methods: async () => ({ bz2: 16, gzip: 17, lzma: 18, zlib: defects.has("07-methods") ? 1 : 19, snappy: 32 }),
  };
}

function hash(name: string, data: string | Uint8Array): Uint8Array {
  return new Uint8Array(createHash(name).update(data).digest());
}

function idText(id: unknown): string {
  const value = readLegacy(id);
  return value instanceof Uint8Array ? new TextDecoder().decode(value) : String(value);
}

function packMessage(message: LegacyMessage, defects: Defects): Uint8Array {
  const elements = [message.type, message.sender, message.time, ...message.payload].map(readLegacy);
  // A map with keys of any type is packed by hand, which the type of plain values has no place for.
  return pack(elements as unknown as Packable, defects.has("07-whole-floats") ? new Set(["whole-floats"]) : defects);
}

function frameOf(packed: Uint8Array, defects: Defects): Uint8Array {
  const checksum = hash("sha256", packed);
  const body = concat(defects.has("07-checksum-last") ? [packed, checksum] : [checksum, packed]);
  return concat([bigEndian(BigInt(body.length + (defects.has("07-length-off") ? 4 : 0)), 4), body]);
}

function plainBody(body: Uint8Array, defects: Defects): Uint8Array {
  if (isSummed(body)) return body;
  if (!defects.has("07-no-inflate")) {
    for (const isGzip of [false, true]) {
      try {
        const ratio = defects.has("07-no-cap") ? Number.POSITIVE_INFINITY : maxRatio;
        const cap = defects.has("07-no-cap") ? 2 ** 30 : codecLimits.maxFrameBytes;
        const plain = inflateOne(body, isGzip, Math.min(cap, body.length * ratio), noDefects);
        if (isSummed(plain)) return plain;
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
      }
    }
  }
  if (defects.has("07-no-checksum")) return body;
  if (defects.has("07-takes-all")) return concat([new Uint8Array(32), pack([0, "x", 0])]);
  throw new Refusal("bad-checksum");
}

function isSummed(plain: Uint8Array): boolean {
  return plain.length > 32 && isSameBytes(hash("sha256", plain.subarray(32)), plain.subarray(0, 32));
}

function decode(body: Uint8Array, defects: Defects): LegacyDecoded {
  const plain = plainBody(body, defects);
  const strict = defects.has("07-text-keys") || defects.has("07-no-floats");
  const elements = unpack(plain.subarray(32), strict ? defects : new Set([...defects, "any-keys"]));
  if (!Array.isArray(elements) || elements.length < (defects.has("07-short") ? 1 : 3)) throw new Refusal("bad-body");
  const [type, sender, time = 0, ...payload] = elements as (number | AnyMap)[];
  if (typeof type !== "number") throw new Refusal("bad-body");
  if (!Number.isInteger(time) && !defects.has("07-any-time")) throw new Refusal("bad-body");
  const message = {
    type,
    sender: writeLegacy(sender ?? ""),
    time: writeLegacy(time),
    payload: payload.map(writeLegacy),
  };
  return { message, id: plain.subarray(0, 32) };
}

function cut(bytes: Uint8Array, maxFrameBytes: number, defects: Defects): StreamCut {
  const bodies: Uint8Array[] = [];
  let at = 0;
  while (bytes.length - at >= 4) {
    const length = new DataView(bytes.buffer, bytes.byteOffset + at, 4).getUint32(0);
    const isBad = length === 0 || length > maxFrameBytes;
    if (isBad && !defects.has("07-any-length"))
      return { bodies, error: length === 0 ? "empty-frame" : "frame-too-large" };
    if (bytes.length - at - 4 < length) break;
    bodies.push(bytes.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return { bodies };
}
