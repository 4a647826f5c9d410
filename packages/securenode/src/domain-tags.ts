// What a hash or a signature is for, in front of what is hashed or signed: bytes made for one purpose serve no other [SEC-006].
import { join } from "./primitives/join.js";

/** The purposes; spec/securenode.md, section 1, and spec/securenode-sealed.md, section 1. */
const tags = {
  nodeId: "p2p/1 node id",
  channel: "p2p/1 channel",
  channelIdentity: "p2p/1 channel identity",
  rotation: "p2p/1 rotation",
  envelope: "p2p/1 envelope",
  leaf: "p2p/1 leaf",
  branch: "p2p/1 branch",
  owned: "p2p/1 owned",
  sealedMessage: "p2p/1 sealed message",
  sealedData: "p2p/1 sealed data",
  contentKey: "p2p/1 content key",
  contentCheck: "p2p/1 content check",
  letter: "p2p/1 letter",
  answer: "p2p/1 answer",
  application: "p2p/1 application",
} as const;

export type Purpose = keyof typeof tags;

export function isPurpose(name: string): name is Purpose {
  return Object.hasOwn(tags, name);
}

const encoder = new TextEncoder();

/** The tag in ASCII and a zero byte. */
export function tagBytes(purpose: Purpose): Uint8Array {
  return encoder.encode(`${tags[purpose]}\0`);
}

/** The tag, and the parts. */
export function tagged(purpose: Purpose, ...parts: readonly Uint8Array[]): Uint8Array {
  return join([tagBytes(purpose), ...parts]);
}
