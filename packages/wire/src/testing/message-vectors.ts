// The tables behind spec/vectors/wire/1.0/bodies.json, frames.json and streams.json.

export const sender: string = Array.from({ length: 48 }, (_, index) => (index + 1).toString(16).padStart(2, "0")).join(
  "",
);
const time = 1_795_000_000_000_000;
const timeHex = `cf${time.toString(16).padStart(16, "0")}`;
const id = `c430${sender}`;

export const validBodies: readonly (readonly [
  id: string,
  requirements: readonly string[],
  type: number,
  time: number,
  items: readonly unknown[],
])[] = [
  ["broadcast", ["WIRE-042"], 0, time, [0, "message", "hello"]],
  [
    "whisper",
    ["WIRE-042"],
    2,
    time + 1,
    [
      2,
      "message",
      {
        map: [
          ["a", [1, 2]],
          ["b", { bin: "00ff" }],
        ],
      },
    ],
  ],
  ["ping", ["WIRE-042"], 3, time + 2, [7]],
  ["pong", ["WIRE-042"], 4, time + 3, [7, time + 2]],
  ["time-0", ["WIRE-045"], 2, 0, [0]],
  ["time-max", ["WIRE-045"], 2, Number.MAX_SAFE_INTEGER, [0]],
  ["type-255", ["WIRE-043"], 255, time, [null]],
  ["future-type-any-item", ["WIRE-042", "WIRE-046"], 9, time, ["no subtype"]],
  ["subtype-max", ["WIRE-046"], 0, time, [Number.MAX_SAFE_INTEGER]],
  ["further-items", ["WIRE-088"], 3, time, [7, "items that this version does not know", []]],
  ["sixteen-elements", ["WIRE-022"], 2, time, [0, ...Array.from({ length: 12 }, (_, index) => index)]],
];

/** Valid forms that encoders do not write. */
export const otherBodies: readonly (readonly [id: string, bytes: string])[] = [
  ["array16", `dc000502${id}${timeHex}00c0`],
  ["uint16-type", `95cd0002${id}${timeHex}00c0`],
  ["bin16-sender", `9502c50030${sender}${timeHex}00c0`],
  ["int64-time", `9502${id}${timeHex.replace("cf", "d3")}00c0`],
];

/** Integers as floats, which encoders do not write. */
export const floatBodies: readonly (readonly [id: string, bytes: string])[] = [
  ["float-type", `95cb4000000000000000${id}${timeHex}00c0`],
  ["float32-type", `95ca40000000${id}${timeHex}00c0`],
  ["float-time", `9502${id}cb4319822c057cc00000c0`],
  ["float-subtype", `9502${id}${timeHex}cb0000000000000000c0`],
];

export const badBodies: readonly (readonly [
  id: string,
  requirements: readonly string[],
  bytes: string,
  error: string,
])[] = [
  ["empty", ["WIRE-038"], "", "truncated"],
  ["nil", ["WIRE-042"], "c0", "bad-body"],
  ["map", ["WIRE-042"], "80", "bad-body"],
  ["text", ["WIRE-042"], "a568656c6c6f", "bad-body"],
  ["no-elements", ["WIRE-042"], "90", "bad-body"],
  ["three-elements", ["WIRE-042"], `9302${id}${timeHex}`, "bad-body"],
  ...[
    ["nil", "c0"],
    ["negative", "ff"],
    ["256", "cd0100"],
    ["float", "cb3ff8000000000000"],
    ["text", "a132"],
    ["bin", "c40102"],
    ["array", "90"],
    ["bigint", "cfffffffffffffffff"],
  ].map(([name, hex]) => [`type-${name}`, ["WIRE-043"], `94${hex}${id}${timeHex}00`, "bad-body"] as const),
  ...[
    ["nil", "c0"],
    ["text", `d930${"61".repeat(48)}`],
    ["short", `c42f${"61".repeat(47)}`],
    ["long", `c431${"61".repeat(49)}`],
    ["empty", "c400"],
    ["array", "90"],
    ["int", "01"],
  ].map(([name, hex]) => [`sender-${name}`, ["WIRE-044"], `9402${hex}${timeHex}00`, "bad-body"] as const),
  ...[
    ["nil", "c0"],
    ["negative", "ff"],
    ["fraction", "cb3ff8000000000000"],
    ["nan", "cb7ff8000000000000"],
    ["infinite", "cb7ff0000000000000"],
    ["2-53", "cf0020000000000000"],
    ["2-64", "cfffffffffffffffff"],
    ["text", "a131"],
    ["bin", "c40131"],
  ].map(([name, hex]) => [`time-${name}`, ["WIRE-045"], `9402${id}${hex}00`, "bad-body"] as const),
  ...[0, 2].flatMap((type) =>
    [
      ["nil", "c0"],
      ["negative", "ff"],
      ["fraction", "cb3ff8000000000000"],
      ["text", "a130"],
      ["array", "9100"],
      ["2-53", "cf0020000000000000"],
    ].map(
      ([name, hex]) =>
        [`subtype-${name}-of-${type}`, ["WIRE-046"], `940${type}${id}${timeHex}${hex}`, "bad-body"] as const,
    ),
  ),
  ["type-negative-zero", ["WIRE-043", "WIRE-090"], `94cb8000000000000000${id}${timeHex}00`, "bad-body"],
  ["time-negative-zero", ["WIRE-045", "WIRE-090"], `9402${id}cb800000000000000000`, "bad-body"],
  ["subtype-negative-zero", ["WIRE-046", "WIRE-090"], `9402${id}${timeHex}cb8000000000000000`, "bad-body"],
  ["more", ["WIRE-039"], `9402${id}${timeHex}0000`, "trailing-bytes"],
  ["ext-item", ["WIRE-031"], `9502${id}${timeHex}00d40000`, "ext-type"],
  ["cut-sender", ["WIRE-038"], `9402c430${sender.slice(2)}`, "truncated"],
  ["cut-item", ["WIRE-038"], `9502${id}${timeHex}00`, "truncated"],
];

/** A header and what follows; `frames` are payloads as they are given out before the error. */
export const badHeaders: readonly (readonly [
  id: string,
  requirements: readonly string[],
  bytes: string,
  error: string,
])[] = [
  ["length-0", ["WIRE-002"], "00000000", "empty-frame"],
  ["length-0-zlib", ["WIRE-002"], "10000000", "empty-frame"],
  ["length-over-limit", ["WIRE-003"], "00100001", "frame-too-large"],
  ["length-max", ["WIRE-003"], "0fffffff", "frame-too-large"],
  ["printable", ["WIRE-003"], "05545420", "frame-too-large"],
  ...Array.from(
    { length: 13 },
    (_, index) =>
      [`codec-${index + 3}`, ["WIRE-004"], `${(index + 3).toString(16)}0000001c0`, "unknown-codec"] as const,
  ),
];

/** One deflate block, not the last, of 1 MiB of zeros: 1,037 bytes. */
export const zerosBlock: string = `ecc13101000000c2a0f54f6d085fa0${"00".repeat(1016)}3e030000ffff`;
