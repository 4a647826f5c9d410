// Properties of the value codec, with msgpackr as the oracle where both cover the same ground.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { Packr, Unpackr } from "msgpackr";
import { describe, expect, test } from "vitest";
import { decodeValue, encodeValue } from "./encoding.js";
import { WireError } from "./errors.js";
import { defaultLimits, type WireLimits } from "./limits.js";
import { valueLikeBytes, wireValue } from "./testing/arbitraries.js";
import type { WireValue } from "./value.js";

// msgpackr knows "auto" (numbers where they are exact), its types do not.
const int64AsType = "auto" as "bigint";
const packr = new Packr({ useRecords: false, variableMapSize: true, int64AsType });
/** A new one each time: what an Unpackr kept of earlier inputs must not make a difference. */
const unpack = (bytes: Uint8Array): unknown =>
  new Unpackr({ useRecords: false, mapsAsObjects: true, int64AsType }).unpack(bytes);

function codeOf(run: () => unknown): string {
  try {
    run();
    return "none";
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return error.code;
  }
}

/** The bare type of byte strings, so that a Buffer equals a Uint8Array. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return new Uint8Array(value);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
  }
  return value;
}

describe("properties", () => {
  test("[WIRE-020] [WIRE-027] what is encoded decodes to the same", () => {
    fc.assert(
      fc.property(wireValue, (value) => {
        expect(decodeValue(encodeValue(value))).toEqual(value);
      }),
    );
  });

  test("[WIRE-030] msgpackr's encoding decodes to the same, though it writes other forms", () => {
    fc.assert(
      fc.property(wireValue.filter(isCommon), (value) => {
        expect(decodeValue(new Uint8Array(packr.pack(value)))).toEqual(value);
      }),
    );
  });

  test("[WIRE-020] msgpackr decodes our encoding to the same", () => {
    fc.assert(
      fc.property(wireValue.filter(isCommon), (value) => {
        expect(plain(unpack(encodeValue(value)))).toEqual(value);
      }),
    );
  });

  test("[WIRE-021] [WIRE-022] no encoding is longer than msgpackr's", () => {
    fc.assert(
      fc.property(wireValue.filter(isCommon), (value) => {
        expect(encodeValue(value).length).toBeLessThanOrEqual(packr.pack(value).length);
      }),
    );
  });

  test("[WIRE-021] [WIRE-022] encoding what was decoded gives the shortest form of it, and no longer one", () => {
    fc.assert(
      fc.property(valueLikeBytes, (bytes) => {
        const value = decodeOrNothing(bytes);
        if (value === undefined) return;
        const again = encodeValue(value);
        expect(again.length).toBeLessThanOrEqual(bytes.length + 4 * countFloat32(bytes));
        expect(decodeValue(again)).toEqual(value);
      }),
    );
  });

  test("[WIRE-070] arbitrary bytes give a value or a WireError", () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), valueLikeBytes), (bytes) => {
        decodeOrNothing(bytes);
      }),
    );
  });

  test("[WIRE-038] every cut of a value is refused as such", () => {
    fc.assert(
      fc.property(wireValue, (value) => {
        const bytes = encodeValue(value);
        const step = Math.max(1, Math.floor(bytes.length / 300));
        for (let length = 0; length < bytes.length; length += step) {
          expect(codeOf(() => decodeValue(bytes.subarray(0, length)))).toBe("truncated");
        }
      }),
    );
  });
});

/**
 * What msgpackr carries unchanged: it renames the key `__proto__`, drops the sign of -0, takes 2^53 for a safe number, and
 * once in some 10,000 values misreads a key of 66,000 bytes.
 */
function isCommon(value: WireValue): boolean {
  if (typeof value === "number") return !Object.is(value, -0);
  if (typeof value === "bigint") return value !== 2n ** 53n && value !== -(2n ** 53n);
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return true;
  return Object.entries(value).every(([key, item]) => key !== "__proto__" && key.length < 20_000 && isCommon(item));
}

function decodeOrNothing(bytes: Uint8Array): WireValue | undefined {
  try {
    return decodeValue(bytes);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return undefined;
  }
}

/** A 32-bit float is written as a longer one. */
function countFloat32(bytes: Uint8Array): number {
  return bytes.filter((byte) => byte === 0xca).length;
}

