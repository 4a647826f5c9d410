// Compressed frames as a codec writes and reads them.
import { randomBytes } from "node:crypto";
import { deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import type { CodecTarget, MessageBody } from "../../codec/codec-target.js";
import { codecLimits } from "../../codec/codec-target.js";
import { codecGzip, codecZlib, compress, frame, inflate, readHeader } from "../../reference/frame.js";
import { concat } from "../../reference/value.js";
import type { CodecCase } from "../../runner/case.js";
import { check, checkBytes, checkEqual } from "../../runner/expect.js";
import { codecCase } from "../define.js";

const sender = new Uint8Array(48).fill(1);

function bodyWith(data: string | Uint8Array): MessageBody {
  return { type: 0, sender, time: 1, items: [0, "message", data] };
}

async function refused(target: CodecTarget, bytes: Uint8Array, what: string, limits = {}): Promise<void> {
  const { frames, error } = await target.decodeStream([bytes], limits);
  check(error !== undefined && frames.length === 0, `${what} was taken`);
}

const names = [
  [codecZlib, "zlib"],
  [codecGzip, "gzip"],
] as const;

export const compressionCases: readonly CodecCase[] = names.flatMap(([codec, name]) => [
  codecCase(
    `wire/compression/${name}-written`,
    "WIRE-012",
    `a compressed frame holds ${name} of the body`,
    async (target) => {
      const body = bodyWith("lorem ipsum dolor sit amet ".repeat(40));
      const plain = await target.encodeFrame(body);
      const compressed = await target.compressFrame(plain, codec);
      check(compressed.length < plain.length, "the frame did not become smaller");
      const header = readHeader(compressed);
      checkEqual(header, { codec, length: compressed.length - 4 }, "header");
      checkBytes(inflate(compressed.subarray(4), codec, codecLimits), plain.subarray(4), "inflated body");
    },
  ),
  codecCase(
    `wire/compression/${name}-read`,
    "WIRE-012",
    `a frame of ${name} at any level is inflated`,
    async (target) => {
      const body = (await target.encodeFrame(bodyWith("lorem ipsum ".repeat(60)))).subarray(4);
      for (const level of [0, 1, 6, 9]) {
        const payload = new Uint8Array(codec === codecZlib ? deflateSync(body, { level }) : gzipSync(body, { level }));
        const { frames, error } = await target.decodeStream([frame(payload, codec)]);
        checkEqual(error, undefined, `refusal of level ${level}`);
        checkBytes(frames[0]?.payload ?? new Uint8Array(0), body, `body of level ${level}`);
      }
    },
  ),
  codecCase(
    `wire/compression/${name}-not-smaller`,
    "WIRE-013",
    `what ${name} does not make smaller is left as it is`,
    async (target) => {
      for (const length of [1, 16, 300, 4000]) {
        const random = new Uint8Array(randomBytes(48));
        const plain = await target.encodeFrame({ ...bodyWith(new Uint8Array(randomBytes(length))), sender: random });
        checkBytes(await target.compressFrame(plain, codec), plain, `frame with ${length} random bytes`);
      }
    },
  ),
  codecCase(
    `wire/compression/${name}-too-small`,
    "WIRE-017",
    `what ${name} makes smaller than a hundredth is left as it is`,
    async (target) => {
      const plain = await target.encodeFrame(bodyWith("a".repeat(900_000)));
      checkBytes(await target.compressFrame(plain, codec), plain, "frame of one letter");
    },
  ),
  codecCase(
    `wire/compression/${name}-damaged`,
    "WIRE-016",
    `damaged, cut and wrongly summed ${name} is refused`,
    async (target) => {
      const body = (await target.encodeFrame(bodyWith("lorem ipsum dolor ".repeat(30)))).subarray(4);
      const sound = compress(body, codec);
      for (const kept of [1, 2, 10, sound.length >> 1, sound.length - 4, sound.length - 1]) {
        await refused(target, frame(sound.subarray(0, kept), codec), `${kept} of ${sound.length} bytes`);
      }
      for (const at of [0, 1, sound.length - 1, sound.length - 3]) {
        const damaged = sound.slice();
        damaged[at] = (damaged[at] ?? 0) ^ 0x55;
        await refused(target, frame(damaged, codec), `damage at byte ${at} of ${sound.length}`);
      }
      await refused(target, frame(new Uint8Array(deflateRawSync(body)), codec), "bare deflate");
    },
  ),
  codecCase(
    `wire/compression/${name}-followed`,
    "WIRE-018",
    `${name} followed by other bytes or by itself is refused`,
    async (target) => {
      const body = (await target.encodeFrame(bodyWith("lorem ipsum dolor ".repeat(30)))).subarray(4);
      const sound = compress(body, codec);
      await refused(target, frame(concat([sound, Uint8Array.of(0)]), codec), "a further byte");
      await refused(target, frame(concat([sound, sound]), codec), "a second stream");
    },
  ),
  codecCase(
    `wire/compression/${name}-size`,
    "WIRE-014 WIRE-061",
    `inflating stops at the message limit, which is inclusive`,
    async (target) => {
      const body = concat([new Uint8Array(randomBytes(1000)), new Uint8Array(1000)]);
      const bytes = frame(compress(body, codec), codec);
      await refused(target, bytes, "2000 bytes over a limit of 1999", { maxFrameBytes: 1999 });
      const { frames, error } = await target.decodeStream([bytes], { maxFrameBytes: 2000 });
      checkEqual(error, undefined, "refusal of 2000 bytes at a limit of 2000");
      checkBytes(frames[0]?.payload ?? new Uint8Array(0), body, "body");
    },
  ),
  codecCase(
    `wire/compression/${name}-ratio`,
    "WIRE-015 WIRE-060",
    `inflating stops at the ratio limit`,
    async (target) => {
      const bytes = frame(compress(new Uint8Array(400_000), codec), codec);
      await refused(target, bytes, "a ratio of about 1000");
      const { error } = await target.decodeStream([bytes], { maxInflateRatio: 1100 });
      checkEqual(error, undefined, "refusal at a ratio limit of 1100");
      const mild = frame(compress(concat([new Uint8Array(randomBytes(200)), new Uint8Array(10_000)]), codec), codec);
      checkEqual((await target.decodeStream([mild])).error, undefined, "refusal of a ratio of about 45");
      await refused(target, mild, "a ratio of about 45 at a limit of 20", { maxInflateRatio: 20 });
    },
  ),
  codecCase(
    `wire/compression/${name}-bomb`,
    "WIRE-014",
    `a ${name} bomb of 1 MiB for 1 GiB is refused`,
    async (target) => {
      // Deflated zeros repeat, so that the bomb is built without inflating it here: a kilobyte a megabyte.
      const bomb = bombOf(codec);
      check(bomb.length < 1_048_576, `the bomb has ${bomb.length} bytes`);
      await refused(target, frame(bomb, codec), "the bomb");
      await refused(target, frame(bomb, codec), "the bomb at a free ratio", { maxInflateRatio: 1_000_000 });
    },
  ),
]);

let piece: Uint8Array | undefined;

/** About a gigabyte of zeros: one flushed piece of 16 MiB sixty-three times, without an end. */
function bombOf(codec: number): Uint8Array {
  piece ??= new Uint8Array(deflateRawSync(new Uint8Array(2 ** 24), { finishFlush: 2 }));
  const header = codec === codecZlib ? [0x78, 0x9c] : [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];
  return concat([Uint8Array.from(header), ...new Array<Uint8Array>(63).fill(piece)]);
}
