// Profile 0.7 through the test driver protocol: both ends of its codec calls.
import { fromHex, toHex } from "../reference/value.js";
import type { LegacyMessage, LegacyTarget } from "./legacy-target.js";

interface Args {
  readonly message?: LegacyMessage;
  readonly bytes?: string;
  readonly chunks?: readonly string[];
  readonly maxFrameBytes?: number;
  readonly name?: string;
  readonly security?: string;
  readonly address?: string;
  readonly networkId?: string;
  readonly salt?: string;
  readonly a?: unknown;
  readonly b?: unknown;
}

type Ask = (call: string, args: Args) => Promise<unknown>;

/** A target that asks a driver. */
export function legacyOverDriver(ask: Ask): LegacyTarget {
  return {
    encode: async (message) => fromHex((await ask("encode07", { message })) as string),
    decode: async (body) => {
      const { message, id } = (await ask("decode07", { bytes: toHex(body) })) as { message: LegacyMessage; id: string };
      return { message, id: fromHex(id) };
    },
    relay: async (body) => fromHex((await ask("relay07", { bytes: toHex(body) })) as string),
    cut: async (chunks, maxFrameBytes) => {
      const args = { chunks: chunks.map(toHex), ...(maxFrameBytes === undefined ? {} : { maxFrameBytes }) };
      const { bodies, error } = (await ask("cut07", args)) as {
        readonly bodies: readonly string[];
        readonly error?: string;
      };
      return { bodies: bodies.map(fromHex), ...(error === undefined ? {} : { error }) };
    },
    networkId: async (name, security) => (await ask("networkId07", { name, security })) as string,
    nodeId: async (address, networkId, salt) => (await ask("nodeId07", { address, networkId, salt })) as string,
    isSameId: async (a, b) => (await ask("isSameId07", { a, b })) as boolean,
    methods: async () => (await ask("methods07", {})) as { readonly [name: string]: number },
  };
}

/** Answers such a call; undefined when it is none of profile 0.7. */
export async function runLegacyCall(legacy: LegacyTarget, call: string, args: Args): Promise<unknown> {
  const bytes = fromHex(args.bytes ?? "");
  switch (call) {
    case "encode07":
      return args.message && toHex(await legacy.encode(args.message));
    case "decode07": {
      const { message, id } = await legacy.decode(bytes);
      return { message, id: toHex(id) };
    }
    case "relay07":
      return toHex(await legacy.relay(bytes));
    case "cut07": {
      const { bodies, error } = await legacy.cut((args.chunks ?? []).map(fromHex), args.maxFrameBytes);
      return { bodies: bodies.map(toHex), error };
    }
    case "networkId07":
      return legacy.networkId(args.name ?? "", args.security ?? "");
    case "nodeId07":
      return legacy.nodeId(args.address ?? "", args.networkId ?? "", args.salt ?? "");
    case "isSameId07":
      return legacy.isSameId(args.a, args.b);
    case "methods07":
      return legacy.methods();
    default:
      return undefined;
  }
}
