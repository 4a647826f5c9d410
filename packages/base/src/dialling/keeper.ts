// Connections that are to be kept: dialled again after a loss, at a growing pace, until given up [BASE-150] to [BASE-153].
import type { NodeId } from "@p2p/wire";
import type { Connection } from "../connection/connection.js";
import { BaseError } from "../errors.js";
import type { Clock, TimerHandle } from "../runtime/clock.js";
import type { Random } from "../runtime/random.js";
import { Waiters } from "../runtime/waiters.js";
import type { CloseName, CloseReason } from "../session/close-reason.js";
import { formatAddress, parseAddress } from "../transport/address.js";
import { Backoff, type BackoffOptions } from "./backoff.js";
import { hopelessDials } from "./dial-errors.js";

export interface KeeperParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly backoff: BackoffOptions;
  readonly dial: (address: string, signal: AbortSignal) => Promise<Connection>;
  readonly isConnected: (id: NodeId) => boolean;
  /** An attempt failed; more may follow. */
  readonly onError: (error: Error) => void;
  readonly onGivenUp: (address: string, error: Error) => void;
}

interface Kept {
  readonly address: string;
  /** Who answered there last. */
  peerId: NodeId | undefined;
  readonly backoff: Backoff;
  readonly stop: AbortController;
  readonly waiters: Waiters;
  connection: Connection | undefined;
  timer: TimerHandle | undefined;
  isDialling: boolean;
}

/** Close names after which dialling again cannot help. */
const hopelessCloses: ReadonlySet<CloseName> = new Set<CloseName>([
  "self",
  "wrongNetwork",
  "version",
  "featureMissing",
  "refused",
]);

export class Keeper {
  readonly #parts: KeeperParts;
  readonly #kept = new Map<string, Kept>();

  constructor(parts: KeeperParts) {
    this.#parts = parts;
  }

  /** Addresses that are kept. */
  get addresses(): readonly string[] {
    return [...this.#kept.keys()];
  }

  /**
   * Keeps a connection to an address from now on. Resolves when it is up for the first time.
   * @throws BaseError `reconnect-failed`, or the error of a dial that can never succeed; `signal.reason`, which ends it
   */
  async keep(address: string, signal?: AbortSignal): Promise<Connection> {
    signal?.throwIfAborted();
    const key = formatAddress(parseAddress(address));
    let kept = this.#kept.get(key);
    if (kept === undefined) {
      const { random, backoff } = this.#parts;
      kept = {
        address: key,
        peerId: undefined,
        backoff: new Backoff(random, backoff),
        stop: new AbortController(),
        waiters: new Waiters(),
        connection: undefined,
        timer: undefined,
        isDialling: false,
      };
      this.#kept.set(key, kept);
      void this.#attempt(kept);
    }
    const first = kept;
    while (first.connection === undefined) {
      try {
        await first.waiters.wait(signal);
      } catch (error) {
        if (signal?.aborted === true && first.connection === undefined) this.forget(key);
        throw error;
      }
    }
    return first.connection;
  }

  /** Keeps an address no more; its connection stays as it is. @returns whether it was kept */
  forget(address: string): boolean {
    const key = formatAddress(parseAddress(address));
    const kept = this.#kept.get(key);
    if (kept === undefined) return false;
    this.#end(kept, new BaseError("closed", `${key} is not kept any more`, { peer: key }));
    return true;
  }

  /** A connection is up, whoever dialled: a kept node that comes by itself is not dialled. */
  connected(connection: Connection): void {
    for (const kept of this.#kept.values()) {
      if (kept.peerId !== connection.id) continue;
      if (kept.timer !== undefined) this.#parts.clock.clearTimeout(kept.timer);
      kept.timer = undefined;
      this.#isUp(kept, connection);
    }
  }

  /** A connection is over; the node's table of connections is up to date. */
  left(connection: Connection, reason: CloseReason): void {
    for (const kept of this.#kept.values()) {
      if (kept.connection === undefined || kept.connection.id !== connection.id) continue;
      // Another connection with the node stays: nothing is lost.
      if (this.#parts.isConnected(connection.id)) continue;
      kept.connection = undefined;
      if (reason.byUs && reason.name === "normal") this.forget(kept.address);
      else if (hopelessCloses.has(reason.name)) {
        const text = `${kept.address} closed the connection for good: ${reason.text || reason.name}`;
        this.#giveUp(kept, new BaseError("reconnect-failed", text, { peer: kept.address, reason }));
      } else this.#again(kept, new BaseError("connection-closed", reason.text, { peer: kept.address, reason }));
    }
  }

  close(error: Error): void {
    for (const kept of [...this.#kept.values()]) this.#end(kept, error);
  }

  async #attempt(kept: Kept): Promise<void> {
    const { dial, onError } = this.#parts;
    kept.timer = undefined;
    if (kept.isDialling) return;
    kept.isDialling = true;
    try {
      const connection = await dial(kept.address, kept.stop.signal);
      kept.isDialling = false;
      if (kept.stop.signal.aborted) return;
      this.#isUp(kept, connection);
      // It may have been lost again before this line.
      if (!connection.isOpen && !this.#parts.isConnected(connection.id)) {
        kept.connection = undefined;
        this.#again(kept, connection.closeReason?.text ?? "");
      }
    } catch (cause) {
      kept.isDialling = false;
      if (kept.stop.signal.aborted) return;
      const error = cause instanceof Error ? cause : new Error(String(cause));
      if (error instanceof BaseError && (hopelessDials.has(error.code) || isHopeless(error.reason))) {
        this.#giveUp(kept, error);
        return;
      }
      onError(error);
      this.#again(kept, error);
    }
  }

  #isUp(kept: Kept, connection: Connection): void {
    kept.backoff.connected(this.#parts.clock.monotonic());
    kept.peerId = connection.id;
    kept.connection = connection;
    kept.waiters.resolveAll();
  }

  #again(kept: Kept, cause: unknown): void {
    const { clock } = this.#parts;
    const delayMs = kept.backoff.failed(clock.monotonic());
    if (delayMs === undefined) {
      const text = `${kept.address} could not be reached in ${kept.backoff.attempts} attempts; dial it again when it is up`;
      this.#giveUp(kept, new BaseError("reconnect-failed", text, { cause, peer: kept.address }));
      return;
    }
    kept.timer ??= clock.setTimeout(() => void this.#attempt(kept), delayMs);
  }

  #giveUp(kept: Kept, error: Error): void {
    this.#end(kept, error);
    this.#parts.onGivenUp(kept.address, error);
  }

  #end(kept: Kept, error: Error): void {
    this.#kept.delete(kept.address);
    if (kept.timer !== undefined) this.#parts.clock.clearTimeout(kept.timer);
    kept.timer = undefined;
    kept.stop.abort(error);
    kept.waiters.rejectAll(() => error);
  }
}

function isHopeless(reason: CloseReason | undefined): boolean {
  return reason !== undefined && hopelessCloses.has(reason.name);
}
