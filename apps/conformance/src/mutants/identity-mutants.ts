// The reference implementation of identities with one defect each.
import { referenceTarget } from "../reference/reference-target.js";
import type { SecureDefect } from "../reference/secure/defects.js";
import { secureReference } from "../reference/secure/target.js";
import type { CodecMutant } from "./mutant.js";

/** Defect, what is wrong, requirements broken. */
const lines: readonly (readonly [defect: SecureDefect, what: string, breaks: string])[] = [
  ["id-no-tag", "makes ids without the tag", "SEC-006 SEC-010"],
  ["id-sha256", "makes ids by SHA-256", "SEC-010"],
  ["pem-version-2", "writes version 2 of PKCS#8", "SEC-012"],
  ["pem-takes-any", "takes any PEM for a key", "SEC-012"],
  ["jwk-other-crv", "names another curve", "SEC-013"],
  ["jwk-any-pair", "does not compare the keys of a JSON Web Key", "SEC-013"],
  ["text-no-checksum", "writes and checks no checksum", "SEC-014"],
  ["text-other-prefix", "writes another prefix", "SEC-014"],
  ["file-no-associated-data", "does not bind the head of a key file", "SEC-015 SEC-018"],
  ["file-no-normal-form", "takes passwords as they are typed", "SEC-015"],
  ["file-any-cost", "computes whatever a file asks for", "SEC-017"],
  ["file-one-error", "calls a damaged file a wrong password", "SEC-018"],
  ["rotation-no-tag", "signs rotations without a tag", "SEC-006 SEC-020"],
  ["rotation-no-time", "does not sign the time of a rotation", "SEC-020"],
  ["rotation-one-signature", "does not look at the new key's signature", "SEC-021"],
  ["rotation-same-key", "rotates a key to itself", "SEC-021"],
  ["rotation-any-length", "reads statements of any length", "SEC-022"],
  ["rotation-strict-members", "refuses members that it does not know", "SEC-007"],
  ["envelope-not-last", "puts something behind the envelope", "SEC-070"],
  ["envelope-no-network", "does not sign the network", "SEC-071"],
  ["envelope-no-tag", "signs messages without a tag", "SEC-006 SEC-071"],
  ["envelope-not-verified", "takes every signature", "SEC-071"],
  ["leaf-no-tag", "hashes messages without a tag", "SEC-006 SEC-084"],
  ["leaf-with-header", "hashes the header of the proof", "SEC-084"],
  ["branch-no-tag", "hashes pairs of hashes without a tag", "SEC-006 SEC-085"],
  ["sides-swapped", "takes left for right", "SEC-085"],
  ["owned-no-name", "takes keys without a name for owned", "SEC-090"],
  ["owned-any-length", "takes any short text for an id", "SEC-090"],
  ["owned-no-tag", "signs writes of owned keys without a tag", "SEC-006 SEC-091"],
  ["owned-no-hash", "signs values, not their hashes", "SEC-092"],
  ["owned-as-written", "signs maps in the order in which they were made", "SEC-092"],
  ["owned-no-network", "does not sign the network of an owned key", "SEC-092"],
  ["owned-one-realm", "signs for a table what is for a ring", "SEC-092"],
  ["owned-long-proof", "takes a proof with something behind it", "SEC-093"],
  ["owned-any-key", "takes proofs by keys that are not the owner's", "SEC-093"],
  ["owned-not-verified", "takes every proof", "SEC-091 SEC-093"],
  ["verify-cofactor", "verifies with the cofactor", "SEC-083"],
  ["verify-any-key", "verifies under keys of small order", "SEC-083"],
];

export function identityMutants(): readonly CodecMutant[] {
  return lines.map(([defect, what, breaks]) => ({
    kind: "codec",
    id: `codec/${defect}`,
    what,
    breaks: breaks.split(" "),
    target: { ...referenceTarget(), secure: secureReference(defect) },
  }));
}
