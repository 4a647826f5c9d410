// For tests of this and other packages: time and randomness under control, and the contract of transports.
export { ChannelRecorder } from "./channel-recorder.js";
export { ManualClock } from "./manual-clock.js";
export { bytesOf, frameOf, type RawClose, RawPeer, type RawPeerOptions } from "./raw-peer.js";
export { type SecuredTransportOptions, securedTransport } from "./secured-transport.js";
export { seededRandom } from "./seeded-random.js";
export { toyProofs } from "./toy-proofs.js";
export { type TransportContractOptions, transportContract } from "./transport-contract.js";
