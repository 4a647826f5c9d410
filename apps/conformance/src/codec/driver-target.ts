// The codec of an implementation in any language, asked through its driver (the `codec` command of spec/README.md).
import { DriverError, type DriverProcess } from "../driver/driver-process.js";
import { Refusal } from "../reference/refusal.js";
import { fromHex, toHex } from "../reference/value.js";
import { CaseSkipped } from "../runner/skip.js";
import { readValue, writeValue } from "../vectors/notation.js";
import type { CodecTarget, MessageBody } from "./codec-target.js";
import { legacyOverDriver } from "./legacy-calls.js";
import { sealedOverDriver } from "./sealed-calls.js";
import { secureOverDriver } from "./secure-calls.js";

interface BodyNotation {
  readonly type: number;
  readonly sender: string;
  readonly time: number;
  readonly items: readonly unknown[];
}

interface IdNotation {
  readonly hex: string;
  readonly text: string;
}

/** The error code by which a driver says that an input is refused; its message is the implementation's own code. */
export const refusedCode = "refused";

/** @param supports what the driver can be tested for */
export function driverTarget(
  name: string,
  supports: readonly string[],
  take: () => Promise<DriverProcess>,
): CodecTarget {
  const call = async (operation: string, args: { readonly [key: string]: unknown }): Promise<unknown> => {
    const driver = await take();
    try {
      return await driver.call({ do: "codec", call: operation, args });
    } catch (error) {
      if (error instanceof DriverError && error.code === refusedCode) throw new Refusal(error.message);
      if (error instanceof DriverError && error.code === "unsupported") {
        throw new CaseSkipped(error.message, { cause: error });
      }
      throw error;
    }
  };
  const bytes = async (operation: string, args: { readonly [key: string]: unknown }): Promise<Uint8Array> =>
    fromHex((await call(operation, args)) as string);
  const id = async (operation: string, args: { readonly [key: string]: unknown }) => {
    const { hex, text } = (await call(operation, args)) as IdNotation;
    return { bytes: fromHex(hex), text };
  };
  return {
    name,
    encodeValue: (value) => bytes("encodeValue", { value: writeValue(value) }),
    decodeValue: async (input, limits) => readValue(await call("decodeValue", { bytes: toHex(input), limits })),
    encodeBody: (body) => bytes("encodeBody", { body: writeBody(body) }),
    decodeBody: async (input, limits) =>
      readBody((await call("decodeBody", { bytes: toHex(input), limits })) as BodyNotation),
    encodeFrame: (body) => bytes("encodeFrame", { body: writeBody(body) }),
    compressFrame: (frame, codec) => bytes("compressFrame", { bytes: toHex(frame), codec }),
    decodeStream: async (chunks, limits) => {
      const result = (await call("decodeStream", { chunks: chunks.map(toHex), limits })) as {
        readonly frames: readonly { readonly codec: number; readonly payload: string }[];
        readonly error?: string;
      };
      const frames = result.frames.map(({ codec, payload }) => ({ codec, payload: fromHex(payload) }));
      return result.error === undefined ? { frames } : { frames, error: result.error };
    },
    messageId: (body) => bytes("messageId", { bytes: toHex(body) }),
    toBase58: async (input) => (await call("toBase58", { bytes: toHex(input) })) as string,
    fromBase58: (text, byteLength) => bytes("fromBase58", { text, byteLength }),
    nodeId: ({ address, networkId, salt }) => id("nodeId", { address, networkId: toHex(networkId), salt }),
    networkId: ({ name: network, security }) => id("networkId", { name: network, security }),
    timestamps: async (clockMs) => (await call("timestamps", { clockMs })) as readonly number[],
    ...(supports.includes("chord")
      ? { positions: async (key) => ((await call("positions", { bytes: toHex(key) })) as string[]).map(fromHex) }
      : {}),
    ...(supports.includes("identity")
      ? { secure: secureOverDriver((operation, args) => call(operation, { ...args })) }
      : {}),
    ...(supports.includes("sealed")
      ? { sealed: sealedOverDriver((operation, args) => call(operation, { ...args })) }
      : {}),
    ...(supports.includes("legacy")
      ? { legacy: legacyOverDriver((operation, args) => call(operation, { ...args })) }
      : {}),
  };
}

export function writeBody(body: MessageBody): BodyNotation {
  return { type: body.type, sender: toHex(body.sender), time: body.time, items: body.items.map(writeValue) };
}

export function readBody(notation: BodyNotation): MessageBody {
  const { type, sender, time, items } = notation;
  return { type, sender: fromHex(sender), time, items: items.map(readValue) };
}
