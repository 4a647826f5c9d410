// A peer-to-peer node with connections: connect, send, request and respond, events, reconnect.
export { tcpTransport } from "#tcp";
export { type Address, formatAddress, parseAddress } from "./address.js";
export { ReceivedMessage } from "./app-message.js";
export type { RequestOptions } from "./asking.js";
export { type BudgetAccount, MemoryBudget } from "./budget.js";
export { type Clock, systemClock, type TimerHandle } from "./clock.js";
export { type CloseName, type CloseReason, lostCode } from "./close-reason.js";
export type { Connection, Direction } from "./connection.js";
export { Counters } from "./counters.js";
export { Trace } from "./diagnostics.js";
export { BaseError, type BaseErrorCode, type BaseErrorOptions } from "./errors.js";
export { Emitter, type EventListener, type EventMap, type ListenOptions } from "./events.js";
export type { Handler, HandlerContext } from "./handlers.js";
export { defaultNodeLimits, type NodeLimits, resolveLimits } from "./limits.js";
export { MemoryNetwork, type MemoryTransportOptions, memoryTransport } from "./memory.js";
export type { Message } from "./message.js";
export { MessageStream, type MessageStreamOptions } from "./message-stream.js";
export { type DialNodeOptions, Node, type SendOptions } from "./node.js";
export type { NodeEvents } from "./node-events.js";
export type { NodeTraceEvent } from "./node-trace.js";
export type { NodeOptions, PeerFacts } from "./options.js";
export type { Protocol } from "./protocol.js";
export { type Random, systemRandom } from "./random.js";
export type { RequestLimits } from "./request-limits.js";
export type {
  Channel,
  ChannelHandler,
  DialOptions,
  Listener,
  SecureChannel,
  Security,
  SecurityContext,
  Transport,
} from "./transport.js";
