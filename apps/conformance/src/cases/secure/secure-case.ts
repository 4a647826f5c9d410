// What cases on identities and signatures have in common.
import type { CodecTarget } from "../../codec/codec-target.js";
import type { SecureTarget } from "../../codec/secure-target.js";
import type { CodecCase } from "../../runner/case.js";
import { CaseSkipped } from "../../runner/skip.js";
import { codecCase } from "../define.js";

function secureOf(target: CodecTarget): SecureTarget {
  if (!target.secure) throw new CaseSkipped("the target has no identities");
  return target.secure;
}

export function secureCase(
  id: string,
  requirements: string,
  title: string,
  run: (secure: SecureTarget) => Promise<void>,
): CodecCase {
  return codecCase(`secure/identities/${id}`, requirements, title, (target) => run(secureOf(target)));
}

export function turned(bytes: Uint8Array, at: number): Uint8Array {
  const copy = bytes.slice();
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}
