// A peer-to-peer node with connections: connect, send, request and respond, events, reconnect.
export { type NodeId, parseNodeId, type WireValue } from "@p2p/wire";
export { tcpTransport } from "#tcp";
export type { DialNodeOptions, SendOptions } from "./call-options.js";
export type { Connection, Direction } from "./connection/connection.js";
export { hopelessDials } from "./dialling/dial-errors.js";
export { BaseError, type BaseErrorCode, type BaseErrorOptions } from "./errors.js";
export { checkOptions, type NamesOf, shownValue, takeOptions } from "./known-names.js";
export { type BudgetAccount, MemoryBudget } from "./limits/budget.js";
export { Counters } from "./limits/counters.js";
export { defaultNodeLimits, type NodeLimits, resolveLimits } from "./limits/limits.js";
export { TokenBuckets } from "./limits/token-buckets.js";
export { wholeLimits } from "./limits/whole-limits.js";
export { ReceivedMessage } from "./messages/app-message.js";
export type { Handler, HandlerContext } from "./messages/handlers.js";
export type { Message } from "./messages/message.js";
export type { Protocol } from "./messages/protocol.js";
export type { Signing, SigningContext, SigningVerdict } from "./messages/signing.js";
export { Node } from "./node.js";
export type { NodeEvents } from "./node-events.js";
export type { NodeSeams } from "./node-seams.js";
export type { NodeTraceEvent } from "./node-trace.js";
export { type NodeOptions, nodeOptionNames, type PeerFacts } from "./options.js";
export { canonicalBytes, canonicalValue, compareTexts } from "./owned/canonical-value.js";
export { ownedKey, ownerOf } from "./owned/owned-key.js";
export { encodeStatement, type OwnedRecord } from "./owned/owned-record.js";
export { maxProofBytes, type Proofs } from "./owned/proofs.js";
export type { RequestOptions } from "./requests/asking.js";
export type { RequestLimits } from "./requests/request-limits.js";
export { type Clock, systemClock, type TimerHandle } from "./runtime/clock.js";
export { Trace } from "./runtime/diagnostics.js";
export { Emitter, type EventListener, type EventMap, type ListenOptions } from "./runtime/events.js";
export { HybridClock } from "./runtime/hybrid-clock.js";
export { MessageStream, type MessageStreamOptions } from "./runtime/message-stream.js";
export { type Random, systemRandom } from "./runtime/random.js";
export { orAborted, Waiters } from "./runtime/waiters.js";
export { type CloseName, type CloseReason, lostCode } from "./session/close-reason.js";
export { GroupCommit, type GroupCommitParts } from "./storage/group-commit.js";
export {
  asBytes,
  checkLevel,
  type Level,
  type LevelIterator,
  type LevelOperation,
  readAll,
  whyFailed,
  writeAll,
} from "./storage/level.js";
export { decodeEntry, encodeEntry } from "./storage/stored-entry.js";
export { type Address, checkAddresses, formatAddress, parseAddress } from "./transport/address.js";
export { MemoryNetwork, type MemoryTransportOptions, memoryTransport } from "./transport/memory.js";
export { isDialable, isLocalAddress } from "./transport/told-addresses.js";
export type {
  Channel,
  ChannelHandler,
  DialOptions,
  Listener,
  SecureChannel,
  Security,
  SecurityContext,
  Transport,
} from "./transport/transport.js";
