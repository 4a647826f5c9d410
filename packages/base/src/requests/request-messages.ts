// The five messages of requests as items of a whisper, to and from typed objects [BASE-201] [BASE-203] [BASE-204].
import { flags, isUnsigned, type NodeId, nodeIdFromBytes, nodeIdToBytes, type WireValue } from "@p2p/wire";
import { BaseError } from "../errors.js";

const { request, response, error: refusal, forward, redirected } = flags.subtypes;

/** Subtypes of the whispers that carry requests (spec/base-requests.md, section 2). */
export const requestSubtypes: readonly number[] = [request, response, refusal, forward, redirected];

/** Lengths that no message of a request may exceed [BASE-204]. Bytes are those of UTF-8. */
export const requestFieldLimits = {
  typeBytes: 255,
  codeBytes: 64,
  messageBytes: 1024,
  addresses: 16,
  addressBytes: 512,
  path: 16,
} as const;

export interface RequestMessage {
  readonly kind: "request";
  readonly requestId: number;
  readonly type: string;
  readonly data: WireValue;
}

export interface ResponseMessage {
  readonly kind: "response";
  readonly requestId: number;
  readonly data: WireValue;
}

export interface RefusalMessage {
  readonly kind: "refusal";
  readonly requestId: number;
  readonly code: string;
  readonly message: string;
}

export interface ForwardMessage {
  readonly kind: "forward";
  readonly asker: NodeId;
  /** Where the asker listens; may be empty. */
  readonly askerAddresses: readonly string[];
  readonly requestId: number;
  readonly type: string;
  readonly data: WireValue;
  /** The nodes that had the request before, first asked first; the last one sent this message. */
  readonly path: readonly NodeId[];
}

export interface RedirectedMessage {
  readonly kind: "redirected";
  readonly requestId: number;
  /** The node that answers from now on. */
  readonly to: NodeId;
}

export type AnyRequestMessage = RequestMessage | ResponseMessage | RefusalMessage | ForwardMessage | RedirectedMessage;

/** The items of the whisper, the subtype first. */
export function encodeRequestMessage(message: AnyRequestMessage): readonly WireValue[] {
  switch (message.kind) {
    case "request":
      return [request, message.requestId, message.type, message.data];
    case "response":
      return [response, message.requestId, message.data];
    case "refusal":
      return [refusal, message.requestId, message.code, message.message];
    case "forward":
      return [
        forward,
        nodeIdToBytes(message.asker),
        message.askerAddresses,
        message.requestId,
        message.type,
        message.data,
        message.path.map(nodeIdToBytes),
      ];
    case "redirected":
      return [redirected, message.requestId, nodeIdToBytes(message.to)];
    default:
      return message satisfies never;
  }
}

/**
 * Reads the items of a whisper whose subtype is one of requestSubtypes. Items after the known ones are ignored.
 *
 * @throws BaseError `bad-message` when an item is absent, of a wrong type, or over its limit.
 */
export function decodeRequestMessage(items: readonly WireValue[]): AnyRequestMessage {
  switch (items[0]) {
    case request:
      return {
        kind: "request",
        requestId: readRequestId(items[1]),
        type: readType(items[2]),
        data: readData(items, 3),
      };
    case response:
      return { kind: "response", requestId: readRequestId(items[1]), data: readData(items, 2) };
    case refusal:
      return {
        kind: "refusal",
        requestId: readRequestId(items[1]),
        code: readText(items[2], "code of a refusal", 1, requestFieldLimits.codeBytes),
        message: readText(items[3], "message of a refusal", 0, requestFieldLimits.messageBytes),
      };
    case forward:
      return {
        kind: "forward",
        asker: readNodeId(items[1], "asker"),
        askerAddresses: readAddresses(items[2]),
        requestId: readRequestId(items[3]),
        type: readType(items[4]),
        data: readData(items, 5),
        path: readPath(items[6]),
      };
    case redirected:
      return { kind: "redirected", requestId: readRequestId(items[1]), to: readNodeId(items[2], "new node") };
    default:
      throw bad("subtype", "one of a request");
  }
}

function readRequestId(value: WireValue | undefined): number {
  if (!isUnsigned(value)) throw bad("request id", "an unsigned integer below 2^53");
  return value;
}

function readType(value: WireValue | undefined): string {
  return readText(value, "type", 1, requestFieldLimits.typeBytes);
}

function readText(value: WireValue | undefined, what: string, minBytes: number, maxBytes: number): string {
  if (typeof value !== "string") throw bad(what, "text");
  const bytes = utf8Length(value);
  if (bytes < minBytes || bytes > maxBytes) throw bad(what, `text of ${minBytes} to ${maxBytes} bytes`);
  return value;
}

function readData(items: readonly WireValue[], index: number): WireValue {
  const value = items[index];
  if (value === undefined) throw bad("data", "a value");
  return value;
}

function readNodeId(value: WireValue | undefined, what: string): NodeId {
  if (!(value instanceof Uint8Array) || value.length !== 48) throw bad(what, "48 bytes");
  return nodeIdFromBytes(value);
}

function readAddresses(value: WireValue | undefined): readonly string[] {
  const list = readList(value, "addresses of the asker", 0, requestFieldLimits.addresses);
  return list.map((item) => readText(item, "address of the asker", 1, requestFieldLimits.addressBytes));
}

function readPath(value: WireValue | undefined): readonly NodeId[] {
  return readList(value, "path", 1, requestFieldLimits.path).map((item) => readNodeId(item, "node of the path"));
}

function readList(value: WireValue | undefined, what: string, min: number, max: number): readonly WireValue[] {
  if (!Array.isArray(value)) throw bad(what, "an array");
  if (value.length < min || value.length > max) throw bad(what, `an array of ${min} to ${max}`);
  return value;
}

/** The length in UTF-8; a string whose UTF-16 length already exceeds every limit is not walked. */
function utf8Length(text: string): number {
  if (text.length > 1024) return text.length;
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    // Each half of a surrogate pair counts as two of the four bytes.
    if (unit >= 0x80) bytes += unit >= 0x800 && (unit < 0xd800 || unit > 0xdfff) ? 2 : 1;
  }
  return bytes;
}

function bad(what: string, wanted: string): BaseError {
  return new BaseError("bad-message", `${what} of a request message is not ${wanted}`);
}
