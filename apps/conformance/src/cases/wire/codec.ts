// What a codec has to hold beyond single vectors: round trips, limits, any chunking, and no crash on any input.
import { createHash } from "node:crypto";
import type { MessageBody } from "../../codec/codec-target.js";
import { encodeBody } from "../../reference/body.js";
import { frame } from "../../reference/frame.js";
import { pack } from "../../reference/msgpack.js";
import { Refusal } from "../../reference/refusal.js";
import { concat, type Value } from "../../reference/value.js";
import type { CodecCase } from "../../runner/case.js";
import { check, checkBytes, checkEqual, checkRefused } from "../../runner/expect.js";
import { codecCase } from "../define.js";

const sender = new Uint8Array(48).fill(1);

function nested(depth: number): Value {
  let value: Value = 0;
  for (let count = 0; count < depth; count += 1) value = [value];
  return value;
}

const map = (count: number): Value => Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, 0]));

export const codecCases: readonly CodecCase[] = [
  codecCase("wire/codec/frame", "WIRE-001", "a frame is the header word and the body", async (target) => {
    const body: MessageBody = {
      type: 2,
      sender,
      time: 1_700_000_000_000_000,
      items: [2, "message", "x".repeat(70_000)],
    };
    const bytes = await target.encodeFrame(body);
    checkBytes(bytes, frame(encodeBody(body)), "frame");
  }),
  codecCase(
    "wire/codec/header-first",
    "WIRE-003",
    "a frame over the limit is refused when its header is there",
    async (target) => {
      const { error } = await target.decodeStream([Uint8Array.of(0, 0x10, 0, 1)]);
      check(error !== undefined, "the header of a frame of 1,048,577 bytes was taken");
      checkEqual((await target.decodeStream([Uint8Array.of(0, 0x10, 0, 0)])).error, undefined, "refusal at the limit");
      const small = { maxFrameBytes: 2000 };
      check(
        (await target.decodeStream([Uint8Array.of(0x0f, 0xff, 0xff, 0xff)], small)).error !== undefined,
        "256 MiB - 1",
      );
    },
  ),
  codecCase("wire/codec/after-refusal", "WIRE-008", "nothing is read behind a refused header", async (target) => {
    const good = frame(encodeBody({ type: 3, sender, time: 1, items: [1] }));
    const headers = [Uint8Array.of(0, 0, 0, 0), Uint8Array.of(0xf0, 0, 0, 0), Uint8Array.of(0x30, 0, 0, 1, 0)];
    for (const bad of headers) {
      for (const chunks of [[concat([good, bad, good])], [good, bad, good]]) {
        const { frames, error } = await target.decodeStream(chunks);
        checkEqual([frames.length, error !== undefined], [1, true], "frames before the refusal, and the refusal");
      }
    }
  }),
  codecCase("wire/codec/limits", "WIRE-060 WIRE-061", "each limit can be set and is inclusive", async (target) => {
    const array = pack(new Array<Value>(10).fill(0));
    await target.decodeValue(array, { maxEntries: 10 });
    await checkRefused(target.decodeValue(array, { maxEntries: 9 }), "10 entries at a limit of 9");
    const deep = pack(nested(5));
    await target.decodeValue(deep, { maxDepth: 5 });
    await checkRefused(target.decodeValue(deep, { maxDepth: 4 }), "depth 5 at a limit of 4");
    const whole = frame(encodeBody({ type: 3, sender, time: 1, items: ["x".repeat(500)] }));
    const length = whole.length - 4;
    checkEqual(
      (await target.decodeStream([whole], { maxFrameBytes: length })).error,
      undefined,
      "refusal at the limit",
    );
    check(
      (await target.decodeStream([whole], { maxFrameBytes: length - 1 })).error !== undefined,
      "a byte over the limit",
    );
  }),
  codecCase(
    "wire/codec/default-limits",
    "WIRE-036 WIRE-037 WIRE-061",
    "depth 32 and 65,536 entries are taken, one more is not",
    async (target) => {
      await target.decodeValue(pack(nested(32)));
      await checkRefused(target.decodeValue(concat([new Uint8Array(33).fill(0x91), Uint8Array.of(0)])), "depth 33");
      await checkRefused(
        target.decodeValue(concat([new Uint8Array(33).fill(0x81), Uint8Array.of(0)])),
        "depth 33 of maps",
      );
      await checkRefused(
        target.decodeValue(concat([new Uint8Array(1_000_000).fill(0x91), Uint8Array.of(0)])),
        "depth 10^6",
      );
      const header = (first: number, count: number): Uint8Array =>
        Uint8Array.of(first, count >> 24, count >> 16, count >> 8, count);
      await target.decodeValue(concat([header(0xdd, 65_536), new Uint8Array(65_536)]));
      await checkRefused(target.decodeValue(concat([header(0xdd, 65_537), new Uint8Array(65_537)])), "65,537 entries");
      await checkRefused(target.decodeValue(header(0xdd, 0xffff_ffff)), "2^32 - 1 entries announced");
      await checkRefused(target.decodeValue(header(0xdf, 0xffff_ffff)), "2^32 - 1 pairs announced");
    },
  ),
  codecCase("wire/codec/encoder-limits", "WIRE-028", "an encoder refuses what its decoder would", async (target) => {
    await target.encodeValue(nested(32));
    await checkRefused(target.encodeValue(nested(33)), "depth 33");
    await checkRefused(target.encodeValue(new Array<Value>(65_537).fill(0)), "an array of 65,537");
    await checkRefused(target.encodeValue(map(65_537)), "a map of 65,537");
    const body = { type: 3, sender, time: 1 };
    await checkRefused(target.encodeBody({ ...body, items: [new Uint8Array(1_048_576)] }), "a body over 1 MiB");
    await checkRefused(target.encodeBody({ ...body, items: [nested(32)] }), "a body of depth 33");
  }),
  codecCase("wire/codec/times", "WIRE-047", "times increase strictly, whatever the clock does", async (target) => {
    const start = 1_700_000_000_000;
    const clock = [
      start,
      start,
      start,
      start + 0.0005,
      start + 1,
      start - 60_000,
      start - 60_000,
      start + 1,
      start + 2,
      0,
    ];
    const times = await target.timestamps(clock);
    checkEqual(times.length, clock.length, "number of times");
    times.forEach((time, index) => {
      const before = times[index - 1] ?? -1;
      check(Number.isSafeInteger(time) && time > before, `time ${index} is ${time} after ${before}`);
    });
    checkEqual(times[0], start * 1000, "the first time is the clock's, in microseconds");
    checkEqual(times[8], (start + 2) * 1000, "a time after the clock has caught up");
  }),
  codecCase(
    "wire/codec/extra-items",
    "WIRE-088",
    "a body with many items is taken with all of them",
    async (target) => {
      const items = [2, "message", null, ...Array.from({ length: 40 }, (_, index) => index)];
      const body = await target.decodeBody(encodeBody({ type: 2, sender, time: 5, items }));
      checkEqual(body.items, items, "items");
    },
  ),
  codecCase(
    "wire/codec/any-input",
    "WIRE-070 WIRE-038",
    "random bytes and cut or damaged bodies are taken or refused, never a crash",
    async (target) => {
      const sound = encodeBody({
        type: 2,
        sender,
        time: 5,
        items: [2, "news", { list: [1, -1, 2 ** 40, 1.5, "é", null], bin: sender }],
      });
      const inputs: Uint8Array[] = [];
      for (let length = 0; length < sound.length; length += 1) inputs.push(sound.subarray(0, length));
      for (let seed = 0; seed < 1500; seed += 1) {
        const noise = noiseOf(seed);
        inputs.push(noise.subarray(0, 1 + (seed % 32)));
        const damaged = sound.slice();
        damaged[seed % sound.length] = noise[0] ?? 0;
        inputs.push(damaged);
      }
      let refusals = 0;
      for (const input of inputs) {
        try {
          await target.decodeBody(input);
        } catch (error) {
          if (!(error instanceof Refusal)) throw new Error(`crashed: ${String(error)}`, { cause: error });
          refusals += 1;
        }
      }
      check(refusals >= sound.length, `only ${refusals} of ${inputs.length} inputs were refused`);
    },
  ),
];

function noiseOf(seed: number): Uint8Array {
  return new Uint8Array(createHash("sha256").update(String(seed)).digest());
}
