// Messages of requests: there and back, and every wrong item refused.
import { type NodeId, nodeIdFromBytes, nodeIdToBytes, type WireValue } from "@p2p/wire";
import { describe, expect, test } from "vitest";
import { type AnyRequestMessage, decodeRequestMessage, encodeRequestMessage } from "./request-messages.js";

const idOf = (n: number): NodeId => nodeIdFromBytes(new Uint8Array(48).fill(n));

const samples: readonly AnyRequestMessage[] = [
  { kind: "request", requestId: 0, type: "t", data: null },
  { kind: "response", requestId: 2 ** 53 - 1, data: { a: [1] } },
  { kind: "refusal", requestId: 1, code: "no", message: "" },
  {
    kind: "forward",
    asker: idOf(1),
    askerAddresses: ["tcp://127.0.0.1:1"],
    requestId: 3,
    type: "t",
    data: "x",
    path: [idOf(2), idOf(3)],
  },
  { kind: "redirected", requestId: 4, to: idOf(4) },
];

/** One value of each type that a body can hold. */
const wrongValues: readonly WireValue[] = [
  null,
  true,
  7,
  -1,
  1.5,
  2n ** 60n,
  "text",
  "",
  new Uint8Array(48),
  new Uint8Array(47),
  [],
  [[]],
  {},
];

/** What each item of each message may be, of the values above. */
const allowed: Record<AnyRequestMessage["kind"], readonly ((value: WireValue) => boolean)[]> = {
  request: [isId, isText, () => true],
  response: [isId, () => true],
  refusal: [isId, isText, (value) => typeof value === "string"],
  forward: [isNodeId, (value) => Array.isArray(value) && value.length === 0, isId, isText, () => true, () => false],
  redirected: [isId, isNodeId],
};

function isId(value: WireValue): boolean {
  return value === 7;
}

function isText(value: WireValue): boolean {
  return typeof value === "string" && value !== "";
}

function isNodeId(value: WireValue): boolean {
  return value instanceof Uint8Array && value.length === 48;
}

describe.each(samples.map((sample) => [sample.kind, sample] as const))("%s", (kind, sample) => {
  const items = encodeRequestMessage(sample);

  test("[BASE-201] there and back, further items ignored", () => {
    expect(decodeRequestMessage(items)).toEqual(sample);
    expect(decodeRequestMessage([...items, "of a later version"])).toEqual(sample);
  });

  test("[BASE-203] every item absent, and of every wrong type, is a bad message", () => {
    for (let index = 1; index < items.length; index++) {
      expect(() => decodeRequestMessage(items.slice(0, index))).toThrow(
        expect.objectContaining({ code: "bad-message" }),
      );
      for (const value of wrongValues) {
        const changed = items.with(index, value);
        if (allowed[kind][index - 1]?.(value)) expect(() => decodeRequestMessage(changed)).not.toThrow();
        else expect(() => decodeRequestMessage(changed)).toThrow(expect.objectContaining({ code: "bad-message" }));
      }
    }
  });
});

describe("[BASE-204] lengths", () => {
  const bad = expect.objectContaining({ code: "bad-message" });

  test.each([
    ["type", [0x08, 1, "x".repeat(255), 0], [0x08, 1, "x".repeat(256), 0]],
    ["type in UTF-8", [0x08, 1, "é".repeat(127), 0], [0x08, 1, "é".repeat(128), 0]],
    ["type of three-byte letters", [0x08, 1, "€".repeat(85), 0], [0x08, 1, "€".repeat(86), 0]],
    ["type of four-byte letters", [0x08, 1, "😀".repeat(63), 0], [0x08, 1, "😀".repeat(64), 0]],
    ["code", [0x31, 1, "x".repeat(64), ""], [0x31, 1, "x".repeat(65), ""]],
    ["text", [0x31, 1, "x", "y".repeat(1024)], [0x31, 1, "x", "y".repeat(1025)]],
  ] as const)("%s", (_, fits, over) => {
    expect(() => decodeRequestMessage(fits)).not.toThrow();
    expect(() => decodeRequestMessage(over)).toThrow(bad);
  });

  test("addresses and path of a forwarded request", () => {
    const id = nodeIdToBytes(idOf(1));
    const forward = (addresses: readonly string[], path: readonly Uint8Array[]): readonly WireValue[] => [
      0x32,
      id,
      addresses,
      1,
      "t",
      0,
      path,
    ];
    expect(() => decodeRequestMessage(forward(Array(16).fill("a".repeat(512)), Array(16).fill(id)))).not.toThrow();
    expect(() => decodeRequestMessage(forward(Array(17).fill("a"), [id]))).toThrow(bad);
    expect(() => decodeRequestMessage(forward(["a".repeat(513)], [id]))).toThrow(bad);
    expect(() => decodeRequestMessage(forward([""], [id]))).toThrow(bad);
    expect(() => decodeRequestMessage(forward([], []))).toThrow(bad);
    expect(() => decodeRequestMessage(forward([], Array(17).fill(id)))).toThrow(bad);
  });

  test("a subtype of something else", () => {
    expect(() => decodeRequestMessage([0x07, 1])).toThrow(bad);
    expect(() => decodeRequestMessage([])).toThrow(bad);
  });
});
