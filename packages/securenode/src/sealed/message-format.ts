// The bytes of a sealed message: what is in the clear, one part for each reader, the content [SEC-210].
import { SecureError } from "../errors.js";
import { keyBytes } from "../identity/node-id.js";
import { join } from "../primitives/join.js";
import { tagBytes } from "../primitives/primitives.js";
import { maxReaders, risingParts } from "./reader-keys.js";
import { stanzaBytes } from "./stanza.js";

/** Readers that are not named, at most: each reader tries every part. */
export const maxHiddenReaders = 16;

/** "p2p seal" and the version of the format. */
const magic = Uint8Array.of(0x70, 0x32, 0x70, 0x20, 0x73, 0x65, 0x61, 0x6c, 1);
const flagsAt = magic.length;
const countAt = flagsAt + 1;
export const checkAt: number = countAt + 2;
export const checkBytes = 32;
const keysAt = checkAt + checkBytes;
const flags = { sender: 1, hidden: 2 } as const;

/** A sealed message, taken apart. All bytes are views of it. */
export interface SealedParts {
  /** All before the stanzas. */
  readonly outline: Uint8Array;
  /** Outline and stanzas. */
  readonly head: Uint8Array;
  readonly check: Uint8Array;
  /** Ed25519, 32 bytes; undefined when nobody says who it is from. */
  readonly sender: Uint8Array | undefined;
  /** Ed25519 keys, in rising order; undefined when they are hidden. */
  readonly readers: readonly Uint8Array[] | undefined;
  /** In the order of the readers. */
  readonly stanzas: readonly Uint8Array[];
  readonly sealed: Uint8Array;
}

/** All before the stanzas, with zeroes in the place of the check. */
export function encodeOutline(
  sender: Uint8Array | undefined,
  readers: readonly Uint8Array[],
  isHidden: boolean,
): Uint8Array {
  const flag = (sender === undefined ? 0 : flags.sender) | (isHidden ? flags.hidden : 0);
  const count = Uint8Array.of(flag, readers.length >> 8, readers.length & 255);
  const keys = [...(sender === undefined ? [] : [sender]), ...(isHidden ? [] : readers)];
  return join([magic, count, new Uint8Array(checkBytes), ...keys]);
}

/** @throws SecureError `bad-sealed` */
export function decodeSealed(bytes: Uint8Array): SealedParts {
  if (magic.some((byte, index) => bytes[index] !== byte)) throw bad("it does not begin like one");
  const flag = bytes[flagsAt] ?? 0;
  if ((flag & ~(flags.sender | flags.hidden)) !== 0) throw bad("it is of a kind that is not known here");
  const isHidden = (flag & flags.hidden) !== 0;
  const count = ((bytes[countAt] ?? 0) << 8) | (bytes[countAt + 1] ?? 0);
  if (count < 1 || count > (isHidden ? maxHiddenReaders : maxReaders)) throw bad("it has none or too many readers");
  const readersAt = keysAt + ((flag & flags.sender) === 0 ? 0 : keyBytes);
  const stanzasAt = readersAt + (isHidden ? 0 : count * keyBytes);
  const sealedAt = stanzasAt + count * stanzaBytes;
  if (bytes.length < sealedAt + tagBytes) throw bad("its end is missing");
  const readers = risingParts(bytes.subarray(readersAt, stanzasAt), keyBytes);
  // What nobody is named by is put in order by itself, so that its place says nothing.
  const stanzas = partsOf(bytes.subarray(stanzasAt, sealedAt), isHidden);
  if (readers === undefined || stanzas === undefined) throw bad("its readers are not in order");
  return {
    outline: bytes.subarray(0, stanzasAt),
    head: bytes.subarray(0, sealedAt),
    check: bytes.subarray(checkAt, keysAt),
    sender: readersAt === keysAt ? undefined : bytes.subarray(keysAt, readersAt),
    readers: isHidden ? undefined : readers,
    stanzas,
    sealed: bytes.subarray(sealedAt),
  };
}

function partsOf(bytes: Uint8Array, areRising: boolean): readonly Uint8Array[] | undefined {
  if (areRising) return risingParts(bytes, stanzaBytes);
  const count = bytes.length / stanzaBytes;
  return Array.from({ length: count }, (_, index) => bytes.subarray(index * stanzaBytes, (index + 1) * stanzaBytes));
}

function bad(why: string): SecureError {
  return new SecureError("bad-sealed", `not a sealed message: ${why}`);
}
