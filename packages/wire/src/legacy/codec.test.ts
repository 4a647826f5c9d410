// One suite over both profiles: what a node needs of a codec, whatever it speaks.
import { describe, expect, test } from "vitest";
import { WireError } from "../errors.js";
import { sha256 } from "../hash.js";
import { codec, type WireCodec } from "./codec.js";
import type { Value07 } from "./extras.js";

const sender = Uint8Array.from({ length: 48 }, (_, index) => index);
const items = [0, "text", Uint8Array.of(1, 2), { a: [null, true, -1, 2 ** 40, 1.5, 2n ** 60n] }];

// Both codecs take all that this suite gives them.
type AnyCodec = WireCodec<Uint8Array, Value07>;

describe.each([codec("1.0") as AnyCodec, codec("0.7") as AnyCodec])("profile $profile", (one) => {
  const message = { type: 0, sender, time: 1_500_000_000, items };

  test("[WIRE-005] [WIRE-050] [WIRE-101] messages go both ways through a stream cut at every byte, with the same id", () => {
    const frame = one.encode(message);
    for (let cut = 0; cut <= frame.length; cut++) {
      const found: unknown[] = [];
      const decoder = one.decoder();
      for (const part of [frame.subarray(0, cut), frame.subarray(cut)]) {
        decoder.push(part, (whole) => {
          const { message: got, id, packed } = one.decode(whole);
          expect(id).toEqual(sha256(packed));
          found.push(got);
        });
      }
      expect(found).toEqual([message]);
      expect(decoder.isMidFrame).toBe(false);
    }
  });

  test("[WIRE-003] [WIRE-070] what is too large or not right is refused by a WireError", () => {
    const small = codec(one.profile as "1.0", { ...one.limits, maxFrameBytes: 100 });
    expect(() => small.encode({ ...message, items: [0, "x".repeat(100)] })).toThrow(
      expect.objectContaining({ code: "frame-too-large" }),
    );
    expect(() =>
      small.decoder().push(one.encode({ ...message, items: [0, "x".repeat(100)] }), () => undefined),
    ).toThrow(expect.objectContaining({ code: "frame-too-large" }));
    for (const bad of [
      { ...message, type: -1 },
      { ...message, time: 0.5 },
      { ...message, items: [0, undefined as unknown as null] },
    ]) {
      expect(() => one.encode(bad)).toThrow(WireError);
    }
    const payload = one.encode(message).subarray(4);
    for (let length = 0; length < payload.length; length++) {
      const cut = payload.subarray(0, length);
      expect(() => one.decode({ codec: 0, bytes: cut, payload: cut })).toThrow(WireError);
    }
  });

  test("[WIRE-006] a decoder can be stopped", () => {
    const decoder = one.decoder();
    let count = 0;
    const frame = one.encode(message);
    decoder.push(new Uint8Array([...frame, ...frame]), () => {
      count += 1;
      decoder.stop();
    });
    expect(count).toBe(1);
    expect(decoder.bufferedBytes).toBe(0);
  });
});
