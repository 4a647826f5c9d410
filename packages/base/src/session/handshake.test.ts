// The handshake's map, and the judgement about it.
import type { WireValue } from "@p2p/wire";
import { decodeValue, encodeValue } from "@p2p/wire";
import { describe, expect, test } from "vitest";
import { BaseError } from "../errors.js";
import { decodeHandshake, encodeHandshake, type Handshake, judgeHandshake, OpeningGate } from "./handshake.js";

const ours: Handshake = {
  version: [1, 0],
  network: new Uint8Array(32).fill(1),
  addresses: ["tcp://127.0.0.1:4000"],
  codecs: [1, 2],
  features: ["requests/1", "mesh/1"],
  needs: ["mesh/1"],
  boot: new Uint8Array(8).fill(2),
  maxFrameBytes: 1_048_576,
};
const idA = new Uint8Array(48).fill(1);
const idB = new Uint8Array(48).fill(2);
const judge = (theirs: Partial<Handshake>, id = idB) =>
  judgeHandshake({ id: idA, handshake: ours }, { id, handshake: { ...ours, ...theirs } });

function mapWith(overrides: Readonly<Record<string, WireValue | undefined>>): WireValue {
  const map: Record<string, WireValue> = { ...(encodeHandshake(ours) as Record<string, WireValue>) };
  for (const [key, value] of Object.entries(overrides)) {
    if (value === undefined) delete map[key];
    else map[key] = value;
  }
  return map;
}

describe("the map", () => {
  test("[BASE-003] comes back as it was encoded", () => {
    expect(decodeHandshake(decodeValue(encodeValue(encodeHandshake(ours))))).toEqual(ours);
  });

  test("[BASE-006] unknown keys are ignored, and `needs` may be absent", () => {
    const map = mapWith({ needs: undefined, later: ["anything", null] });
    expect(decodeHandshake(map)).toEqual({ ...ours, needs: [] });
  });

  const wrong: readonly WireValue[] = [null, true, -1, 1.5, "text", new Uint8Array(3), [[]], [null], { a: 1 }];
  test.each(["v", "net", "addrs", "codecs", "features", "needs", "boot", "max"])(
    "[BASE-003] a wrong value of `%s` is refused",
    (key) => {
      for (const value of wrong) {
        expect(() => decodeHandshake(mapWith({ [key]: value })), `${key}: ${String(value)}`).toThrow(BaseError);
      }
      if (key !== "needs") expect(() => decodeHandshake(mapWith({ [key]: undefined }))).toThrow(BaseError);
    },
  );

  test.each([
    ["v", [1]],
    ["net", new Uint8Array(31)],
    ["boot", new Uint8Array(9)],
    ["max", 0],
    ["addrs", Array.from({ length: 17 }, () => "tcp://a:1")],
    ["addrs", ["x".repeat(513)]],
    ["codecs", Array.from({ length: 17 }, () => 1)],
    ["features", Array.from({ length: 65 }, () => "f")],
    ["features", ["f".repeat(65)]],
  ] as const)("[BASE-003] a value of `%s` beyond its size is refused", (key, value) => {
    expect(() => decodeHandshake(mapWith({ [key]: value }))).toThrow(BaseError);
  });

  test("[BASE-003] what is no map is refused", () => {
    for (const value of [undefined, ...wrong.slice(0, 8)]) expect(() => decodeHandshake(value)).toThrow(BaseError);
  });
});

describe("the judgement", () => {
  test("[BASE-013] another minor version, and numbers behind it, do not matter", () => {
    expect(judge({ version: [1, 9] })).toBeUndefined();
    expect(decodeHandshake(mapWith({ v: [1, 9, 3] })).version).toEqual([1, 9]);
  });

  test("[BASE-012] another major version is refused, with both versions told", () => {
    expect(judge({ version: [2, 3] })).toMatchObject({ name: "version", text: expect.stringMatching(/1\.0.*2\.3/) });
  });

  test("[BASE-014] another network is refused", () => {
    expect(judge({ network: new Uint8Array(32) })).toMatchObject({ name: "wrongNetwork", code: 5 });
  });

  test("[BASE-015] the node itself is refused", () => {
    expect(judge({}, idA)).toMatchObject({ name: "self", code: 9 });
  });

  test("[BASE-016] a missing feature is refused on both sides, and named", () => {
    expect(judge({ features: ["requests/1"], needs: [] })).toMatchObject({
      name: "featureMissing",
      text: expect.stringContaining("mesh/1"),
    });
    expect(judge({ features: [...ours.features, "chord/1"], needs: ["chord/1"] })).toMatchObject({
      name: "featureMissing",
      text: "this node lacks chord/1",
    });
  });

  test("[BASE-017] version comes before network, network before self, self before features", () => {
    const all = { version: [2, 0] as const, network: new Uint8Array(32), features: [], needs: [] };
    expect(judge(all, idA)?.name).toBe("version");
    expect(judge({ ...all, version: [1, 0] }, idA)?.name).toBe("wrongNetwork");
    expect(judge({ features: [], needs: [] }, idA)?.name).toBe("self");
  });
});

describe("the gate before the handshake", () => {
  const frame = (first: number, length: number): Uint8Array =>
    Uint8Array.of(first | (length >> 24), length >> 16, length >> 8, length, 0x94, 2);

  test.each([1, 2, 3, 4, 6])(
    "[BASE-004] a long first frame is refused when its header is there, in pieces of %i",
    (size) => {
      const bytes = frame(0, 4_097);
      const gate = new OpeningGate();
      let refused: unknown;
      let seen = 0;
      for (; seen < bytes.length && refused === undefined; seen += size) {
        refused = gate.look(bytes.subarray(seen, seen + size), 4_096);
      }
      expect(refused).toMatchObject({ name: "tooLarge" });
      expect(seen).toBeLessThan(4 + size);
      expect(new OpeningGate().look(frame(0, 4_096), 4_096)).toBeUndefined();
    },
  );

  test("[BASE-005] a compressed first frame is refused", () => {
    expect(new OpeningGate().look(frame(0x10, 100), 4_096)).toMatchObject({ name: "badFrame" });
  });
});