test("[WIRE-029] what has no form is refused wherever it stands", () => {
  class Point {
    x = 1;
  }
  const bad = [
    undefined,
    () => 1,
    Symbol("s"),
    new Date(0),
    new Map(),
    new Set(),
    new Point(),
    new Float32Array(1),
    new DataView(new ArrayBuffer(1)),
    new ArrayBuffer(1),
    /x/,
    new Error("e"),
    Promise.resolve(),
    Object(1),
    // biome-ignore lint/suspicious/noSparseArray: a hole is what is tested
    [1, , 2],
    { toString: () => "" },
  ];
  for (const value of bad) {
    for (const around of [value, [value], { a: value }, [{ a: [value] }]]) {
      expect(codeOf(() => encodeValue(around as WireValue))).toBe("bad-value");
    }
  }
});

test("[WIRE-029] objects and byte strings of other realms and without a prototype are plain", () => {
  const foreign = runInNewContext("({ a: new Uint8Array([1, 2]), b: [{}] })") as WireValue;
  const bare = Object.assign(Object.create(null) as object, { a: Uint8Array.of(1, 2), b: [{}] }) as WireValue;
  expect(encodeValue(foreign)).toEqual(encodeValue(bare));
  expect(decodeValue(encodeValue(bare))).toEqual({ a: Uint8Array.of(1, 2), b: [{}] });
});

test("[WIRE-028] a value that contains itself is refused", () => {
  const list: WireValue[] = [];
  list.push(list);
  const map: { [key: string]: WireValue } = {};
  map.self = map;
  expect(codeOf(() => encodeValue(list))).toBe("too-deep");
  expect(codeOf(() => encodeValue(map))).toBe("too-deep");
});

test("[WIRE-041] keys that objects inherit stay data", () => {
  const bytes = encodeValue(JSON.parse('{"__proto__":{"polluted":1},"constructor":2,"hasOwnProperty":3}') as WireValue);
  const value = decodeValue(bytes) as Record<string, WireValue>;
  expect(Object.keys(value)).toEqual(["__proto__", "constructor", "hasOwnProperty"]);
  expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  expect(encodeValue(value)).toEqual(bytes);
});

test("[WIRE-036] [WIRE-037] [WIRE-028] limits can be set, both ways", () => {
  const limits = { ...defaultLimits, maxDepth: 2, maxEntries: 3, maxFrameBytes: 10 };
  expect(decodeValue(encodeValue([[1, 2, 3]], limits), limits)).toEqual([[1, 2, 3]]);
  for (const [value, code] of [
    [[[[]]], "too-deep"],
    [[1, 2, 3, 4], "too-many-entries"],
    [{ a: 1, b: 2, c: 3, d: 4 }, "too-many-entries"],
  ] as const) {
    expect(codeOf(() => encodeValue(value, limits))).toBe(code);
    expect(codeOf(() => decodeValue(encodeValue(value), limits))).toBe(code);
  }
  expect(encodeValue("x".repeat(9), limits).length).toBe(10);
  expect(codeOf(() => encodeValue("x".repeat(10), limits))).toBe("frame-too-large");
  expect(codeOf(() => encodeValue(new Uint8Array(9), limits))).toBe("frame-too-large");
  expect(codeOf(() => encodeValue(["abcd", "abcd", "abcd"], limits))).toBe("frame-too-large");
});

test("[WIRE-040] headers that claim more than there is cost nothing", () => {
  const before = process.memoryUsage().arrayBuffers + process.memoryUsage().heapUsed;
  for (let count = 0; count < 1000; count++) {
    for (const head of [0xdd, 0xdf, 0xc6, 0xdb]) {
      const code = head === 0xdd || head === 0xdf ? "too-many-entries" : "truncated";
      expect(codeOf(() => decodeValue(Uint8Array.of(head, 0xff, 0xff, 0xff, 0xff, 0)))).toBe(code);
      expect(codeOf(() => decodeValue(Uint8Array.of(head, 0, 0, 0xff, 0xff, 0)))).toBe("truncated");
    }
  }
  const after = process.memoryUsage().arrayBuffers + process.memoryUsage().heapUsed;
  expect(after - before).toBeLessThan(64 << 20);
});

