// Dialling: address to channel to connection, a few at a time, each within its deadline [BASE-080] to [BASE-084].
import type { NodeId } from "@p2p/wire";
import type { Connection } from "../connection/connection.js";
import type { Link } from "../connection/link.js";
import { BaseError } from "../errors.js";
import type { ResolvedNodeOptions } from "../options.js";
import { Waiters } from "../runtime/waiters.js";
import type { CloseReason } from "../session/close-reason.js";
import { type Address, formatAddress, parseAddress } from "../transport/address.js";
import type { Channel } from "../transport/transport.js";
import { refusedError, securityError, timeoutError } from "./dial-errors.js";
import type { Hub } from "./hub.js";

export interface DialSettings {
  readonly signal?: AbortSignal | undefined;
  readonly isTemporary?: boolean;
}

interface PendingDial {
  readonly resolve: (connection: Connection) => void;
  readonly reject: (error: unknown) => void;
}

export class Dialer {
  readonly #options: ResolvedNodeOptions;
  readonly #hub: Hub;
  readonly #pending = new Map<Link, PendingDial>();
  readonly #turns = new Waiters();
  readonly #closing = new AbortController();
  /** Of what runs within a time: all abort when the node closes. A listener each would be more than a signal expects. */
  readonly #running = new Set<AbortController>();
  #dials = 0;

  constructor(options: ResolvedNodeOptions, hub: Hub) {
    this.#options = options;
    this.#hub = hub;
  }

  /** @throws BaseError, see the codes of dials and sessions; `signal.reason` */
  async dial(address: string, settings: DialSettings = {}): Promise<Connection> {
    const { signal } = settings;
    signal?.throwIfAborted();
    const target = parseAddress(address);
    const existing = this.#existing(target);
    if (existing !== undefined) return wanted(existing, settings);
    await this.#takeTurn(address, signal);
    try {
      return await this.#dialNow(target, settings);
    } finally {
      this.#dials--;
      if (this.#turns.resolveOne()) this.#dials++;
    }
  }

  /** The connection came up: its dial is done. */
  opened(link: Link): void {
    this.#settle(link)?.resolve(link);
  }

  /** The connection did not come up. */
  failed(link: Link, reason: CloseReason): void {
    const pending = this.#settle(link);
    if (pending === undefined) return;
    const kept = reason.name === "duplicate" && link.hasHandshake ? this.#hub.connectionTo(link.id) : undefined;
    if (kept !== undefined) pending.resolve(wanted(kept, link));
    else pending.reject(refusedError(link.dialledAddress ?? link.remoteAddress, reason));
  }

  /** Ends all dials with `error`. */
  close(error: Error): void {
    this.#closing.abort(error);
    for (const controller of this.#running) controller.abort(error);
    this.#turns.rejectAll(() => error);
  }

  /** Secures a channel. On failure the channel is destroyed. */
  async secure(
    channel: Channel,
    role: "dialer" | "acceptor",
    expectedId?: NodeId,
    outer?: AbortSignal,
  ): Promise<{ channel: Channel; expectedId?: NodeId }> {
    const { security, clock, random, limits, network } = this.#options;
    const pin = expectedId === undefined ? {} : { expectedId };
    if (security === undefined) return { channel, ...pin };
    if (this.#closing.signal.aborted || outer?.aborted === true) channel.destroy();
    return this.#within(
      limits.handshakeTimeoutMs,
      outer,
      () => timeoutError(channel.remoteAddress),
      async (signal) => {
        try {
          const secured = await security.secure(channel, role, { signal, clock, random, networkId: network, ...pin });
          const id = secured.remoteId ?? expectedId;
          return { channel: secured.channel, ...(id === undefined ? {} : { expectedId: id }) };
        } catch (cause) {
          channel.destroy();
          if (signal.aborted) throw signal.reason;
          throw securityError(channel.remoteAddress, cause);
        }
      },
    );
  }

  async #dialNow(target: Address, settings: DialSettings): Promise<Connection> {
    const { limits, transports } = this.#options;
    const { nodeId, ...place } = target;
    const address = formatAddress(place);
    const transport = transports.get(target.scheme);
    if (transport === undefined) {
      const text = `no transport for ${target.scheme}://; give one in the option \`transports\``;
      throw new BaseError("scheme-unknown", text, { peer: address });
    }
    this.#checkDial(address, nodeId);
    const { trace } = this.#hub;
    if (trace.isActive) trace.publish({ kind: "dial", address });
    const ticket = this.#hub.admission.admitOutbound();
    if (typeof ticket === "string") {
      const text = `${limits.maxConnections} connections are open; close one, or raise maxConnections`;
      throw new BaseError("too-many-connections", text, { peer: address });
    }
    try {
      const timeout = (): BaseError => {
        const text = `${address} did not answer in ${limits.dialTimeoutMs} ms; is it up?`;
        return new BaseError("dial-timeout", text, { peer: address });
      };
      const plain = await this.#within(limits.dialTimeoutMs, settings.signal, timeout, (signal) =>
        transport.dial(address, { signal }),
      );
      const startedAt = this.#options.clock.monotonic();
      const { channel, expectedId } = await this.secure(plain, "dialer", nodeId, settings.signal);
      const start = {
        channel,
        direction: "outbound" as const,
        dialledAddress: address,
        isTemporary: settings.isTemporary ?? false,
        startedAt,
        ...(expectedId === undefined ? {} : { expectedId }),
      };
      return await this.#connect(channel, () => this.#hub.start(start, ticket), settings.signal);
    } catch (error) {
      // Harmless when the link took the ticket: then it was released with the link, or will be.
      if (!this.#holdsTicket(ticket)) this.#hub.admission.release(ticket);
      throw error;
    }
  }

  #checkDial(address: string, nodeId: NodeId | undefined): void {
    try {
      this.#options.security?.checkDial?.(address, nodeId);
    } catch (cause) {
      throw securityError(address, cause);
    }
  }

