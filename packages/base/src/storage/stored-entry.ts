// Values as databases keep them: their encoded bytes behind a checksum of key and bytes, so that damage is seen.
import { decodeValue, encodeValue, type WireValue } from "@p2p/wire";

const checksumBytes = 4;

export function encodeEntry(key: Uint8Array, value: WireValue): Uint8Array {
  const bytes = encodeValue(value);
  const entry = new Uint8Array(checksumBytes + bytes.length);
  entry.set(bytes, checksumBytes);
  new DataView(entry.buffer).setUint32(0, checksum(key, bytes));
  return entry;
}

/** @throws WireError, RangeError for a damaged entry */
export function decodeEntry(key: Uint8Array, entry: Uint8Array): WireValue {
  if (entry.length <= checksumBytes) throw new RangeError("the entry is too short");
  const bytes = entry.subarray(checksumBytes);
  const expected = new DataView(entry.buffer, entry.byteOffset, checksumBytes).getUint32(0);
  if (checksum(key, bytes) !== expected) throw new RangeError("the checksum does not fit");
  return decodeValue(bytes);
}

/** FNV-1a, 32 bits, over the key and the bytes: against accidents, not against attacks. */
function checksum(key: Uint8Array, bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (const byte of key) hash = Math.imul(hash ^ byte, 0x01000193);
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}
