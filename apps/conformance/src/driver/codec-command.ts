// Answers the `codec` command of the test driver protocol with a codec in this process.
import type { CodecLimits, CodecTarget } from "../codec/codec-target.js";
import { readBody, writeBody } from "../codec/driver-target.js";
import { runLegacyCall } from "../codec/legacy-calls.js";
import { runSealedCall, type SealedArgs } from "../codec/sealed-calls.js";
import { runSecureCall, type SecureArgs } from "../codec/secure-calls.js";
import { fromHex, toHex } from "../reference/value.js";
import { readValue, writeValue } from "../vectors/notation.js";

interface Args extends SecureArgs, SealedArgs {
  readonly value?: unknown;
  readonly bytes?: string;
  readonly chunks?: readonly string[];
  readonly body?: Parameters<typeof readBody>[0];
  readonly codec?: number;
  readonly limits?: Partial<CodecLimits>;
  readonly text?: string;
  readonly byteLength?: number;
  readonly address?: string;
  readonly networkId?: string;
  readonly salt?: string;
  readonly name?: string;
  readonly security?: string;
  readonly clockMs?: readonly number[];
}

export async function runCodecCommand(codec: CodecTarget, call: string, args: Args): Promise<unknown> {
  const bytes = fromHex(args.bytes ?? "");
  const body = (): Parameters<CodecTarget["encodeBody"]>[0] => {
    if (!args.body) throw new TypeError(`${call} needs a body`);
    return readBody(args.body);
  };
  switch (call) {
    case "encodeValue":
      return toHex(await codec.encodeValue(readValue(args.value)));
    case "decodeValue":
      return writeValue(await codec.decodeValue(bytes, args.limits));
    case "encodeBody":
      return toHex(await codec.encodeBody(body()));
    case "decodeBody":
      return writeBody(await codec.decodeBody(bytes, args.limits));
    case "encodeFrame":
      return toHex(await codec.encodeFrame(body()));
    case "compressFrame":
      return toHex(await codec.compressFrame(bytes, args.codec ?? 0));
    case "decodeStream": {
      const { frames, error } = await codec.decodeStream((args.chunks ?? []).map(fromHex), args.limits);
      return { frames: frames.map((frame) => ({ codec: frame.codec, payload: toHex(frame.payload) })), error };
    }
    case "messageId":
      return toHex(await codec.messageId(bytes));
    case "toBase58":
      return codec.toBase58(bytes);
    case "fromBase58":
      return toHex(await codec.fromBase58(args.text ?? "", args.byteLength ?? 0));
    case "nodeId": {
      const { address = "", networkId = "", salt = "" } = args;
      const id = await codec.nodeId({ address, networkId: fromHex(networkId), salt });
      return { hex: toHex(id.bytes), text: id.text };
    }
    case "networkId": {
      const id = await codec.networkId({ name: args.name ?? "", security: args.security ?? "" });
      return { hex: toHex(id.bytes), text: id.text };
    }
    case "timestamps":
      return codec.timestamps(args.clockMs ?? []);
    case "positions":
      return (await codec.positions?.(bytes))?.map(toHex);
    default: {
      const answer =
        (codec.legacy && (await runLegacyCall(codec.legacy, call, args))) ??
        (codec.secure && (await runSecureCall(codec.secure, call, args))) ??
        (codec.sealed && (await runSealedCall(codec.sealed, call, args)));
      if (answer === undefined) throw new TypeError(`no such codec call: ${call}`);
      return answer;
    }
  }
}