  #holdsTicket(ticket: Link["ticket"]): boolean {
    for (const link of this.#hub.links) if (link.ticket === ticket) return true;
    return false;
  }

  #connect(channel: Channel, start: () => Link, signal: AbortSignal | undefined): Promise<Connection> {
    if (this.#closing.signal.aborted || signal?.aborted === true) {
      // It came when nobody wanted it any more.
      channel.destroy();
      this.#closing.signal.throwIfAborted();
      signal?.throwIfAborted();
    }
    return new Promise((resolve, reject) => {
      const link = start();
      const onAbort = (): void => {
        this.#pending.delete(link);
        void link.close();
        reject(signal?.reason);
      };
      const stop = (): void => signal?.removeEventListener("abort", onAbort);
      this.#pending.set(link, {
        resolve(connection) {
          stop();
          resolve(connection);
        },
        reject(error) {
          stop();
          reject(error);
        },
      });
      signal?.addEventListener("abort", onAbort, { once: true });
    });
  }

  #settle(link: Link): PendingDial | undefined {
    const pending = this.#pending.get(link);
    this.#pending.delete(link);
    return pending;
  }

  #existing(target: Address): Link | undefined {
    const { nodeId, ...place } = target;
    if (nodeId !== undefined) {
      const known = this.#hub.connectionTo(nodeId);
      if (known !== undefined) return known;
    }
    const address = formatAddress(place);
    for (const link of this.#hub.connections) {
      if (link.dialledAddress === address && (nodeId === undefined || nodeId === link.id)) return link;
    }
    return undefined;
  }

  async #takeTurn(address: string, signal: AbortSignal | undefined): Promise<void> {
    const { maxDials, maxQueuedDials } = this.#options.limits;
    this.#closing.signal.throwIfAborted();
    if (this.#dials < maxDials) {
      this.#dials++;
      return;
    }
    if (this.#turns.size >= maxQueuedDials) {
      const text = `${maxDials} dials run and ${maxQueuedDials} wait; dial later, or raise maxQueuedDials`;
      throw new BaseError("too-many-dials", text, { peer: address });
    }
    await this.#turns.wait(signal);
  }

  /** Runs something that has to end within a time, by the node's clock. */
  async #within<T>(
    ms: number,
    outer: AbortSignal | undefined,
    timeout: () => Error,
    run: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const { clock } = this.#options;
    const controller = new AbortController();
    const onOuter = (): void => controller.abort(outer?.reason);
    this.#closing.signal.throwIfAborted();
    outer?.throwIfAborted();
    this.#running.add(controller);
    outer?.addEventListener("abort", onOuter, { once: true });
    const timer = clock.setTimeout(() => controller.abort(timeout()), ms);
    try {
      return await run(controller.signal);
    } finally {
      clock.clearTimeout(timer);
      this.#running.delete(controller);
      outer?.removeEventListener("abort", onOuter);
    }
  }
}

/** A connection that was made for one message stays when somebody dials its node. */
function wanted(link: Link, { isTemporary = false }: { readonly isTemporary?: boolean }): Link {
  if (!isTemporary) link.isTemporary = false;
  return link;
}
