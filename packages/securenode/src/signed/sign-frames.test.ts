import { decodeBody, encodeBody, FrameWriter, frameBody, nodeIdToBytes } from "@p2p/wire";
import { describe, expect, test } from "vitest";
import { identityOf } from "../testing/worlds.js";
import { envelopeItem, envelopeOf } from "./envelope.js";
import { signFrames } from "./sign-frames.js";

const { id, publicKey } = identityOf(1);

function framesOf(count: number, bytes = 10): Uint8Array[] {
  const writer = new FrameWriter();
  return Array.from({ length: count }, (_, n) =>
    writer.write(0, nodeIdToBytes(id), 1_000 + n, [0, "news", "x".repeat(bytes), envelopeItem(publicKey, n)]),
  );
}

describe("frames under one signature", () => {
  test("[SEC-084] one is signed in place; of many each is whole, with the items it had", () => {
    const [alone] = framesOf(1) as [Uint8Array];
    const before = alone.length;
    expect(signFrames([alone], () => new Uint8Array(64).fill(7))[0]).toBe(alone);
    expect(alone.length).toBe(before);
    expect(alone.subarray(-64)).toEqual(new Uint8Array(64).fill(7));
    for (const count of [2, 3, 64, 65, 256]) {
      let asked = 0;
      const signed = signFrames(framesOf(count), () => {
        asked++;
        return new Uint8Array(64).fill(8);
      });
      expect([signed.length, asked]).toEqual([count, 1]);
      for (const [n, frame] of signed.entries()) {
        expect(new DataView(frame.buffer, frame.byteOffset).getUint32(0)).toBe(frame.length - 4);
        const body = decodeBody(frameBody(frame));
        expect(body.time).toBe(1_000 + n);
        expect(encodeBody(body)).toEqual(frameBody(frame).slice());
        expect(envelopeOf(body)).toMatchObject({ sequence: n, to: undefined });
      }
    }
  });

  test("[SEC-088] frames of one batch are one piece of memory, so that they are written at once", () => {
    const signed = signFrames(framesOf(5), () => new Uint8Array(64));
    for (const [n, frame] of signed.entries()) {
      expect(frame.byteOffset).toBe(signed.slice(0, n).reduce((sum, { length }) => sum + length, 0));
      expect(frame.buffer).toBe(signed[0]?.buffer);
    }
  });

  test("none, and more than a tree holds, are a mistake", () => {
    expect(() => signFrames([], () => new Uint8Array(64))).toThrow(RangeError);
    expect(() => signFrames(framesOf(257), () => new Uint8Array(64))).toThrow(RangeError);
  });
});
