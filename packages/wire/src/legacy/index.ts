// The 0.7 profile: what the last py2p and js2p releases speak, byte for byte.
export { type AnyMessage, codec, type DecodedMessage, type StreamDecoder, type WireCodec } from "./codec.js";
export { compressions07 } from "./compressions.js";
export { type Dialect, dialectOf, dialects, fromForm, type TextForm, toForm } from "./dialect.js";
export { type AnyKey, AnyMap, Float64, type Value07 } from "./extras.js";
export { type Decoded07, decodeBody07, type EncodeOptions07, encodeFrame07, frame07, type Message07 } from "./frame.js";
export { FrameDecoder07 } from "./frame-decoder.js";
export { type AddressStyle, type NodeIdSource07, networkId07, nodeId07 } from "./ids.js";
export { defaultLimits07 } from "./limits.js";
