// The tables behind spec/vectors/wire/1.0/values*.json.

/** A value that goes both ways: id, requirements, value in notation, what it shows. */
export type ValidValue = readonly [id: string, requirements: readonly string[], value: unknown, comment?: string];

/** Bytes that are refused, or taken though nobody writes them. */
export type BytesCase = readonly [
  id: string,
  requirements: readonly string[],
  bytes: string | readonly (string | { readonly hex: string; readonly repeat: number })[],
  outcome: { readonly error: string } | { readonly value: unknown },
  comment?: string,
];

const integers = [
  "0",
  "1",
  "127",
  "128",
  "255",
  "256",
  "65535",
  "65536",
  "4294967295",
  "4294967296",
  "9007199254740991",
  "9007199254740992",
  "9007199254740993",
  "9223372036854775807",
  "9223372036854775808",
  "18446744073709551615",
  "-1",
  "-32",
  "-33",
  "-128",
  "-129",
  "-32768",
  "-32769",
  "-2147483648",
  "-2147483649",
  "-9007199254740991",
  "-9007199254740992",
  "-9007199254740993",
  "-9223372036854775808",
];

const floats = [
  "0.5",
  "-0",
  "1.5",
  "3.141592653589793",
  "1e-7",
  "5e-324",
  "1.7976931348623157e+308",
  "NaN",
  "Infinity",
  "-Infinity",
];

const text = (bytes: number) => ({ text: [{ hex: "78", repeat: bytes }] });
const bin = (bytes: number) => ({ bin: [{ hex: "5a", repeat: bytes }] });
const isSafe = (digits: string) => Number.isSafeInteger(Number(digits));

export const validValues: readonly ValidValue[] = [
  ["nil", ["WIRE-020"], null],
  ["false", ["WIRE-020"], false],
  ["true", ["WIRE-020"], true],
  ...integers.map((digits): ValidValue => {
    const value = isSafe(digits) ? Number(digits) : { int: digits };
    return [`int${digits.replace("-", "-neg")}`.replace(/^int(?=\d)/, "int-"), ["WIRE-021", "WIRE-027"], value];
  }),
  ...floats.map((float): ValidValue => {
    const requirements = ["WIRE-023", ...(float === "NaN" ? ["WIRE-025"] : [])];
    return [`float-${float.toLowerCase().replace("+", "").replace(/^-/, "neg-")}`, requirements, { float }];
  }),
  ["text-empty", ["WIRE-022"], ""],
  ["text-ascii", ["WIRE-024"], "hello"],
  ["text-nul", ["WIRE-024"], "a\u0000b"],
  ["text-mark", ["WIRE-024"], "\ufeffa", "a byte order mark is part of the text"],
  ["text-two-bytes", ["WIRE-024"], "\u0080\u07ff"],
  ["text-three-bytes", ["WIRE-024"], "\u0800\ud7ff\ue000\uffff"],
  ["text-four-bytes", ["WIRE-024"], "\u{10000}\u{1f600}\u{10ffff}"],
  ...[31, 32, 255, 256, 65_535, 65_536].map((n): ValidValue => [`text-${n}`, ["WIRE-022"], text(n)]),
  ["text-31-units-in-33-bytes", ["WIRE-022"], `${"x".repeat(29)}\u00e9\u00e9`, "the length counts bytes"],
  ...[0, 1, 255, 256, 65_535, 65_536].map((n): ValidValue => [`bin-${n}`, ["WIRE-022"], bin(n)]),
  ["array-empty", ["WIRE-022"], []],
  ["array-nested", ["WIRE-020"], [1, [2, [3, []]], { bin: "00" }, "x", null]],
  ...[15, 16, 65_535, 65_536].map((n): ValidValue => [`array-${n}`, ["WIRE-022", "WIRE-037"], { items: n, of: null }]),
  ["map-empty", ["WIRE-022"], { map: [] }],
  [
    "map-nested",
    ["WIRE-020"],
    {
      map: [
        ["a", 1],
        ["b", { map: [["c", [null]]] }],
        ["", { bin: "" }],
      ],
    },
  ],
  ...[15, 16].map((n): ValidValue => {
    return [`map-${n}`, ["WIRE-022"], { map: Array.from({ length: n }, (_, index) => [`k${index}`, index]) }];
  }),
  [
    "map-proto",
    ["WIRE-041"],
    {
      map: [
        ["__proto__", { map: [["polluted", true]] }],
        ["constructor", 1],
        ["toString", 2],
      ],
    },
  ],
  ["map-proto-alone", ["WIRE-041"], { map: [["__proto__", { map: [["polluted", true]] }]] }],
  ["depth-32", ["WIRE-036", "WIRE-061"], nested(32), "the deepest that the default limit takes"],
];

