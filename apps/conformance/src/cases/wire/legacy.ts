// Profile 0.7 beyond its recorded frames.
import { createHash } from "node:crypto";
import { deflateSync, gzipSync } from "node:zlib";
import { type Packable, pack } from "../../reference/msgpack.js";
import { concat, Float } from "../../reference/value.js";
import type { CodecCase } from "../../runner/case.js";
import { check, checkBytes, checkEqual, checkRefused } from "../../runner/expect.js";
import { chunkings } from "../../vectors/chunkings.js";
import { legacyOf } from "../../vectors/legacy-cases.js";
import { codecCase } from "../define.js";

function bodyOf(...elements: readonly Packable[]): Uint8Array {
  const packed = pack(elements);
  return concat([new Uint8Array(createHash("sha256").update(packed).digest()), packed]);
}

function frameOf(body: Uint8Array): Uint8Array {
  return concat([Uint8Array.of(body.length >> 24, body.length >> 16, body.length >> 8, body.length), body]);
}

const time = 1_500_000_000;

export const legacyCodeCases: readonly CodecCase[] = [
  codecCase(
    "wire/legacy/stream",
    "WIRE-103",
    "frames are cut alike in any pieces; empty and long ones are refused",
    async (target) => {
      const legacy = legacyOf(target);
      const body = bodyOf(0, "id", time, "x");
      const stream = concat([frameOf(body), frameOf(body)]);
      for (const { chunks, how } of chunkings(stream)) {
        const { bodies, error } = await legacy.cut(chunks);
        checkEqual([bodies.length, error], [2, undefined], `bodies and refusal ${how}`);
      }
      const bad: [Uint8Array, number][] = [
        [Uint8Array.of(0, 0, 0, 0), 1000],
        [frameOf(new Uint8Array(1001)), 1000],
        [Uint8Array.of(0xff, 0xff, 0xff, 0xff), 1000],
      ];
      for (const [bytes, limit] of bad)
        check((await legacy.cut([bytes], limit)).error !== undefined, "a bad length was taken");
    },
  ),
  codecCase(
    "wire/legacy/checksum",
    "WIRE-101 WIRE-104",
    "a body whose checksum fits nothing is refused",
    async (target) => {
      const legacy = legacyOf(target);
      const body = bodyOf(0, "id", time, "x");
      for (const at of [0, 31, 33, body.length - 1]) {
        const damaged = body.slice();
        damaged[at] = (damaged[at] ?? 0) ^ 1;
        await checkRefused(legacy.decode(damaged), `damage at byte ${at}`);
        await checkRefused(legacy.decode(new Uint8Array(deflateSync(damaged))), `damage at byte ${at}, compressed`);
      }
      for (const length of [1, 31, 32]) await checkRefused(legacy.decode(body.subarray(0, length)), `${length} bytes`);
    },
  ),
  codecCase("wire/legacy/bombs", "WIRE-106", "inflating stops at the message limit", async (target) => {
    const legacy = legacyOf(target);
    const body = bodyOf(0, "id", time, new Uint8Array(2_000_000));
    await checkRefused(legacy.decode(new Uint8Array(deflateSync(body))), "2 MB in zlib");
    await checkRefused(legacy.decode(new Uint8Array(gzipSync(body))), "2 MB in gzip");
  }),
  codecCase("wire/legacy/methods", "WIRE-105", "the methods have the numbers of the originals", async (target) => {
    const methods = await legacyOf(target).methods();
    for (const [name, number] of [
      ["bz2", 16],
      ["gzip", 17],
      ["lzma", 18],
      ["zlib", 19],
      ["snappy", 32],
    ] as const) {
      checkEqual(methods[name], number, name);
    }
  }),
  codecCase(
    "wire/legacy/fields",
    "WIRE-108 WIRE-109",
    "three elements are enough; a time has no fraction",
    async (target) => {
      const legacy = legacyOf(target);
      checkEqual((await legacy.decode(bodyOf(0, "id", time))).message.payload, [], "payload");
      checkEqual(
        (await legacy.decode(bodyOf(0, "id", new Float(2 ** 31)))).message.time,
        2 ** 31,
        "a whole float as time",
      );
      await checkRefused(legacy.decode(bodyOf(0, "id")), "two elements");
      await checkRefused(legacy.decode(bodyOf(0)), "one element");
      await checkRefused(legacy.decode(bodyOf(0, "id", 1.5)), "a time of 1.5");
      await checkRefused(legacy.decode(bodyOf(0, "id", Number.NaN)), "a time of NaN");
    },
  ),
  codecCase(
    "wire/legacy/relay",
    "WIRE-102",
    "a relay keeps the bytes, also where it would write others",
    async (target) => {
      const legacy = legacyOf(target);
      const body = bodyOf(0, "id", time, new Float(2 ** 40), new Float(7));
      checkBytes(await legacy.relay(body), frameOf(body), "relayed frame");
      checkBytes(
        await legacy.relay(new Uint8Array(gzipSync(body))),
        frameOf(body),
        "relayed frame that came compressed",
      );
    },
  ),
  codecCase("wire/legacy/any-keys", "WIRE-112", "maps have keys of any type but containers", async (target) => {
    const legacy = legacyOf(target);
    const entries = [
      [1, "a"],
      [{ bin: "00ff" }, "b"],
      ["c", 3],
      [null, true],
    ];
    const frame = await legacy.encode({ type: 0, sender: "id", time, payload: [{ map: entries }] });
    const { message } = await legacy.decode(frame.subarray(4));
    checkEqual(message.payload, [{ map: entries }], "payload");
  }),
  codecCase(
    "wire/legacy/floats",
    "WIRE-110",
    "a float that is whole is written as a float, an integer as an integer",
    async (target) => {
      const legacy = legacyOf(target);
      const frame = await legacy.encode({ type: 0, sender: "id", time, payload: [{ float: "1.0" }, 1, 2 ** 40] });
      checkBytes(frame, frameOf(bodyOf(0, "id", time, new Float(1), 1, 2 ** 40)), "frame");
    },
  ),
  codecCase("wire/legacy/ids", "WIRE-130", "an id as text and as byte string is the same id", async (target) => {
    const legacy = legacyOf(target);
    const bin = { bin: Buffer.from("3y2Zabc").toString("hex") };
    checkEqual(await legacy.isSameId("3y2Zabc", bin), true, "text and bytes");
    checkEqual(await legacy.isSameId(bin, "3y2Zabd"), false, "two ids");
  }),
];
