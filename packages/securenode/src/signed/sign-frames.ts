// Signs frames, one or many by one signature, each with a proof of its own [SEC-071] [SEC-084].
import { frameBody } from "@p2p/wire";
import { coveredBytes } from "./envelope.js";
import { LeafTree, leafHash } from "./leaf-tree.js";
import { encodeProof, headerBytesOf, proofBytes, shortestProofBytes } from "./proof.js";

/**
 * @param frames whose last items are of `envelopeItem`; a single one is changed, many are copied
 * @param sign makes the signature of a root
 * @throws RangeError for none, or more than 256
 */
export function signFrames(
  frames: readonly Uint8Array[],
  sign: (root: Uint8Array) => Uint8Array,
): readonly Uint8Array[] {
  const tree = new LeafTree(frames.map((frame) => leafHash(coveredBytes(frameBody(frame), shortestProofBytes))));
  const signature = sign(tree.root);
  const proofs = frames.map((_, index) => ({ ...tree.path(index), signature }));
  if (frames.length === 1) {
    for (const [index, proof] of proofs.entries()) encodeProof(proof, frames[index] ?? new Uint8Array(0));
    return frames;
  }
  const lengths = frames.map((frame, index) => {
    const length = proofBytes(proofs[index]?.hashes.length ?? 0);
    return coveredBytes(frame, shortestProofBytes).length + headerBytesOf(length) + length;
  });
  // In one piece, so that it is written in one.
  const all = new Uint8Array(lengths.reduce((sum, length) => sum + length, 0));
  let start = 0;
  return proofs.map((proof, index) => {
    const end = start + (lengths[index] ?? 0);
    const signed = all.subarray(start, end);
    signed.set(coveredBytes(frames[index] ?? signed, shortestProofBytes));
    new DataView(all.buffer).setUint32(start, signed.length - 4);
    encodeProof(proof, signed);
    start = end;
    return signed;
  });
}
