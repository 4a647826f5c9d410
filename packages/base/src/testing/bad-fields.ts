// Every message of the session and of requests with each field replaced by each wrong type, generated from one table.
import { flags, type WireValue } from "@p2p/wire";

const { mainTypes, subtypes } = flags;

type Kind = "nil" | "bool" | "uint" | "negative" | "big" | "float" | "text" | "bytes" | "array" | "map";

/** One value of each kind that a body can hold; none is valid where its kind is not. */
const sampleOf: Readonly<Record<Kind, WireValue>> = {
  nil: null,
  bool: true,
  uint: 3,
  negative: -1,
  big: 2n ** 63n,
  float: 1.5,
  text: "text",
  bytes: new Uint8Array(5),
  array: [],
  map: {},
};
// Object.keys forgets that they are the keys of sampleOf.
const kinds = Object.keys(sampleOf) as readonly Kind[];

interface Field {
  readonly name: string;
  readonly value: WireValue;
  /** Kinds that are valid here; of `bytes` only other lengths are wrong, so a field of bytes lists nothing. */
  readonly kinds: readonly Kind[];
  /** Values of the right kind that are wrong all the same. */
  readonly wrong?: readonly WireValue[];
}

interface Shape {
  readonly name: string;
  readonly type: number;
  readonly fields: readonly Field[];
}

export interface BadBody {
  readonly name: string;
  /** The whole body. */
  readonly value: readonly WireValue[];
}

const id = new Uint8Array(48).fill(0xdd);
const any: readonly Kind[] = kinds;

const text = (name: string, maxBytes: number, canBeEmpty = false): Field => ({
  name,
  value: "text",
  kinds: ["text"],
  wrong: canBeEmpty ? ["x".repeat(maxBytes + 1)] : ["", "x".repeat(maxBytes + 1)],
});
const uint = (name: string): Field => ({ name, value: 3, kinds: ["uint"] });
const nodeId = (name: string): Field => ({ name, value: id, kinds: [], wrong: [id.subarray(1), new Uint8Array(49)] });
const data: Field = { name: "data", value: [1, "two"], kinds: any };
/** A long one is cut by its reader, not refused. */
const reason: Field = { name: "reason", value: "text", kinds: ["text"] };
const subtype = (value: number): Field => ({ name: "subtype", value, kinds: ["uint"] });

const shapes: readonly Shape[] = [
  {
    name: "application message",
    type: mainTypes.whisper,
    fields: [subtype(subtypes.whisper), text("type", 255), data],
  },
  {
    name: "request",
    type: mainTypes.whisper,
    fields: [subtype(subtypes.request), uint("id"), text("type", 255), data],
  },
  { name: "response", type: mainTypes.whisper, fields: [subtype(subtypes.response), uint("id"), data] },
  {
    name: "refusal",
    type: mainTypes.whisper,
    fields: [subtype(subtypes.error), uint("id"), text("code", 64), text("text", 1024, true)],
  },
  {
    name: "forward",
    type: mainTypes.whisper,
    fields: [
      subtype(subtypes.forward),
      nodeId("asker"),
      { name: "addresses", value: [], kinds: ["array"], wrong: [[1], [""], Array(17).fill("a"), ["a".repeat(513)]] },
      uint("id"),
      text("type", 255),
      data,
      { name: "path", value: [id], kinds: [], wrong: [[], [1], [id.subarray(1)], Array(17).fill(id)] },
    ],
  },
  { name: "redirected", type: mainTypes.whisper, fields: [subtype(subtypes.redirected), uint("id"), nodeId("node")] },
  { name: "ping", type: mainTypes.ping, fields: [uint("nonce")] },
  { name: "pong", type: mainTypes.pong, fields: [uint("nonce"), uint("time")] },
  {
    name: "close",
    type: mainTypes.whisper,
    fields: [subtype(subtypes.close), uint("code"), reason],
  },
];

/** The bodies that every session must refuse with a close, sent after the handshake by the node `sender`. */
export function badBodies(sender: Uint8Array): readonly BadBody[] {
  const bodies: BadBody[] = [];
  for (const { name, type, fields } of shapes) {
    const valid = [type, sender, 1_800_000_000_000_000, ...fields.map((field) => field.value)];
    const replace = (index: number, field: string, kind: string, value: WireValue): void => {
      bodies.push({ name: `${name}: ${field} is ${kind}`, value: valid.with(index, value) });
    };
    for (const kind of kinds) {
      if (kind !== "uint") replace(0, "main type", kind, sampleOf[kind]);
      replace(1, "sender", kind, sampleOf[kind]);
      if (kind !== "uint") replace(2, "time", kind, sampleOf[kind]);
    }
    for (const [index, field] of fields.entries()) {
      for (const kind of kinds) {
        if (!field.kinds.includes(kind)) replace(3 + index, field.name, kind, sampleOf[kind]);
      }
      for (const [number, value] of (field.wrong ?? []).entries())
        replace(3 + index, field.name, `wrong (${number})`, value);
      if (index > 0) bodies.push({ name: `${name}: cut before ${field.name}`, value: valid.slice(0, 3 + index) });
    }
  }
  return bodies;
}

/** What each key of a handshake may be. */
const handshakeFields: readonly (Field & { readonly isOptional?: boolean })[] = [
  { name: "v", value: [1, 0], kinds: [], wrong: [[], [1], ["1", "0"], [1, -1], [1.5, 0], [[1], 0]] },
  { name: "net", value: new Uint8Array(32), kinds: [], wrong: [new Uint8Array(31), new Uint8Array(33)] },
  { name: "addrs", value: [], kinds: ["array"], wrong: [[1], [null], [["tcp://127.0.0.1:1"]]] },
  { name: "codecs", value: [], kinds: ["array"], wrong: [["zlib"], [-1], [1.5], [null]] },
  { name: "features", value: [], kinds: ["array"], wrong: [[1], [null], [new Uint8Array(3)]] },
  { name: "boot", value: new Uint8Array(8), kinds: [], wrong: [new Uint8Array(7), new Uint8Array(9)] },
  { name: "needs", value: [], kinds: ["array"], isOptional: true, wrong: [[1], [null]] },
  { name: "max", value: 1_048_576, kinds: ["uint"], wrong: [0] },
];

export interface BadHandshake {
  readonly name: string;
  /** Changes to a valid map, undefined removes the key. */
  readonly overrides: Readonly<Record<string, WireValue | undefined>>;
}

/** Maps that no handshake may hold. */
export function badHandshakes(): readonly BadHandshake[] {
  return handshakeFields.flatMap((field) => [
    ...(field.isOptional === true ? [] : [{ name: `${field.name} is absent`, overrides: { [field.name]: undefined } }]),
    ...kinds
      .filter((kind) => !field.kinds.includes(kind))
      .map((kind) => ({ name: `${field.name} is ${kind}`, overrides: { [field.name]: sampleOf[kind] } })),
    ...(field.wrong ?? []).map((value, number) => ({
      name: `${field.name} is wrong (${number})`,
      overrides: { [field.name]: value },
    })),
  ]);
}
