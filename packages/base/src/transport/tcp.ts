// The TCP transport (node:net): `tcp://host:port`, chosen by the "node" condition of #tcp [BASE-121] to [BASE-124].
import { createConnection, createServer, type Server, type Socket } from "node:net";
import { BaseError } from "../errors.js";
import { formatAddress, parseAddressOf } from "./address.js";
import { SocketChannel, socketAddress } from "./socket-channel-node.js";
import { dialError, listenError } from "./socket-errors-node.js";
import type { Channel, DialOptions, Listener, Transport } from "./transport.js";

export const tcpScheme = "tcp";

export interface TcpTransportOptions {
  /** Bytes given to the socket and not yet to the system, from which `write` answers false. Default: 65,536. */
  readonly bufferBytes?: number;
  /** Connections the system keeps until they are accepted. Default: 511. */
  readonly backlog?: number;
}

/** Makes the transport of `tcp://`. Section "Addresses and transports". */
export function tcpTransport(options: TcpTransportOptions = {}): Transport {
  const { bufferBytes = 65_536, backlog = 511 } = options;
  // `end` of the peer must not end this side's writing; small frames must not wait for acknowledgements.
  const socketOptions = { allowHalfOpen: true, noDelay: true, highWaterMark: bufferBytes };
  return {
    scheme: tcpScheme,

    dial(address: string, { signal }: DialOptions): Promise<Channel> {
      return new Promise((resolve, reject) => {
        signal.throwIfAborted();
        const { host, port } = requirePort(address);
        const socket = createConnection({ host, port, ...socketOptions });
        // Nothing is read before `open`.
        socket.pause();
        const onAbort = (): void => {
          socket.destroy();
          reject(signal.reason);
        };
        const onError = (error: Error): void => {
          signal.removeEventListener("abort", onAbort);
          reject(dialError(address, error));
        };
        socket.once("error", onError);
        signal.addEventListener("abort", onAbort, { once: true });
        socket.once("connect", () => {
          signal.removeEventListener("abort", onAbort);
          // The channel takes over errors before ours goes, so that none is ever without a listener.
          const channel = new SocketChannel(socket, tcpScheme);
          socket.removeListener("error", onError);
          resolve(channel);
        });
      });
    },

    async listen(address: string, onChannel: (channel: Channel) => void): Promise<Listener> {
      const { host, port } = requirePort(address);
      const server = createServer({ ...socketOptions, pauseOnConnect: true });
      await listening(server, address, { host, port, backlog });
      server.on("connection", (socket: Socket) => onChannel(new SocketChannel(socket, tcpScheme)));
      // Failures to accept (out of file descriptors) concern connections that never were; the server goes on.
      server.on("error", () => {});
      const bound = server.address();
      // A server bound to a port has an AddressInfo; only pipes have text, and none has null.
      if (bound === null || typeof bound === "string") throw new BaseError("listen-failed", `${address} is not bound`);
      return { address: socketAddress(tcpScheme, bound.address, bound.port), close: () => closed(server) };
    },
  };
}

function requirePort(address: string): { host: string; port: number } {
  const { host, port, path, nodeId, ...rest } = parseAddressOf(tcpScheme, address);
  if (port === undefined || path !== undefined) {
    const example = formatAddress({ ...rest, host, port: port ?? 4000 });
    throw new BaseError("address-invalid", `address "${address}": TCP needs a host and a port, like ${example}`);
  }
  return { host, port };
}

function listening(
  server: Server,
  address: string,
  options: { host: string; port: number; backlog: number },
): Promise<void> {
  return new Promise((resolve, reject) => {
    const onError = (error: Error): void => reject(listenError(address, error));
    server.once("error", onError);
    server.listen(options, () => {
      server.removeListener("error", onError);
      resolve();
    });
  });
}

/** Stops accepting; `server.close` alone would call back only when the last accepted connection has gone. */
function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    if (server.listening) server.close();
    setImmediate(resolve);
  });
}
