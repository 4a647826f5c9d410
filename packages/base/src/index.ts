// A peer-to-peer node with connections: connect, send, request and respond, events, reconnect.
export { tcpTransport } from "#tcp";
export { type Address, formatAddress, parseAddress } from "./address.js";
export { type BudgetAccount, MemoryBudget } from "./budget.js";
export { type Clock, systemClock, type TimerHandle } from "./clock.js";
export { Counters } from "./counters.js";
export { Trace } from "./diagnostics.js";
export { BaseError, type BaseErrorCode, type BaseErrorOptions } from "./errors.js";
export { Emitter, type EventListener, type EventMap, type ListenOptions } from "./events.js";
export { defaultNodeLimits, type NodeLimits, resolveLimits } from "./limits.js";
export { MemoryNetwork, type MemoryTransportOptions, memoryTransport } from "./memory.js";
export { MessageStream, type MessageStreamOptions } from "./message-stream.js";
export { type Random, systemRandom } from "./random.js";
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
export const name = "@p2p/base";
