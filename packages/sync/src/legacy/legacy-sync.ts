// A table shared with the last py2p and js2p releases: a member of a 0.7 network over TCP. [SYNC-300]
import {
  type Channel,
  Emitter,
  type EventListener,
  formatAddress,
  type Listener,
  type ListenOptions,
  type NamesOf,
  orAborted,
  parseAddress,
  type TimerHandle,
  Waiters,
} from "@p2p/base";
import { defaultLimits07, networkId07, nodeId07, type Value07 } from "@p2p/wire/legacy";
import { SyncError } from "../errors.js";
import type { LegacyChange } from "./effects.js";
import { LegacyLink } from "./link.js";
import { LegacyMember } from "./member.js";
import type { Member07 } from "./messages.js";
import { type LegacySyncOptions, type ResolvedLegacyOptions, resolveLegacyOptions } from "./options.js";
import { asTooLarge, type OwnOutcome, refusalOf } from "./refusals.js";
import { leaseSeconds } from "./table.js";

/** Events of a {@link LegacySync}. */
export interface LegacySyncEvents {
  readonly update: readonly [change: LegacyChange];
  readonly delete: readonly [change: LegacyChange];
  /** A member of this id is linked, or no longer. */
  readonly linked: readonly [id: string];
  readonly unlinked: readonly [id: string];
  readonly error: readonly [error: Error];
}

const legacyEventNames: NamesOf<LegacySyncEvents> = {
  update: true,
  delete: true,
  linked: true,
  unlinked: true,
  error: true,
};

/** Who may write a key, and until when. */
export interface LegacyLease {
  /** Base58 text of a node id. */
  readonly owner: string;
  readonly expiresAtMs: number;
}

const closeTimeoutMs = 1_000;

/**
 * A replica of a 0.7 table. It promises what 0.7 does, which is little: whoever's write came first is taken, replicas may
 * differ, deletes leave no trace. Section "The 0.7 profile".
 */
export class LegacySync implements AsyncDisposable {
  readonly #options: ResolvedLegacyOptions;
  readonly #events = new Emitter<LegacySyncEvents>("of a 0.7 table", legacyEventNames);
  readonly #links = new Map<number, LegacyLink>();
  readonly #timers = new Set<TimerHandle>();
  readonly #abort = new AbortController();
  readonly #linkedWaiters = new Waiters();
  readonly #goneWaiters = new Waiters();
  #retry: TimerHandle | undefined;
  #nextLink = 0;
  #dials = 0;
  #listener: Listener | undefined;
  #self: Member07 | undefined;
  #member: LegacyMember | undefined;
  #closing: Promise<void> | undefined;

  /** @throws TypeError, RangeError for options that cannot be */
  constructor(options: LegacySyncOptions) {
    this.#options = resolveLegacyOptions(options);
  }

