// The wire format of the p2p protocol: frames, messages, ids and compression, with no I/O.
export { sha1, sha224, sha256, sha384, sha512 } from "#hash";
export { base58 } from "./base58.js";
export { type Body, decodeBody, encodeBody } from "./body.js";
export { type CompressOptions, compressFrame, inflateFrame } from "./compressed-frame.js";
export { decodeValue, encodeValue } from "./encoding.js";
export { WireError, type WireErrorCode } from "./errors.js";
export { type Frame, frameBody, frameOf } from "./frame.js";
export { FrameDecoder } from "./frame-decoder.js";
export { FrameWriter, type FrameWriterOptions } from "./frame-writer.js";
export { defaultLimits, highestFrameBytes, type WireLimits } from "./limits.js";
export { messageId, messageKey } from "./message-id.js";
export { networkId } from "./network-id.js";
export {
  deriveNodeId,
  type NodeId,
  type NodeIdSource,
  nodeIdFromBytes,
  nodeIdToBytes,
  parseNodeId,
} from "./node-id.js";
export { NodeIdCache } from "./node-id-cache.js";
export { closeCodes, codecs, flags } from "./registries.js";
export { Timestamper } from "./timestamper.js";
export { isUnsigned } from "./unsigned.js";
export type { WireValue } from "./value.js";
export { checkValues, encodeValues } from "./value-sequence.js";
