// An unorganised broadcast network: what one node broadcasts, every node gets, once.
export { type NodeId, parseNodeId, type WireValue } from "@p2p/wire";
export type { Carried, CarriedSender, Carrier } from "./carrier.js";
export { MeshError, type MeshErrorCode } from "./errors.js";
export { type BroadcastOptions, type DirectOptions, Mesh, type ReadyOptions } from "./mesh.js";
export type { MeshEvents } from "./mesh-events.js";
export type { Message } from "./message.js";
export { defaultMeshLimits, type MeshLimits, type MeshOptions, meshOptionNames } from "./options.js";
export { type MeshCounters, meshFeature } from "./participant.js";
export type { Validator, Verdict } from "./validators.js";