  /** Listens, and dials the bootstrap addresses. @throws BaseError `listen-*`, `address-invalid`; SyncError `closed` */
  async open(): Promise<void> {
    if (this.#listener !== undefined || this.#closing !== undefined) throw notOpen("opens once");
    const { transport, listen, advertise, network, leases, random } = this.#options;
    const listener = await transport.listen(listen, (channel) => this.#accept(channel));
    this.#listener = listener;
    const { host, port = 0 } = parseAddress(advertise ?? listener.address);
    const networkId = networkId07(network + (leases ? "1" : "0"));
    const salt = Array.from(random.bytes(16), (byte) => byte.toString(16).padStart(2, "0")).join("");
    const self = { host, port, id: nodeId07({ host, port, networkId, salt }) };
    this.#self = self;
    const { limits, dialect } = this.#options;
    const wireLimits = { ...defaultLimits07, maxFrameBytes: limits.maxFrameBytes };
    this.#member = new LegacyMember(
      { self, networkId, leases, dialect, limits, wireLimits },
      {
        send: (link, frame) => this.#links.get(link)?.send(frame),
        stream: (link, frames) => this.#links.get(link)?.stream(frames),
        close: (link) => this.#links.get(link)?.drop(),
        dial: (member) => void this.#dialMember(member),
        linked: (id) => {
          this.#linkedWaiters.resolveAll();
          this.#events.emit("linked", id);
        },
        unlinked: (id) => {
          this.#events.emit("unlinked", id);
          this.#retryLater();
        },
        changed: (change) => this.#events.emit(change.kind, change),
      },
    );
    this.#bootstrap();
  }

  /** Resolves when a member is linked; its table follows, and 0.7 does not say when that is all. @throws signal.reason */
  async ready({ signal }: { readonly signal?: AbortSignal } = {}): Promise<void> {
    if (this.#opened().peers.length > 0) return;
    await this.#linkedWaiters.wait(signal);
  }

  /** Base58 text of this node's id. Empty before `open`. */
  get id(): string {
    return this.#self?.id ?? "";
  }

  /** Where others dial it. */
  get addresses(): readonly string[] {
    if (this.#self === undefined) return [];
    const { host, port } = this.#self;
    return [formatAddress({ scheme: this.#options.transport.scheme, host, port })];
  }

  /** Ids of the members that are linked. */
  get peers(): readonly string[] {
    return this.#member?.peers ?? [];
  }

  get size(): number {
    return this.#member?.table.size ?? 0;
  }

  get(key: string): Value07 | undefined {
    return this.#member?.table.get(key)?.value;
  }

  has(key: string): boolean {
    return this.#member?.table.get(key) !== undefined;
  }

  /**
   * Writes a value. 0.7 acknowledges nothing: it is sent to whoever is linked.
   * @throws SyncError `leased`, `table-full`, `too-large`, `closed`; WireError for a value that cannot be encoded;
   * RangeError for a key that is empty or too long
   */
  set(key: string, value: Value07): void {
    if (value === null) throw new TypeError("null is how 0.7 deletes: use delete");
    this.#write(key, (member, nowMs) => member.store(key, value, nowMs));
  }

  /**
   * Deletes a key. @returns whether it was there
   * @throws SyncError `leased`, `legacy-delete` while a js2p node is linked, which would drop its links; `closed`
   */
  delete(key: string): boolean {
    if (!this.has(key)) return false;
    this.#write(key, (member, nowMs) => member.store(key, null, nowMs));
    return true;
  }

  /** Merges fields into a map, or makes one. @throws as `set`, and SyncError `not-a-map` */
  applyDelta(key: string, fields: Readonly<Record<string, Value07>>): void {
    this.#write(key, (member, nowMs) => member.merge(key, fields, nowMs));
  }

  /** Who may write a key; undefined if anybody may. */
  lease(key: string): LegacyLease | undefined {
    const entry = this.#member?.table.get(key);
    if (entry === undefined || !this.#options.leases) return undefined;
    const expiresAtMs = (entry.time + leaseSeconds) * 1_000;
    return expiresAtMs >= this.#options.clock.now() ? { owner: entry.owner, expiresAtMs } : undefined;
  }

  *keys(): Generator<string> {
    for (const [key] of this.entries()) yield key;
  }

  *values(): Generator<Value07> {
    for (const [, value] of this.entries()) yield value;
  }

  *entries(): Generator<[key: string, value: Value07]> {
    if (this.#member === undefined) return;
    for (const [key, { value }] of this.#member.table.entries()) yield [key, value];
  }

  [Symbol.iterator](): Generator<[key: string, value: Value07]> {
    return this.entries();
  }

  on<Name extends keyof LegacySyncEvents>(
    event: Name,
    listener: EventListener<LegacySyncEvents[Name]>,
    options?: ListenOptions,
  ): () => void {
    return this.#events.on(event, listener, options);
  }

  once<Name extends keyof LegacySyncEvents>(
    event: Name,
    listener: EventListener<LegacySyncEvents[Name]>,
    options?: ListenOptions,
  ): () => void {
    return this.#events.once(event, listener, options);
  }

  off<Name extends keyof LegacySyncEvents>(event: Name, listener?: EventListener<LegacySyncEvents[Name]>): void {
    this.#events.off(event, listener);
  }

  /** Links to a member. @throws BaseError `dial-*`, `address-invalid`; `signal.reason` */
  async dial(address: string, { signal }: { readonly signal?: AbortSignal } = {}): Promise<void> {
    this.#opened();
    const channel = await orAborted(this.#dial(address), signal);
    this.#take(channel, "bootstrap");
  }

  /** Resolves when no socket and no timer is left. Closing twice is harmless. */
  close(): Promise<void> {
    this.#closing ??= this.#shut();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #shut(): Promise<void> {
    const { clock } = this.#options;
    this.#abort.abort(notOpen("is closed"));
    for (const timer of this.#timers) clock.clearTimeout(timer);
    this.#timers.clear();
    this.#linkedWaiters.rejectAll(() => notOpen("is closed"));
    await this.#listener?.close();
    for (const link of this.#links.values()) link.end();
    const timer = clock.setTimeout(() => {
      for (const link of this.#links.values()) link.drop();
    }, closeTimeoutMs);
    while (this.#links.size + this.#dials > 0) await this.#goneWaiters.wait();
    clock.clearTimeout(timer);
  }

  #opened(): LegacyMember {
    if (this.#member === undefined || this.#closing !== undefined) throw notOpen("is not open");
    return this.#member;
  }

  #write(key: string, write: (member: LegacyMember, nowMs: number) => OwnOutcome): void {
    const member = this.#opened();
    const { maxKeyBytes } = this.#options.limits;
    const length = new TextEncoder().encode(key).length;
    if (length === 0 || length > maxKeyBytes) throw new RangeError(`a key has 1 to ${maxKeyBytes} bytes in UTF-8`);
    const nowMs = this.#options.clock.now();
    let outcome: OwnOutcome;
    try {
      outcome = write(member, nowMs);
    } catch (error) {
      throw asTooLarge(key, error);
    }
    const refusal = refusalOf(key, outcome, { entry: member.table.get(key), leases: this.#options.leases, nowMs });
    if (refusal !== undefined) throw refusal;
  }

  #bootstrap(): void {
    if (this.peers.length > 0) return;
    for (const address of this.#options.bootstrap) {
      this.#dial(address).then(
        (channel) => this.#take(channel, "bootstrap"),
        (error: Error) => this.#report(error),
      );
    }
    this.#retryLater();
  }

  #retryLater(): void {
    if (this.#retry !== undefined || this.#options.bootstrap.length === 0) return;
    this.#retry = this.#after(this.#options.limits.retryMs, () => {
      this.#retry = undefined;
      this.#bootstrap();
    });
  }

  async #dialMember(member: Member07): Promise<void> {
    const { scheme } = this.#options.transport;
    try {
      this.#take(await this.#dial(formatAddress({ scheme, host: member.host, port: member.port })), member);
    } catch (error) {
      this.#member?.dialFailed(member);
      this.#report(error as Error); // a transport throws errors
    }
  }

  async #dial(address: string): Promise<Channel> {
    this.#dials += 1;
    try {
      return await this.#options.transport.dial(address, { signal: this.#abort.signal });
    } finally {
      this.#dials -= 1;
      this.#goneWaiters.resolveAll();
    }
  }

  #accept(channel: Channel): void {
    if (this.#links.size >= this.#options.limits.maxLinks) channel.destroy();
    else this.#take(channel);
  }

  #take(channel: Channel, dialled?: Member07 | "bootstrap"): void {
    const member = this.#member;
    if (member === undefined || this.#closing !== undefined) {
      channel.destroy();
      return;
    }
    const { limits, clock } = this.#options;
    const number = this.#nextLink++;
    const owner = {
      received: (from: number, body: Uint8Array) => member.received(from, body, clock.now()),
      closed: (of: number) => {
        this.#links.delete(of);
        member.linkClosed(of);
        this.#goneWaiters.resolveAll();
      },
    };
    const wire = { ...defaultLimits07, maxFrameBytes: limits.maxFrameBytes };
    const link = new LegacyLink(number, channel, owner, { wire, maxBufferedBytes: limits.maxBufferedBytes });
    this.#links.set(number, link);
    member.linkOpened(number, dialled);
    link.open();
    this.#after(limits.silenceMs, () => member.linkSilent(number, clock.now()));
    this.#after(limits.handshakeTimeoutMs, () => {
      if (member.isStranger(number)) this.#links.get(number)?.drop();
    });
  }

  #after(delayMs: number, run: () => void): TimerHandle | undefined {
    if (this.#closing !== undefined) return undefined;
    const { clock } = this.#options;
    const timer = clock.setTimeout(() => {
      this.#timers.delete(timer);
      run();
    }, delayMs);
    this.#timers.add(timer);
    return timer;
  }

  #report(error: Error): void {
    if (this.#closing === undefined) this.#events.emit("error", error);
  }
}

function notOpen(what: string): SyncError {
  return new SyncError("closed", `the table ${what}`);
}