/** Valid forms that encoders do not write. */
export const otherForms: readonly BytesCase[] = [
  ["uint8-1", ["WIRE-030"], "cc01", { value: 1 }],
  ["uint16-1", ["WIRE-030"], "cd0001", { value: 1 }],
  ["uint32-1", ["WIRE-030"], "ce00000001", { value: 1 }],
  ["uint64-1", ["WIRE-030"], "cf0000000000000001", { value: 1 }],
  ["int8-1", ["WIRE-030"], "d001", { value: 1 }],
  ["int16-neg-1", ["WIRE-030"], "d1ffff", { value: -1 }],
  ["int32-neg-1", ["WIRE-030"], "d2ffffffff", { value: -1 }],
  ["int64-neg-1", ["WIRE-030"], "d3ffffffffffffffff", { value: -1 }],
  ["int64-200", ["WIRE-030"], "d300000000000000c8", { value: 200 }, "a signed form of an integer above 0"],
  ["float32-1.5", ["WIRE-030"], "ca3fc00000", { value: { float: "1.5" } }],
  ["float32-nan", ["WIRE-030"], "ca7fc00000", { value: { float: "NaN" } }],
  ["float64-other-nan", ["WIRE-030"], "cbfff8000000000001", { value: { float: "NaN" } }],
  ["float64-7", ["WIRE-030"], "cb401c000000000000", { value: 7 }, "a float with a whole value"],
  ["str8-a", ["WIRE-030"], "d90161", { value: "a" }],
  ["str16-a", ["WIRE-030"], "da000161", { value: "a" }],
  ["str32-a", ["WIRE-030"], "db0000000161", { value: "a" }],
  ["bin16-1", ["WIRE-030"], "c500015a", { value: { bin: "5a" } }],
  ["bin32-1", ["WIRE-030"], "c6000000015a", { value: { bin: "5a" } }],
  ["array16-1", ["WIRE-030"], "dc0001c0", { value: [null] }],
  ["array32-1", ["WIRE-030"], "dd00000001c0", { value: [null] }],
  ["map16-1", ["WIRE-030"], "de0001a161c0", { value: { map: [["a", null]] } }],
  ["map32-1", ["WIRE-030"], "df00000001a161c0", { value: { map: [["a", null]] } }],
  ["map-key-str8", ["WIRE-030"], "81d90161c0", { value: { map: [["a", null]] } }],
];

