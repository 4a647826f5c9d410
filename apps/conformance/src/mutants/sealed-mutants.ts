// The reference implementation of sealed things with one defect each.
import { referenceTarget } from "../reference/reference-target.js";
import type { SealedDefect } from "../reference/secure/sealed-defects.js";
import { sealedReference } from "../reference/secure/sealed-target.js";
import type { CodecMutant } from "./mutant.js";

/** Defect, what is wrong, requirements broken. */
const lines: readonly (readonly [defect: SealedDefect, what: string, breaks: string])[] = [
  ["seal-other-suite", "names another cipher in HPKE's suite", "SEC-201"],
  ["seal-one-encapsulation", "has one encapsulation for all readers", "SEC-201"],
  ["seal-u-inverted", "makes the inverse of u", "SEC-202"],
  ["seal-u-sign", "takes the sign bit into y", "SEC-202"],
  ["seal-secret-sha256", "makes the secret X25519 key by SHA-256", "SEC-203"],
  ["seal-any-key", "takes keys whose y is too high", "SEC-204"],
  ["seal-zeroes", "agrees on zeroes", "SEC-204"],
  ["seal-stanza-order", "puts the encapsulation behind the secret", "SEC-205"],
  ["seal-content-key", "makes the key of a content without a tag", "SEC-206"],
  ["seal-content-nonce", "encrypts contents with another nonce", "SEC-206"],
  ["seal-any-content", "takes a content that is no value", "SEC-206"],
  ["seal-readers-as-given", "writes readers as they are given", "SEC-208"],
  ["seal-readers-any-order", "takes readers in any order", "SEC-208"],
  ["seal-any-readers", "takes any number of readers", "SEC-209"],
  ["seal-any-version", "takes any version of the form", "SEC-209"],
  ["seal-any-flags", "takes flags that it does not know", "SEC-209"],
  ["message-any-magic", "takes messages that begin otherwise", "SEC-210"],
  ["message-hidden-order", "leaves hidden stanzas in any order", "SEC-210"],
  ["message-mode-base", "seals in mode base though it names a sender", "SEC-211"],
  ["message-no-info", "seals stanzas of messages without the tag", "SEC-211"],
  ["message-no-check", "does not look at the check", "SEC-212"],
  ["message-check-alone", "ties the check to the secret alone", "SEC-212"],
  ["message-content-alone", "does not tie the content to its head", "SEC-213"],
  ["message-any-context", "leaves the context out", "SEC-214"],
  ["message-tries-all", "tries the stanzas of others", "SEC-215"],
  ["message-hidden-first", "tries the first of hidden stanzas alone", "SEC-215"],
  ["message-any-hidden", "takes any number of hidden readers", "SEC-217"],
  ["data-any-magic", "takes data that begins otherwise", "SEC-220"],
  ["data-version-zero", "takes version 0", "SEC-220"],
  ["data-large-version", "takes versions of 2^53 and more", "SEC-220"],
  ["data-without-owner", "takes data that its owner cannot read", "SEC-220"],
  ["data-not-verified", "does not verify the signature of data", "SEC-221"],
  ["data-no-context", "does not sign the context", "SEC-221"],
  ["data-stanza-no-reader", "does not tie a stanza of data to its reader", "SEC-222"],
  ["data-no-check", "does not look at the check of data", "SEC-223"],
  ["data-check-alone", "makes the check of data without a tag", "SEC-223"],
  ["data-content-alone", "does not tie the content of data to its owner", "SEC-224"],
  ["data-grant-anew", "draws a new secret for a grant", "SEC-225"],
  ["data-grant-same-version", "grants without a new version", "SEC-225"],
  ["data-revoke-keeps", "keeps the secret when it revokes", "SEC-226"],
  ["data-update-keeps", "keeps the secret when the value changes", "SEC-226"],
  ["data-any-age", "takes versions before the known one", "SEC-227"],
  ["data-changes-old", "makes versions out of old ones", "SEC-228"],
  ["data-changes-any", "makes versions out of what it did not sign", "SEC-228"],
];

export function sealedMutants(): readonly CodecMutant[] {
  return lines.map(([defect, what, breaks]) => ({
    kind: "codec",
    id: `codec/${defect}`,
    what,
    breaks: breaks.split(" "),
    target: { ...referenceTarget(), sealed: sealedReference(defect) },
  }));
}
