// A listening address of the suite: whoever dials it becomes a raw peer.
import { createServer, type Server, type Socket } from "node:net";
import { Inbox } from "./inbox.js";
import type { RawPeer } from "./raw-peer.js";

export class RawListener {
  readonly address: string;
  readonly port: number;
  readonly #server: Server;
  readonly #accepted: Inbox<RawPeer>;

  private constructor(server: Server, port: number, accepted: Inbox<RawPeer>) {
    this.#server = server;
    this.port = port;
    this.address = `tcp://127.0.0.1:${port}`;
    this.#accepted = accepted;
  }

  static async open(deadlineMs: number, adopt: (socket: Socket) => RawPeer): Promise<RawListener> {
    const accepted = new Inbox<RawPeer>(deadlineMs);
    const server = createServer({ allowHalfOpen: true }, (socket) => accepted.push(adopt(socket)));
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(0, "127.0.0.1", resolve);
    });
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("the listener has no port");
    return new RawListener(server, address.port, accepted);
  }

  /** The next connection that the node dials. */
  accept(): Promise<RawPeer> {
    return this.#accepted.next(() => true, "a connection dialled by the node");
  }

  /** All connections so far. */
  get links(): readonly RawPeer[] {
    return this.#accepted.all;
  }

  /** How many connections so far. */
  get count(): number {
    return this.#accepted.all.length;
  }

  close(): void {
    this.#server.close();
  }
}