test("[WIRE-040] no value takes more than 80 bytes of memory for a byte of input", () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const used = (): number => {
    collect();
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };
  const count = 60_000;
  // Empty, with one entry, with two, nested in each other, views.
  for (const entry of [
    [0x90],
    [0x80],
    [0x91, 0xc0],
    [0x92, 1, 1],
    [0x91, 0x91, 0x91, 0x91, 0x90],
    [0x91, 0x80],
    [0xc4, 0],
  ]) {
    const bytes = new Uint8Array(3 + count * entry.length);
    bytes.set([0xdc, count >> 8, count & 0xff]);
    for (let index = 0; index < count; index++) bytes.set(entry, 3 + index * entry.length);
    decodeValue(bytes);
    const before = used();
    const value = decodeValue(bytes) as readonly WireValue[];
    expect((used() - before) / bytes.length, entry.join()).toBeLessThan(80);
    expect(value.length).toBe(count);
  }
});

test("[WIRE-020] byte strings are views of the input", () => {
  const bytes = encodeValue([Uint8Array.of(1, 2, 3)]);
  const [view] = decodeValue(bytes) as [Uint8Array];
  expect(view.buffer).toBe(bytes.buffer);
  expect(Object.getPrototypeOf(decodeValue(Buffer.from(encodeValue(view))))).toBe(Uint8Array.prototype);
});

test("[WIRE-029] [WIRE-070] what changes while it is encoded, or hides its name, gives a value or a WireError", () => {
  const growing: WireValue[] = [];
  growing.push(
    {
      get a(): number {
        growing.push(3);
        return 1;
      },
    },
    2,
  );
  expect(decodeValue(encodeValue(growing))).toEqual([{ a: 1 }, 2]);
  const shrinking: WireValue[] = [];
  shrinking.push(
    {
      get a(): number {
        shrinking.length = 1;
        return 1;
      },
    },
    2,
  );
  expect(codeOf(() => encodeValue(shrinking))).toBe("bad-value");
  class Nameless {
    x = 1;
  }
  Object.defineProperty(Nameless, "name", { value: Symbol("nameless") });
  expect(codeOf(() => encodeValue(new Nameless() as unknown as WireValue))).toBe("bad-value");
});

test("[WIRE-036] [WIRE-037] [WIRE-028] a limit that is missing or no number refuses, rather than let all through", () => {
  for (const limits of [{}, { maxFrameBytes: Number.NaN, maxDepth: Number.NaN, maxEntries: Number.NaN }]) {
    const wrong = limits as WireLimits;
    for (const bytes of [Uint8Array.of(0x90), Uint8Array.of(0x80)]) {
      expect(codeOf(() => decodeValue(bytes, wrong))).toBe("too-deep");
      expect(codeOf(() => decodeValue(bytes, { ...wrong, maxDepth: 1 }))).toBe("too-many-entries");
    }
    expect(codeOf(() => encodeValue([], wrong))).toBe("too-deep");
    expect(codeOf(() => encodeValue([], { ...wrong, maxDepth: 1 }))).toBe("too-many-entries");
    expect(codeOf(() => encodeValue(1, wrong))).toBe("frame-too-large");
  }
});

test("[WIRE-036] [WIRE-070] a depth limit that is switched off ends at 1,024, both ways", () => {
  const limits = { ...defaultLimits, maxDepth: Number.POSITIVE_INFINITY };
  let value: WireValue = [];
  for (let depth = 1; depth < 1024; depth++) value = depth % 2 === 0 ? [value] : { a: value };
  expect(decodeValue(encodeValue(value, limits), limits)).toEqual(value);
  expect(codeOf(() => encodeValue([value], limits))).toBe("too-deep");
  for (const head of [[0x91], [0x81, 0xa0]]) {
    const deep = Uint8Array.from({ length: 1_000_000 }, (_, index) => head[index % head.length] as number);
    expect(codeOf(() => decodeValue(deep, limits))).toBe("too-deep");
  }
});

test("[WIRE-070] encoding within a getter is refused, and the encoder goes on working", () => {
  const nasty = {
    get a(): number {
      return encodeValue("x".repeat(100)).length;
    },
  };
  expect(codeOf(() => encodeValue(nasty))).toBe("bad-value");
  expect(() =>
    encodeValue({
      get b(): number {
        throw new RangeError("own");
      },
    }),
  ).toThrow(RangeError);
  expect(decodeValue(encodeValue(["fine"]))).toEqual(["fine"]);
});
