// Listening: from an address to connections that were admitted and secured.

import { BaseError } from "../errors.js";
import type { Admitted } from "../limits/admission.js";
import type { ResolvedNodeOptions } from "../options.js";
import { formatAddress, parseAddress } from "../transport/address.js";
import type { Channel, Listener, Transport } from "../transport/transport.js";
import type { Dialer } from "./dialer.js";
import type { Hub } from "./hub.js";

export class Listening {
  readonly #options: ResolvedNodeOptions;
  readonly #hub: Hub;
  readonly #dialer: Dialer;
  readonly #onError: (error: unknown) => void;
  #listeners: readonly Listener[] = [];
  #isClosed = false;

  constructor(options: ResolvedNodeOptions, hub: Hub, dialer: Dialer, onError: (error: unknown) => void) {
    this.#options = options;
    this.#hub = hub;
    this.#dialer = dialer;
    this.#onError = onError;
  }

  /** The addresses really bound. */
  get addresses(): readonly string[] {
    return this.#listeners.map((listener) => listener.address);
  }

  /** Listens on all addresses or on none. @throws BaseError `listen-*`, `scheme-unknown` */
  async open(): Promise<void> {
    const listeners: Listener[] = [];
    try {
      for (const address of this.#options.listen) {
        listeners.push(await this.#transportOf(address).listen(address, (channel) => this.#accept(channel)));
      }
    } catch (error) {
      await Promise.all(listeners.map((listener) => listener.close()));
      throw error;
    }
    this.#listeners = listeners;
    if (this.#isClosed) await this.close();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const listeners = this.#listeners;
    this.#listeners = [];
    await Promise.all(listeners.map((listener) => listener.close()));
  }

  #transportOf(address: string): Transport {
    const { scheme } = parseAddress(address);
    const transport = this.#options.transports.get(scheme);
    if (transport !== undefined) return transport;
    const text = `no transport for ${scheme}:// to listen with; give one in the option \`transports\``;
    throw new BaseError("scheme-unknown", text, { peer: formatAddress(parseAddress(address)) });
  }

  #accept(channel: Channel): void {
    if (this.#isClosed) {
      channel.destroy();
      return;
    }
    const startedAt = this.#options.clock.monotonic();
    const ticket = this.#hub.admission.admitInbound(channel.remoteAddress, startedAt);
    if (typeof ticket === "string") this.#hub.refuse(channel, ticket);
    else if (this.#options.security === undefined)
      this.#hub.start({ channel, direction: "inbound", startedAt }, ticket);
    else void this.#secure(channel, ticket, startedAt);
  }

  /** Never rejects. */
  async #secure(plain: Channel, ticket: Admitted, startedAt: number): Promise<void> {
    try {
      const secured = await this.#dialer.secure(plain, "acceptor");
      if (this.#isClosed) throw new BaseError("closed", "the node closed meanwhile");
      this.#hub.start({ ...secured, direction: "inbound", startedAt }, ticket);
    } catch (error) {
      this.#hub.admission.release(ticket);
      plain.destroy();
      if (!this.#isClosed) this.#onError(error);
    }
  }
}
