// SHA-2 by @noble/hashes: the portable path of #hash.
export { sha256, sha384 } from "@noble/hashes/sha2.js";
