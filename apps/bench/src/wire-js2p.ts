// js2p 0.7.870 as the wire benchmark uses it: its message class, without sockets and without compression.
import js2p from "js2p";

const { InternalMessage } = js2p.base;
const sender = "6VnzrPUNY8kLJ9eXAwsyd4eNGhUrYpSGFRkvDvuD8FktZqgYBRfFtUqRJUD2ZPKUTv";

/** Encodes broadcasts of the payload. */
export function js2pEncoder(payload: Uint8Array): (count: number) => number {
  const buffer = Buffer.from(payload);
  return (count) => {
    let sum = 0;
    for (let index = 0; index < count; index++) {
      sum += new InternalMessage(0, sender, [0, "message", buffer]).string[4] as number;
    }
    return sum;
  };
}

/** Decodes one frame again and again; js2p checks its checksum, which is the message id. */
export function js2pDecoder(payload: Uint8Array): (count: number) => number {
  const frame = new InternalMessage(0, sender, [0, "message", Buffer.from(payload)]).string;
  return (count) => {
    let sum = 0;
    for (let index = 0; index < count; index++) sum += InternalMessage.feed_string(frame, false, []).packets.length;
    return sum;
  };
}
