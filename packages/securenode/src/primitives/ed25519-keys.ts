// Public keys that no key pair has: of small order, or not in the one form of their point. Implementations differ about them,
// and nodes that differ would blame one another for what they pass on; so both files of #ed25519 refuse them [SEC-083].

/** The y of the points of order 1, 2, 4 and 8, as 32 bytes from the lowest. */
const smallOrder: readonly Uint8Array[] = [
  "0100000000000000000000000000000000000000000000000000000000000000",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "0000000000000000000000000000000000000000000000000000000000000000",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
].map((hex) => Uint8Array.from({ length: 32 }, (_, at) => Number.parseInt(hex.slice(2 * at, 2 * at + 2), 16)));

/** Whether 32 bytes can be the public key of a pair. They may still be no point. */
export function isProperPublicKey(publicKey: Uint8Array): boolean {
  if (publicKey.length !== 32 || !isBelowPrime(publicKey)) return false;
  return !smallOrder.some((y) => isSameButSign(publicKey, y));
}

/** Whether y is less than 2^255 - 19. */
function isBelowPrime(publicKey: Uint8Array): boolean {
  const high = (publicKey[31] ?? 0) & 0x7f;
  if (high < 0x7f) return true;
  for (let at = 30; at > 0; at--) if (publicKey[at] !== 0xff) return true;
  return (publicKey[0] ?? 0) < 0xed;
}

/** Whether two encodings agree but for the sign of x, which is the highest bit. */
function isSameButSign(a: Uint8Array, b: Uint8Array): boolean {
  for (let at = 0; at < 31; at++) if (a[at] !== b[at]) return false;
  return (((a[31] ?? 0) ^ (b[31] ?? 0)) & 0x7f) === 0;
}
