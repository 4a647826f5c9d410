// Sealed messages and data, for whoever carries or stores them: no node, no network. Sections 2 and 3 of securenode-sealed.md.
export { type OwnerOptions, type ParseDataOptions, type SealDataOptions, SealedData } from "./sealed/sealed-data.js";
export { type SealOptions, seal, type Unsealed, type UnsealOptions, unseal } from "./sealed/sealed-message.js";
