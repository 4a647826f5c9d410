// The transport of a simulated node: `sim://name:port` [BASE-103] to [BASE-113].
import { BaseError, type Channel, formatAddress, type Listener, parseAddress, type Transport } from "@p2p/base";
import type { Host, Incarnation } from "./host.js";
import type { Network } from "./network.js";
import { createPair, type SimulatedChannel } from "./simulated-channel.js";

/** The scheme of the addresses of simulated nodes. */
export const simulatedScheme = "sim";

const dialRetryMs = 1_000;

/** Makes the transport of one run of a node; it dies with it. */
export function simulatedTransport(network: Network, host: Host): Transport {
  const { life } = host;
  return {
    scheme: simulatedScheme,

    async dial(address, { signal }): Promise<Channel> {
      signal.throwIfAborted();
      return new Dial(network, host, parse(address), signal).channel;
    },

    async listen(address, onChannel): Promise<Listener> {
      // What a crashed run still asks for never comes.
      if (life.isOver) return new Promise(() => {});
      const asked = parse(address);
      const at = (port: number | undefined): string => canonical(asked.host, port);
      if (asked.host !== host.name) {
        const message = `${address} is not on this machine; listen on ${simulatedScheme}://${host.name}:0`;
        throw new BaseError("listen-failed", message);
      }
      const bound = at(asked.port === 0 ? host.freePort((port) => !host.listeners.has(at(port))) : asked.port);
      if (host.listeners.has(bound)) {
        throw new BaseError("listen-in-use", `${bound} is taken; listen on another port`);
      }
      const accept = (channel: Channel): void => network.queue.act(life, () => onChannel(channel));
      host.listeners.set(bound, accept);
      network.trace.record("listen", host.name, { address: bound });
      return {
        address: bound,
        close: async () => {
          if (host.listeners.get(bound) === accept) host.listeners.delete(bound);
        },
      };
    },
  };
}

interface Settle {
  readonly resolve: (channel: Channel) => void;
  readonly reject: (reason: unknown) => void;
}

/** A dial on its way: a packet there and one back, each sent again when lost. */
class Dial {
  readonly channel: Promise<Channel>;
  readonly #network: Network;
  readonly #host: Host;
  readonly #address: string;
  readonly #peerHost: string;
  readonly #signal: AbortSignal;
  readonly #life: Incarnation;
  readonly #isDead: () => boolean;
  /** Undefined once the dial is over. */
  #settle: Settle | undefined;
  #pair: readonly [SimulatedChannel, SimulatedChannel] | undefined;
  #retries = 0;

  constructor(network: Network, host: Host, to: { host: string; port?: number }, signal: AbortSignal) {
    const { life } = host;
    this.#network = network;
    this.#host = host;
    this.#address = canonical(to.host, to.port);
    this.#peerHost = to.host;
    this.#signal = signal;
    this.#life = life;
    this.#isDead = () => life.isOver || this.#settle === undefined;
    this.channel = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    signal.addEventListener("abort", this.#onAbort, { once: true });
    this.#transmit();
  }

  readonly #onAbort = (): void => this.#fail(this.#signal.reason);

  readonly #transmit = (): void => {
    if (this.#isDead()) return;
    this.#network.carry(this.#host.name, this.#peerHost, 0, this.#arrived, this.#lost);
  };

  readonly #lost = (): void => {
    if (this.#isDead()) return;
    const { queue, streams } = this.#network;
    if (this.#retries >= streams.maxDialRetries) {
      this.#failWith("dial-timeout", `${this.#address} did not answer; dial it again later`);
      return;
    }
    queue.schedule(1_000 * dialRetryMs * 2 ** this.#retries++, this.#transmit);
  };

  /** The asking packet is at the peer's machine. */
  readonly #arrived = (): void => {
    if (this.#isDead()) return;
    const peer = this.#network.host(this.#peerHost);
    if (peer === undefined) {
      this.#failWith("dial-unreachable", `${this.#address}: there is no such node in this world; start it first`);
      return;
    }
    if (!peer.hasPower) {
      this.#lost();
      return;
    }
    const back = (arrived: () => void): void =>
      this.#network.carry(this.#peerHost, this.#host.name, 0, arrived, this.#lost);
    if (this.#pair !== undefined) {
      back(this.#connected);
      return;
    }
    const accept = peer.listeners.get(this.#address);
    if (accept === undefined) {
      back(() => this.#failWith("dial-refused", `nobody listens at ${this.#address}; open the listening node first`));
      return;
    }
    const local = canonical(this.#host.name, 0x1_0000 - this.#host.freePort(() => true));
    const near = { host: this.#host, address: local };
    this.#pair = createPair(this.#network, near, { host: peer, address: this.#address });
    this.#network.trace.record("accept", this.#peerHost, { address: this.#address, peer: local });
    back(this.#connected);
    accept(this.#pair[1]);
  };

  readonly #connected = (): void => {
    if (this.#isDead() || this.#pair === undefined) return;
    this.#network.trace.record("connect", this.#host.name, { peer: this.#address });
    const [channel] = this.#pair;
    const settle = this.#end();
    this.#network.queue.act(this.#life, () => settle?.resolve(channel));
  };

  #failWith(code: "dial-timeout" | "dial-unreachable" | "dial-refused", message: string): void {
    if (this.#isDead()) return;
    this.#network.trace.record(code, this.#host.name, { peer: this.#address });
    this.#fail(new BaseError(code, message, { peer: this.#address }));
  }

  #fail(reason: unknown): void {
    const settle = this.#end();
    this.#network.queue.act(this.#life, () => settle?.reject(reason));
    this.#pair?.[0].destroy();
  }

  #end(): Settle | undefined {
    const settle = this.#settle;
    this.#settle = undefined;
    this.#signal.removeEventListener("abort", this.#onAbort);
    return settle;
  }
}

function parse(text: string): { host: string; port?: number } {
  const { scheme, host, port } = parseAddress(text);
  if (scheme !== simulatedScheme) {
    throw new BaseError("address-invalid", `address "${text}": this transport serves ${simulatedScheme}://name:port`);
  }
  return port === undefined ? { host } : { host, port };
}

function canonical(host: string, port: number | undefined): string {
  return formatAddress({ scheme: simulatedScheme, host, ...(port === undefined ? {} : { port }) });
}
