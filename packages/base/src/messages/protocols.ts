// The networks attached to a node: who takes which message.
import type { Body, Frame, NodeId } from "@p2p/wire";
import type { Connection } from "../connection/connection.js";
import { requestSubtypes } from "../requests/request-messages.js";
import type { Clock } from "../runtime/clock.js";
import type { CloseReason } from "../session/close-reason.js";
import type { Protocol } from "./protocol.js";

/** Subtypes of whispers that the node itself takes. */
const ownSubtypes: ReadonlySet<number> = new Set([2, 5, 0x30, ...requestSubtypes]);

export class Protocols {
  readonly #all: Protocol[] = [];
  readonly #bySubtype = new Map<number, Protocol>();
  #broadcasts: Protocol | undefined;
  #router: Protocol | undefined;

  get features(): readonly string[] {
    return this.#all.flatMap((protocol) => protocol.features);
  }

  get canRoute(): boolean {
    return this.#router !== undefined;
  }

  /** @throws RangeError when another protocol has a subtype, or the broadcasts */
  add(protocol: Protocol): void {
    const taken = protocol.subtypes.find((subtype) => ownSubtypes.has(subtype) || this.#bySubtype.has(subtype));
    if (taken !== undefined) throw new RangeError(`subtype ${taken} is taken`);
    if (protocol.hasBroadcasts === true && this.#broadcasts !== undefined) throw new RangeError("broadcasts are taken");
    this.#all.push(protocol);
    for (const subtype of protocol.subtypes) this.#bySubtype.set(subtype, protocol);
    if (protocol.hasBroadcasts === true) this.#broadcasts = protocol;
    if (protocol.route !== undefined) this.#router ??= protocol;
  }

  /** Hands a body to who takes it. @returns whether anybody does */
  broadcast(connection: Connection, body: Body, frame: Frame, rawBody: Uint8Array): boolean {
    if (this.#broadcasts === undefined) return false;
    this.#broadcasts.onBody(connection, body, frame, rawBody);
    return true;
  }

  /** As broadcast. */
  whisper(subtype: number, connection: Connection, body: Body, frame: Frame, rawBody: Uint8Array): boolean {
    const protocol = this.#bySubtype.get(subtype);
    if (protocol === undefined) return false;
    protocol.onBody(connection, body, frame, rawBody);
    return true;
  }

  connected(connection: Connection, onError: (error: unknown) => void): void {
    for (const protocol of this.#all) attempt(() => protocol.onConnected(connection), onError);
  }

  disconnected(connection: Connection, reason: CloseReason, onError: (error: unknown) => void): void {
    for (const protocol of this.#all) attempt(() => protocol.onDisconnected(connection, reason), onError);
  }

  drained(connection: Connection): void {
    for (const protocol of this.#all) protocol.onDrained?.(connection);
  }

  route(to: NodeId, body: Uint8Array): Promise<void> | undefined {
    return this.#router?.route?.(to, body);
  }

  /** Lets all say good-bye, for at most `timeoutMs`. */
  async closing(clock: Clock, timeoutMs: number, onError: (error: unknown) => void): Promise<void> {
    const waits: Promise<void>[] = [];
    for (const protocol of this.#all) {
      attempt(() => {
        const wait = protocol.onClosing?.();
        if (wait !== undefined) waits.push(wait.catch(onError));
      }, onError);
    }
    if (waits.length === 0) return;
    await new Promise<void>((resolve) => {
      const timer = clock.setTimeout(resolve, timeoutMs);
      void Promise.all(waits).then(() => {
        clock.clearTimeout(timer);
        resolve();
      });
    });
  }
}

function attempt(run: () => void, onError: (error: unknown) => void): void {
  try {
    run();
  } catch (error) {
    onError(error);
  }
}