export const badBytes: readonly BytesCase[] = [
  ["nothing", ["WIRE-038"], "", { error: "truncated" }],
  ...[
    "cc",
    "cd00",
    "ce000000",
    "cf00000000000000",
    "d0",
    "d100",
    "d2000000",
    "d300000000000000",
    "ca000000",
    "cb00000000000000",
    "a161".slice(0, 2),
    "a261",
    "d9",
    "d901",
    "da00",
    "da0001",
    "db000000",
    "db00000001",
    "c4",
    "c401",
    "c500",
    "c50001",
    "c6000000",
    "c600000001",
    "91",
    "92c0",
    "dc00",
    "dc0001",
    "dd000000",
    "dd00000001",
    "81",
    "81a161",
    "82a161c0",
    "de00",
    "de0001",
    "df000000",
    "df00000001",
  ].map((hex): BytesCase => [`cut-${hex}`, ["WIRE-038"], hex, { error: "truncated" }]),
  ["more-nil", ["WIRE-039"], "c0c0", { error: "trailing-bytes" }],
  ["more-after-array", ["WIRE-039"], "91c000", { error: "trailing-bytes" }],
  ["reserved", ["WIRE-032"], "c1", { error: "bad-format" }],
  ["reserved-inside", ["WIRE-032"], "92c0c1", { error: "bad-format" }],
  ...[
    "d400 00",
    "d500 0000",
    "d600 00000000",
    "d700 0000000000000000",
    "d800 00000000000000000000000000000000",
    "c701 0000",
    "c70000",
    "c80001 0000",
    "c900000001 0000",
    "d6ff 00000000",
  ].map((spaced): BytesCase => {
    const hex = spaced.replace(" ", "");
    return [`ext-${hex.slice(0, 10)}`, ["WIRE-031"], hex, { error: "ext-type" }];
  }),
  ["ext-as-key", ["WIRE-031", "WIRE-034"], "81d40000c0", { error: "bad-key" }],
  ...[
    ["lone-continuation", "80"],
    ["cut-two", "c3"],
    ["cut-three", "e282"],
    ["cut-four", "f09f98"],
    ["overlong-slash", "c0af"],
    ["overlong-nul", "c080"],
    ["overlong-three", "e0809f"],
    ["surrogate", "eda080"],
    ["surrogate-pair", "eda0bdedb880"],
    ["above-unicode", "f4908080"],
    ["ff", "ff"],
    ["late", "61616161616161616161616161616161616161616161616161616161ff"],
  ].map(([name, hex]): BytesCase => {
    const bytes = hex as string;
    return [`utf8-${name}`, ["WIRE-033"], (0xa0 | (bytes.length / 2)).toString(16) + bytes, { error: "bad-utf8" }];
  }),
  ["utf8-in-key", ["WIRE-033"], "81a1ffc0", { error: "bad-utf8" }],
  ...[
    ["nil", "c0"],
    ["int", "01"],
    ["bin", "c40161"],
    ["array", "90"],
    ["float", "cb0000000000000000"],
    ["true", "c3"],
  ].map(([name, hex]): BytesCase => [`key-${name}`, ["WIRE-034"], `81${hex}c0`, { error: "bad-key" }]),
  ["key-twice", ["WIRE-035"], "82a16101a16102", { error: "duplicate-key" }],
  ["key-twice-in-other-forms", ["WIRE-035"], "82a16101d9016102", { error: "duplicate-key" }],
  ["key-proto-twice", ["WIRE-035"], "82a95f5f70726f746f5f5f01a95f5f70726f746f5f5f02", { error: "duplicate-key" }],
  ["depth-33", ["WIRE-036"], [{ hex: "91", repeat: 33 }, "c0"], { error: "too-deep" }],
  ["depth-33-maps", ["WIRE-036"], [{ hex: "81a161", repeat: 33 }, "c0"], { error: "too-deep" }],
  ["depth-1000000", ["WIRE-036"], [{ hex: "91", repeat: 1_000_000 }, "c0"], { error: "too-deep" }],
  ["entries-65537", ["WIRE-037"], ["dd00010001", { hex: "c0", repeat: 65_537 }], { error: "too-many-entries" }],
  ["entries-map-65537", ["WIRE-037"], "df00010001", { error: "too-many-entries" }],
  ["claims-array-2-32", ["WIRE-037", "WIRE-040"], "ddffffffff", { error: "too-many-entries" }],
  ["claims-map-2-32", ["WIRE-037", "WIRE-040"], "dfffffffff", { error: "too-many-entries" }],
  ["claims-array-60000", ["WIRE-038", "WIRE-040"], "dcea60c0c0", { error: "truncated" }],
  ["claims-map-60000", ["WIRE-038", "WIRE-040"], "deea60a161c0", { error: "truncated" }],
  ["claims-bin-2-32", ["WIRE-038", "WIRE-040"], "c6ffffffff00", { error: "truncated" }],
  ["claims-text-2-32", ["WIRE-038", "WIRE-040"], "dbffffffff00", { error: "truncated" }],
];

/** Values that encoders refuse. */
export const badValues: readonly (readonly [
  id: string,
  requirements: readonly string[],
  value: unknown,
  error: string,
])[] = [
  ["int-2-64", ["WIRE-026"], { int: "18446744073709551616" }, "bad-value"],
  ["int-below-2-63", ["WIRE-026"], { int: "-9223372036854775809" }, "bad-value"],
  ["lone-high-surrogate", ["WIRE-024"], "a\ud800", "bad-value"],
  ["lone-low-surrogate", ["WIRE-024"], "\udc00b", "bad-value"],
  ["swapped-surrogates", ["WIRE-024"], "\udc00\ud800", "bad-value"],
  ["lone-surrogate-in-long-text", ["WIRE-024"], `${"x".repeat(300)}\ud800`, "bad-value"],
  ["lone-surrogate-in-key", ["WIRE-024"], { map: [["\ud800", 1]] }, "bad-value"],
  ["depth-33", ["WIRE-028"], nested(33), "too-deep"],
  ["entries-65537", ["WIRE-028"], { items: 65_537, of: null }, "too-many-entries"],
  ["text-over-limit", ["WIRE-028"], text(1_048_576), "frame-too-large"],
  ["bin-over-limit", ["WIRE-028"], bin(1_048_576), "frame-too-large"],
];

function nested(depth: number): unknown {
  let value: unknown = null;
  for (let level = 0; level < depth; level++) value = level % 2 === 0 ? [value] : { map: [["a", value]] };
  return value;
}
