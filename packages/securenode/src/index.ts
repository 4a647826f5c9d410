// Identities, encrypted channels, signed and sealed messages, for a node alone and under every network.
export { SecureError, type SecureErrorCode } from "./errors.js";
