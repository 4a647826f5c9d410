// Application messages to one node: the items of the whisper, and what the application gets [BASE-070] [BASE-200].
import { flags, type NodeId, type WireValue } from "@p2p/wire";
import type { Connection } from "../connection/connection.js";
import { BaseError } from "../errors.js";
import { requestFieldLimits } from "../requests/request-messages.js";
import type { Message } from "./message.js";

/** The type of messages that name none. */
export const defaultMessageType = "message";

/** An application message as it came over a connection, or through the router of a network. */
export class ReceivedMessage implements Message {
  readonly type: string;
  readonly data: WireValue;
  readonly from: NodeId;
  readonly time: number;
  /** The connection it came over; undefined when it was routed. */
  readonly connection: Connection | undefined;
  /** Length of the body it came in: what it weighs in a buffer. */
  readonly bytes: number;

  constructor(
    type: string,
    data: WireValue,
    from: NodeId,
    time: number,
    connection: Connection | undefined,
    bytes: number,
  ) {
    this.type = type;
    this.data = data;
    this.from = from;
    this.time = time;
    this.connection = connection;
    this.bytes = bytes;
  }
}

/** The items of an application message. @throws RangeError for a type of 0 or more than 255 bytes */
export function encodeAppMessage(data: WireValue, type: string): readonly WireValue[] {
  checkMessageType(type);
  return [flags.subtypes.whisper, type, data];
}

/** @throws RangeError for a type of 0 or more than 255 bytes */
export function checkMessageType(type: string): void {
  if (type !== defaultMessageType && !isMessageType(type)) {
    throw new RangeError(`the type of a message has 1 to ${requestFieldLimits.typeBytes} bytes of UTF-8`);
  }
}

/** Checks the items of an application message. @throws BaseError `bad-message`: close with `protocol` */
export function decodeAppMessage(items: readonly WireValue[]): readonly [type: string, data: WireValue] {
  const type = items[1];
  const data = items[2];
  if (typeof type !== "string" || !isMessageType(type)) {
    throw new BaseError(
      "bad-message",
      `the type of a message is not text of 1 to ${requestFieldLimits.typeBytes} bytes`,
    );
  }
  if (data === undefined) throw new BaseError("bad-message", "a message has no data");
  return [type, data];
}

const encoder = new TextEncoder();

function isMessageType(type: string): boolean {
  const { typeBytes } = requestFieldLimits;
  if (type.length * 3 <= typeBytes) return type.length > 0;
  return type.length <= typeBytes && encoder.encode(type).length <= typeBytes;
}
