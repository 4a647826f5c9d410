// Keys that others gave, and statements that one key takes the place of another. Sections 2 and 4 of securenode.md.
export type { PublicJwk, SecretJwk } from "./identity/jwk.js";
export { parsePublicKey } from "./identity/public-key.js";
export { decodeRotation, encodeRotation, type Rotation } from "./identity/rotation.js";
