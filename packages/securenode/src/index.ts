// Identities, encrypted channels, signed messages, and the ready-made node: for a node alone and under every network.
export { loadIdentity, saveIdentity } from "#key-store";
export type { Gate } from "./channel/gate.js";
export { type NoiseEvents, type NoiseOptions, type NoiseSecurity, noise } from "./channel/noise.js";
export { SecureError, type SecureErrorCode } from "./errors.js";
export { Identity, verifySigned } from "./identity/identity.js";
export { nodeIdOfKey } from "./identity/node-id.js";
export { type VerifyOwnedOptions, verifyOwned } from "./owned/verify-owned.js";
export type { ReceivedLetter, SecureNodeEvents } from "./secure-node/events.js";
export type { NetworkGraph } from "./secure-node/graph.js";
export { defaultSecureNodeLimits, type SecureNodeLimits } from "./secure-node/limits.js";
export type { SecureNodeOptions } from "./secure-node/options.js";
export { SecureNode } from "./securenode.js";
