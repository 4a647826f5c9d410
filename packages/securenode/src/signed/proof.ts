// The proof of a message, the last bytes of its body: how it leads to a root, and the signature of the root [SEC-070] [SEC-086].
import { hashBytes, type LeafPath, maxPathHashes } from "./leaf-tree.js";

export const signatureBytes = 64;

/** The proof of a message alone: the signature. */
export const shortestProofBytes: number = signatureBytes;

export interface Proof extends LeafPath {
  /** 64 bytes. */
  readonly signature: Uint8Array;
}

/** Bytes of a proof with so many hashes. */
export function proofBytes(hashes: number): number {
  return signatureBytes + (hashes === 0 ? 0 : 1 + hashes * hashBytes);
}

/** Bytes of the header of a byte string of so many bytes, in its shortest form. */
export function headerBytesOf(length: number): 2 | 3 {
  return length < 256 ? 2 : 3;
}

/** Writes header and proof to the end of `bytes`. */
export function encodeProof({ sides, hashes, signature }: Proof, bytes: Uint8Array): void {
  const length = proofBytes(hashes.length);
  let at = bytes.length - length;
  if (headerBytesOf(length) === 2) bytes.set([0xc4, length], at - 2);
  else bytes.set([0xc5, length >>> 8, length & 0xff], at - 3);
  if (hashes.length > 0) bytes[at++] = sides;
  for (const hash of hashes) {
    bytes.set(hash, at);
    at += hashBytes;
  }
  bytes.set(signature, at);
}

/** Views of the bytes. Undefined for what is no proof. */
export function decodeProof(bytes: Uint8Array): Proof | undefined {
  const { length } = bytes;
  const signature = bytes.subarray(length - signatureBytes);
  if (length === signatureBytes) return { sides: 0, hashes: [], signature };
  const count = (length - signatureBytes - 1) / hashBytes;
  const sides = bytes[0] ?? 0;
  if (!Number.isInteger(count) || count < 1 || count > maxPathHashes || sides >>> count !== 0) return undefined;
  const hashes: Uint8Array[] = [];
  for (let at = 1; at < length - signatureBytes; at += hashBytes) hashes.push(bytes.subarray(at, at + hashBytes));
  return { sides, hashes, signature };
}
