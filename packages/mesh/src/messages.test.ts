import { decodeValue, encodeValue, nodeIdFromBytes, type WireValue } from "@p2p/wire";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MeshError } from "./errors.js";
import {
  decodeNeighbour,
  decodePeers,
  decodeReceipt,
  decodeRouted,
  encodeNeighbour,
  encodePeers,
  encodeReceipt,
  encodeRouted,
  isBroadcastItems,
} from "./messages.js";

const idBytes = fc.uint8Array({ minLength: 48, maxLength: 48 });
const nodeId = idBytes.map((bytes) => nodeIdFromBytes(bytes));

/** What comes out at the other end of a wire. */
const carried = (items: WireValue[]) => decodeValue(encodeValue(items)) as WireValue[];

describe("each message survives the wire (property)", () => {
  test("[MESH-030] peers", () => {
    const entry = fc.record({ id: nodeId, addresses: fc.array(fc.webUrl(), { maxLength: 8 }) });
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 20 }), (entries) => {
        expect(decodePeers(carried(encodePeers(entries)))).toEqual(entries);
      }),
    );
  });

  test("[MESH-040] neighbour", () => {
    fc.assert(
      fc.property(fc.record({ links: fc.nat(), wantsPeers: fc.boolean() }), (neighbour) => {
        expect(decodeNeighbour(carried(encodeNeighbour(neighbour)))).toEqual(neighbour);
      }),
    );
  });

  test("[MESH-060] routed, [MESH-064] receipt", () => {
    const hopsLeft = fc.integer({ min: 0, max: 64 });
    const inner = fc.uint8Array({ minLength: 1 });
    const routed = fc.record({ destination: nodeId, attempt: fc.integer({ min: 0, max: 15 }), hopsLeft, inner });
    fc.assert(
      fc.property(routed, (each) => {
        expect(decodeRouted(carried(encodeRouted(each)))).toEqual(each);
      }),
    );
    const innerId = fc.uint8Array({ minLength: 32, maxLength: 32 });
    const receipt = fc.record({ origin: nodeId, hopsLeft, innerId });
    fc.assert(
      fc.property(receipt, (each) => {
        expect(decodeReceipt(carried(encodeReceipt(each)))).toEqual(each);
      }),
    );
  });
});

describe("bad input in each field is a typed error, and nothing else", () => {
  const id = new Uint8Array(48).fill(7);
  const good = {
    peers: [7, [[id, ["tcp://10.0.0.1:1"]]]],
    neighbour: [0x35, 3, false],
    routed: [0x33, id, 0, 8, new Uint8Array(4)],
    receipt: [0x34, id, 8, new Uint8Array(32)],
  } satisfies Record<string, WireValue[]>;
  const decoders = { peers: decodePeers, neighbour: decodeNeighbour, routed: decodeRouted, receipt: decodeReceipt };
  const junk: (WireValue | undefined)[] = [
    undefined,
    null,
    true,
    -1,
    0.5,
    2 ** 40,
    2n ** 63n,
    "text",
    new Uint8Array(47),
    new Uint8Array(49),
    [],
    [[]],
    [[id]],
    [[id, "x"]],
    [[id, [1]]],
    [[new Uint8Array(3), []]],
    { a: 1 },
  ];
  const fine = new Set(["peers 1 []", "neighbour 2 true", "routed 4 47", "routed 4 49"]);

  for (const [name, items] of Object.entries(good)) {
    const decode = decoders[name as keyof typeof decoders];
    for (let at = 1; at < items.length; at += 1) {
      test(`[MESH-045] ${name}, item ${at}`, () => {
        expect(() => decode(items)).not.toThrow();
        for (const value of junk) {
          const label =
            value instanceof Uint8Array
              ? value.length
              : JSON.stringify(value, (_, v) => (typeof v === "bigint" ? "n" : v));
          const bad = [...items] as WireValue[];
          if (value === undefined) bad.length = at;
          else bad[at] = value;
          if (fine.has(`${name} ${at} ${label}`)) expect(() => decode(bad)).not.toThrow();
          else expect(() => decode(bad), `${label}`).toThrow(MeshError);
        }
      });
    }
    test(`[MESH-047] ${name}: further items are ignored`, () => {
      expect(() => decode([...items, "later", null])).not.toThrow();
    });
  }

  test("[MESH-032] a peers message of more than 1,000 addresses or entries is refused", () => {
    const list = (entries: number, each: number): WireValue[] => [
      7,
      Array.from({ length: entries }, () => [id, new Array<string>(each).fill("tcp://10.0.0.1:1")]),
    ];
    expect(decodePeers(list(1_000, 1))).toHaveLength(1_000);
    expect(decodePeers(list(1, 1_000))[0]?.addresses).toHaveLength(8);
    expect(() => decodePeers(list(1_001, 1))).toThrow(MeshError);
    expect(() => decodePeers(list(1_001, 0))).toThrow(MeshError);
    expect(() => decodePeers(list(1, 1_001))).toThrow(MeshError);
  });

  test("[MESH-061] a hop limit over 64 counts as 64, an attempt over 15 is refused, an empty inner body too", () => {
    expect(decodeRouted([0x33, id, 15, 4_000_000, new Uint8Array(1)]).hopsLeft).toBe(64);
    expect(decodeReceipt([0x34, id, 65, new Uint8Array(32)]).hopsLeft).toBe(64);
    expect(() => decodeRouted([0x33, id, 16, 1, new Uint8Array(1)])).toThrow(MeshError);
    expect(() => decodeRouted([0x33, id, 0, 1, new Uint8Array(0)])).toThrow(MeshError);
  });

  test("[MESH-045] any items at all: an answer or a MeshError (property)", () => {
    const value = fc.anything({ withBigInt: true, withTypedArray: true }) as fc.Arbitrary<WireValue>;
    fc.assert(
      fc.property(fc.array(value, { maxLength: 6 }), (items) => {
        for (const decode of Object.values(decoders)) {
          try {
            decode(items);
          } catch (error) {
            expect(error).toBeInstanceOf(MeshError);
          }
        }
      }),
    );
  });
});

test("[MESH-004] a broadcast has a type and data", () => {
  expect(isBroadcastItems([0, "message", null])).toBe(true);
  expect(isBroadcastItems([0, "message", 1, "later"])).toBe(true);
  for (const items of [[0], [0, "message"], [0, 1, 2], [0, null, 2]]) expect(isBroadcastItems(items)).toBe(false);
});
