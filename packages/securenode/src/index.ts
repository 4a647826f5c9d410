// Identities, encrypted channels, signed and sealed messages, for a node alone and under every network.
export { loadIdentity, saveIdentity } from "#key-store";
export type { Gate, GateVerdict, PeerList } from "./channel/gate.js";
export { type NoiseEvents, type NoiseOptions, type NoiseSecurity, noise } from "./channel/noise.js";
export type { Purpose } from "./domain-tags.js";
export { SecureError, type SecureErrorCode } from "./errors.js";
export { Identity, verifySigned } from "./identity/identity.js";
export type { PublicJwk, SecretJwk } from "./identity/jwk.js";
export type { LoadIdentityOptions, SaveIdentityOptions } from "./identity/key-store-options.js";
export { nodeIdOfKey } from "./identity/node-id.js";
export { parsePublicKey } from "./identity/public-key.js";
export { decodeRotation, encodeRotation, type Rotation } from "./identity/rotation.js";
export type { ScryptCost } from "./primitives/scrypt-cost.js";
export { type OwnerOptions, type ParseDataOptions, type SealDataOptions, SealedData } from "./sealed/sealed-data.js";
export { type SealOptions, seal, type Unsealed, type UnsealOptions, unseal } from "./sealed/sealed-message.js";
