// Keys as one line of text, for a chat or a configuration file, with a checksum against mistakes in copying [SEC-014].
import { base58, sha256 } from "@p2p/wire";
import { SecureError } from "../errors.js";
import { join } from "../primitives/join.js";
import { isEqual } from "../secrets/is-equal.js";
import { keyBytes } from "./node-id.js";

type Kind = "public" | "secret";

const prefixes: Readonly<Record<Kind, string>> = { public: "p2p-public-", secret: "p2p-secret-" };
const checksumBytes = 4;

export function encodeKeyText(kind: Kind, key: Uint8Array): string {
  return prefixes[kind] + base58.encode(join([key, checksumOf(kind, key)]));
}

/** The 32 bytes. @throws SecureError `bad-key` */
export function decodeKeyText(kind: Kind, text: string): Uint8Array {
  const prefix = prefixes[kind];
  if (!text.startsWith(prefix)) throw new SecureError("bad-key", `the text of a ${kind} key begins with ${prefix}`);
  const bytes = unbase58(text.slice(prefix.length));
  const key = bytes?.slice(0, keyBytes);
  if (bytes === undefined || key === undefined || !isEqual(bytes.subarray(keyBytes), checksumOf(kind, key))) {
    throw new SecureError("bad-key", `not the text of a ${kind} key; copy it anew, in full`);
  }
  return key;
}

function unbase58(text: string): Uint8Array | undefined {
  try {
    return base58.decode(text, keyBytes + checksumBytes);
  } catch {
    return undefined;
  }
}

/** Of the prefix too: a secret key is never taken for a public one. */
function checksumOf(kind: Kind, key: Uint8Array): Uint8Array {
  return sha256(join([new TextEncoder().encode(prefixes[kind]), key])).subarray(0, checksumBytes);
}
