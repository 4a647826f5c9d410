// The 0.7 profile of @p2p/wire as a target.
import { WireError } from "@p2p/wire";
import {
  type AddressStyle,
  AnyMap,
  compressions07,
  decodeBody07,
  defaultLimits07,
  encodeFrame07,
  Float64,
  FrameDecoder07,
  frame07,
  fromForm,
  networkId07,
  nodeId07,
  type Value07,
} from "@p2p/wire/legacy";
import { Float, AnyMap as OurMap } from "../reference/value.js";
import { type LegacyValue, readLegacy, writeLegacy } from "../vectors/legacy-notation.js";
import type { LegacyTarget } from "./legacy-target.js";
import { refusing } from "./refusing.js";

export const wireLegacyTarget: LegacyTarget = {
  encode: async ({ type, sender, time, payload }) =>
    refusing(() =>
      encodeFrame07({
        type,
        sender: toWire(sender) as string | Uint8Array,
        time: toWire(time) as number,
        items: payload.map(toWire),
      }),
    ),
  decode: async (body) =>
    refusing(() => {
      const { message, checksum } = decodeBody07(body);
      const { type, sender, time, items } = message;
      return {
        message: { type, sender: fromWire(sender), time: fromWire(time), payload: items.map(fromWire) },
        id: checksum,
      };
    }),
  relay: async (body) => refusing(() => frame07(decodeBody07(body).packed)),
  cut: async (chunks, maxFrameBytes = defaultLimits07.maxFrameBytes) => {
    const bodies: Uint8Array[] = [];
    const decoder = new FrameDecoder07({ ...defaultLimits07, maxFrameBytes });
    try {
      for (const chunk of chunks) decoder.push(chunk, (frame) => bodies.push(frame.payload));
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      return { bodies, error: error.code };
    }
    return { bodies };
  },
  networkId: async (name, security) => networkId07(name, security),
  nodeId: async (address, networkId, salt) => nodeId07({ ...partsOf(address), networkId, salt }),
  isSameId: async (a, b) => fromForm(readLegacy(a)) === fromForm(readLegacy(b)),
  methods: async () => compressions07,
};

const styles: readonly [AddressStyle, RegExp][] = [
  ["python-tuple", /^\('(.*)', (\d+)\)$/],
  ["python-list", /^\['(.*)', (\d+)\]$/],
  ["javascript", /^\((.*), (\d+)\)$/],
];

function partsOf(address: string): { readonly host: string; readonly port: number; readonly style: AddressStyle } {
  for (const [style, shape] of styles) {
    const match = shape.exec(address);
    if (match) return { host: match[1] ?? "", port: Number(match[2]), style };
  }
  throw new TypeError(`not an address text of an original: ${address}`);
}

function toWire(notation: unknown): Value07 {
  return convert(readLegacy(notation));
}

function convert(value: LegacyValue): Value07 {
  if (value instanceof Float) return new Float64(value.value);
  // Keys and items came out of the notation as legacy values.
  if (value instanceof OurMap) {
    return new AnyMap(value.entries.map(([key, item]) => [key as string, convert(item as LegacyValue)]));
  }
  if (Array.isArray(value)) return (value as readonly LegacyValue[]).map(convert);
  if (typeof value === "object" && value !== null && !(value instanceof Uint8Array)) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, convert(item as LegacyValue)]));
  }
  return value as Value07;
}

function fromWire(value: Value07): unknown {
  if (value instanceof AnyMap) {
    return { map: value.entries.map(([key, item]) => [fromWire(key), fromWire(item)]) };
  }
  if (Array.isArray(value)) return (value as readonly Value07[]).map(fromWire);
  if (typeof value === "object" && value !== null && !(value instanceof Uint8Array) && !(value instanceof Float64)) {
    return { map: Object.entries(value).map(([key, item]) => [key, fromWire(item as Value07)]) };
  }
  return writeLegacy(value as LegacyValue);
}
