// Message, node and network ids and the time of messages, written from the wire chapter.
import { createHash } from "node:crypto";
import type { NetworkIdParts, NodeIdParts } from "../codec/codec-target.js";
import { toBase58 } from "./base58.js";
import type { Defects } from "./defects.js";
import { noDefects } from "./defects.js";
import { frame } from "./frame.js";
import { toHex } from "./value.js";

function digest(name: string, ...parts: readonly (string | Uint8Array)[]): Uint8Array {
  const hash = createHash(name);
  for (const part of parts) hash.update(part);
  return new Uint8Array(hash.digest());
}

export function messageId(body: Uint8Array, defects: Defects = noDefects): Uint8Array {
  const id = digest("sha256", defects.has("id-of-frame") ? frame(body) : body);
  return defects.has("id-truncated") ? id.subarray(0, 20) : id;
}

export function networkId(parts: NetworkIdParts, defects: Defects = noDefects): Uint8Array {
  const pieces = [
    defects.has("network-id-no-name") ? "" : parts.name,
    defects.has("network-id-separator") ? ":" : "",
    defects.has("network-id-no-security") ? "" : parts.security,
    defects.has("network-id-no-version") ? "" : "1.0",
  ];
  return digest("sha256", ...pieces);
}

export function nodeId(parts: NodeIdParts, defects: Defects = noDefects): Uint8Array {
  const network = defects.has("node-id-network-hex") ? toHex(parts.networkId) : toBase58(parts.networkId);
  const pieces = [parts.address, network, parts.salt];
  if (defects.has("node-id-order")) pieces.reverse();
  if (!defects.has("node-id-sha256")) return digest("sha384", ...pieces);
  const short = digest("sha256", ...pieces);
  return Uint8Array.of(...short, ...short.subarray(0, 16));
}

/** Microseconds, strictly increasing. */
export function timestamps(clockMs: readonly number[], defects: Defects = noDefects): number[] {
  let last = 0;
  return clockMs.map((now) => {
    const micros = Math.floor(now * (defects.has("time-milliseconds") ? 1 : 1000));
    if (defects.has("time-backwards")) return micros;
    last = defects.has("time-repeats") ? Math.max(last, micros) : Math.max(last + 1, micros);
    return last;
  });
}
