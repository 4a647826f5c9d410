// The in-memory transport: nodes of one process talk without sockets, in an order that is always the same [BASE-120].

import { BaseError } from "../errors.js";
import { type Clock, systemClock } from "../runtime/clock.js";
import { formatAddress, parseAddressOf } from "./address.js";
import { createMemoryPair } from "./memory-channel.js";
import type { Channel, DialOptions, Listener, Transport } from "./transport.js";

export const memoryScheme = "memory";

/** Names of one in-memory world; nodes of different networks never meet. */
export class MemoryNetwork {
  readonly #listeners = new Map<string, (channel: Channel) => void>();
  #lastNumber = 0;

  /** Takes an address. @throws BaseError `listen-in-use` */
  bind(address: string, onChannel: (channel: Channel) => void): void {
    if (this.#listeners.has(address)) {
      throw new BaseError("listen-in-use", `${address} is taken in this process; listen under another name`);
    }
    this.#listeners.set(address, onChannel);
  }

  /** Gives an address back, if it is still bound to this callback. */
  unbind(address: string, onChannel: (channel: Channel) => void): void {
    if (this.#listeners.get(address) === onChannel) this.#listeners.delete(address);
  }

  /** Who listens there. */
  listener(address: string): ((channel: Channel) => void) | undefined {
    return this.#listeners.get(address);
  }

  /** An address that nobody listens at: `memory://<host>:<n>`. */
  freshAddress(host: string): string {
    for (;;) {
      this.#lastNumber = (this.#lastNumber % 65_535) + 1;
      const address = formatAddress({ scheme: memoryScheme, host, port: this.#lastNumber });
      if (!this.#listeners.has(address)) return address;
    }
  }
}

/** The world that all in-memory transports of the process share unless told otherwise. */
export const processMemoryNetwork: MemoryNetwork = new MemoryNetwork();

export interface MemoryTransportOptions {
  /** Where names live. Default: one network for the whole process. */
  readonly network?: MemoryNetwork;
  /** Delivers through its queue. Default: {@link systemClock}. */
  readonly clock?: Clock;
  /** Bytes of one direction in flight from which `write` answers false. Default: 65,536. */
  readonly bufferBytes?: number;
}

/**
 * Makes the transport of `memory://name`. Port 0 (`memory://name:0`) takes a number that is free.
 * Section "Addresses and transports".
 */
export function memoryTransport(options: MemoryTransportOptions = {}): Transport {
  const { network = processMemoryNetwork, clock = systemClock, bufferBytes = 65_536 } = options;
  return {
    scheme: memoryScheme,

    async dial(address: string, { signal }: DialOptions): Promise<Channel> {
      signal.throwIfAborted();
      const remoteAddress = canonical(address);
      await new Promise<void>((resolve) => clock.queue(resolve));
      signal.throwIfAborted();
      const onChannel = network.listener(remoteAddress);
      if (onChannel === undefined) {
        const message = `nobody listens at ${remoteAddress} in this process; open the listening node first`;
        throw new BaseError("dial-refused", message, { peer: remoteAddress });
      }
      const localAddress = network.freshAddress("dialer");
      const [near, far] = createMemoryPair({ clock, bufferBytes, localAddress, remoteAddress });
      onChannel(far);
      return near;
    },

    async listen(address: string, onChannel: (channel: Channel) => void): Promise<Listener> {
      const { host, port } = parseAddressOf(memoryScheme, address);
      const bound = port === 0 ? network.freshAddress(host) : canonical(address);
      // A closure of its own, so that closing twice cannot unbind a later listener with the same callback.
      const accept = (channel: Channel): void => onChannel(channel);
      network.bind(bound, accept);
      return {
        address: bound,
        close: async () => network.unbind(bound, accept),
      };
    },
  };
}

/** The text under which a name is bound: without the pin. */
function canonical(address: string): string {
  const { host, port } = parseAddressOf(memoryScheme, address);
  return formatAddress({ scheme: memoryScheme, host, ...(port === undefined ? {} : { port }) });
}
