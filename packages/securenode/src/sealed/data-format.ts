// The bytes of sealed data: what everybody can verify, one part for each reader, the content, the owner's signature [SEC-220].
import { SecureError } from "../errors.js";
import { keyBytes } from "../identity/node-id.js";
import { join } from "../primitives/join.js";
import { tagBytes } from "../primitives/primitives.js";
import { compareBytes, maxReaders, risingParts } from "./reader-keys.js";
import { stanzaBytes } from "./stanza.js";

/** "p2p data" and the format. */
const magic = Uint8Array.of(0x70, 0x32, 0x70, 0x20, 0x64, 0x61, 0x74, 0x61, 1);
const versionAt = magic.length;
const countAt = versionAt + 8;
const ownerAt = countAt + 2;
const checkAt = ownerAt + keyBytes;
const readersAt = checkAt + 32;
const signatureBytes = 64;

/** What stands before the content. */
export interface DataHead {
  /** From 1 up. */
  readonly version: number;
  /** Ed25519, 32 bytes. */
  readonly owner: Uint8Array;
  /** 32 bytes that only one secret makes. */
  readonly check: Uint8Array;
  /** Ed25519 keys, in rising order. */
  readonly readers: readonly Uint8Array[];
  /** In the order of the readers. */
  readonly stanzas: readonly Uint8Array[];
}

/** Sealed data, taken apart. All bytes are views of it. */
export interface DataParts extends DataHead {
  readonly head: Uint8Array;
  readonly sealed: Uint8Array;
  readonly signature: Uint8Array;
}

export function encodeHead({ version, owner, check, readers, stanzas }: DataHead): Uint8Array {
  const numbers = new Uint8Array(ownerAt - versionAt);
  const view = new DataView(numbers.buffer);
  view.setBigUint64(0, BigInt(version));
  view.setUint16(countAt - versionAt, readers.length);
  return join([magic, numbers, owner, check, ...readers, ...stanzas]);
}

/** @throws SecureError `bad-sealed` */
export function decodeData(bytes: Uint8Array): DataParts {
  if (magic.some((byte, index) => bytes[index] !== byte)) throw bad("they do not begin like it");
  if (bytes.length < readersAt) throw bad("their end is missing");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const version = Number(view.getBigUint64(versionAt));
  if (!Number.isSafeInteger(version) || version < 1) throw bad("they have a version that there is not");
  const count = view.getUint16(countAt);
  if (count < 1 || count > maxReaders) throw bad("they have none or too many readers");
  const stanzasAt = readersAt + count * keyBytes;
  const contentAt = stanzasAt + count * stanzaBytes;
  const signatureAt = bytes.length - signatureBytes;
  if (signatureAt < contentAt + tagBytes) throw bad("their end is missing");
  const owner = bytes.subarray(ownerAt, checkAt);
  const readers = risingParts(bytes.subarray(readersAt, stanzasAt), keyBytes);
  if (readers === undefined) throw bad("their readers are not in order");
  if (!readers.some((reader) => compareBytes(reader, owner) === 0)) throw bad("their owner is no reader");
  const stanzaAt = (index: number): number => stanzasAt + index * stanzaBytes;
  return {
    version,
    owner,
    check: bytes.subarray(checkAt, readersAt),
    readers,
    stanzas: readers.map((_, index) => bytes.subarray(stanzaAt(index), stanzaAt(index + 1))),
    head: bytes.subarray(0, contentAt),
    sealed: bytes.subarray(contentAt, signatureAt),
    signature: bytes.subarray(signatureAt),
  };
}

function bad(why: string): SecureError {
  return new SecureError("bad-sealed", `the bytes are no sealed data: ${why}`);
}
