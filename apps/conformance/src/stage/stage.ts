// What a case on a node under test plays on: it opens nodes and raw peers, and everything goes when the case ends.
import { randomBytes } from "node:crypto";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { DriverError, type DriverProcess } from "../driver/driver-process.js";
import type { NodeOptions } from "../driver/node-options.js";
import type { Opened, Report } from "../driver/protocol.js";
import { CaseSkipped } from "../runner/skip.js";
import { Inbox } from "./inbox.js";
import type { Interference, Link } from "./interference.js";
import type { HandshakeFields } from "./messages.js";
import { RawListener } from "./raw-listener.js";
import { RawPeer } from "./raw-peer.js";
import { SecureLine } from "./secure/secure-line.js";
import { type Shaken, type ShakeOptions, shakeAsAcceptor, shakeAsDialler } from "./secure/shake.js";
import { run, TestNode } from "./test-node.js";

export interface StageOptions {
  readonly driver: DriverProcess;
  readonly interference: Interference;
  /** How long a case waits for anything that must come. */
  readonly deadlineMs: number;
}

export type OpenOptions = Partial<NodeOptions>;

/** Where a raw peer comes from. */
export interface ConnectOptions {
  /** 48 bytes; random if absent. */
  readonly id?: Uint8Array;
  /** Which of the node's addresses it dials. Default the first. */
  readonly at?: { readonly host: string; readonly port: number };
  /** Does not end its side when the node ends its own. */
  readonly keepsOpen?: boolean;
}

export interface ListenOptions {
  /** Of those who answer there; 48 bytes, random if absent. */
  readonly id?: Uint8Array;
  readonly onPeer?: (peer: RawPeer) => void;
}

export interface PeerOptions extends Partial<HandshakeFields>, ConnectOptions {}

export class Stage {
  /** A network of this case alone. */
  readonly network: string = `case-${randomBytes(6).toString("hex")}`;
  readonly deadlineMs: number;
  readonly #driver: DriverProcess;
  readonly #interference: Interference;
  readonly #links: Link[] = [];
  readonly #nodes: string[] = [];
  readonly #undo: (() => void)[] = [];

  constructor(options: StageOptions) {
    this.deadlineMs = options.deadlineMs;
    this.#driver = options.driver;
    this.#interference = options.interference;
  }

  /** Opens a node under test. */
  async open(options: OpenOptions = {}): Promise<TestNode> {
    const name = `n${randomBytes(6).toString("hex")}`;
    const wanted: NodeOptions = { kind: "base", network: this.network, ...options };
    const reports = new Inbox<Report>(this.deadlineMs);
    this.#driver.listen(name, (report) => {
      for (const one of this.#interference.report?.(report) ?? [report]) reports.push(one);
    });
    const opened = await run(this.#driver, this.#interference, {
      do: "open",
      node: name,
      options: this.#interference.options?.(wanted) ?? wanted,
    }).catch((error: unknown) => {
      if (!(error instanceof DriverError) || error.code !== "unsupported") throw error;
      throw new CaseSkipped(error.message, { cause: error });
    });
    this.#nodes.push(name);
    return new TestNode(name, opened as Opened, {
      driver: this.#driver,
      interference: this.#interference,
      reports,
      deadlineMs: this.deadlineMs,
    });
  }

  /** A TCP connection to the node and nothing sent on it. */
  async connect(node: TestNode, options: ConnectOptions = {}): Promise<RawPeer> {
    const socket = connect({ ...(options.at ?? node.endpoint), allowHalfOpen: true });
    await new Promise<void>((resolve, reject) => {
      socket.once("connect", resolve);
      socket.once("error", reject);
    });
    return this.#adopt(socket, options);
  }

  /** A connection whose two handshakes are done. */
  async join(node: TestNode, options: PeerOptions = {}): Promise<RawPeer> {
    const peer = await this.connect(node, options);
    await this.shake(peer, options);
    return peer;
  }

  /** Does the handshake on a connection of either direction. */
  async shake(peer: RawPeer, options: PeerOptions = {}): Promise<void> {
    peer.sendHandshake({ network: this.network, ...options });
    await peer.nextHandshake();
    await peer.judged();
  }

  /** A TCP connection to a node with security, on which nothing was said. */
  async connectLine(node: TestNode): Promise<SecureLine> {
    const socket = connect({ ...node.endpoint, allowHalfOpen: true });
    await new Promise<void>((resolve, reject) => {
      socket.once("connect", resolve);
      socket.once("error", reject);
    });
    return this.#line(socket);
  }

  /** An address where the suite listens for connections under security. @param onLine is told of each at once */
  async listenForLines(
    onLine: (line: SecureLine) => void = () => undefined,
  ): Promise<{ readonly address: string; accept(): Promise<SecureLine> }> {
    const accepted = new Inbox<SecureLine>(this.deadlineMs);
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      const line = this.#line(socket);
      accepted.push(line);
      onLine(line);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    this.#undo.push(() => server.close());
    // A server that listens on TCP has an address of this form.
    const { port } = server.address() as AddressInfo;
    return {
      address: `tcp://127.0.0.1:${port}`,
      accept: () => accepted.next(() => true, "a connection dialled by the node"),
    };
  }

  /** Does the handshake of security in the suite's role. */
  shakeLine(line: SecureLine, role: "dialler" | "acceptor", options: Partial<ShakeOptions> = {}): Promise<Shaken> {
    const shake = role === "dialler" ? shakeAsDialler : shakeAsAcceptor;
    return shake(line, { network: this.network, ...options }, this.#interference);
  }

  /** The peer behind a line whose handshake is done. */
  peerOf(line: SecureLine, { id }: Shaken): RawPeer {
    return this.#adopt(line.asSocket(), { id });
  }

  #line(socket: Socket): SecureLine {
    const link: Link = {
      index: this.#links.length,
      memory: new Map(),
      siblings: this.#links,
      toSuite: () => undefined,
      toNode: (bytes) => void socket.write(bytes),
      endToSuite: () => void socket.destroy(),
    };
    const line = new SecureLine({ socket, deadlineMs: this.deadlineMs, interference: this.#interference, link });
    this.#undo.push(() => line.destroy());
    return line;
  }

  /** An address where the suite listens. `onPeer` is told of each connection at once. */
  async listen(options: ListenOptions = {}): Promise<RawListener> {
    const listener = await RawListener.open(this.deadlineMs, (socket) => {
      const peer = this.#adopt(socket, options);
      options.onPeer?.(peer);
      return peer;
    });
    this.#undo.push(() => listener.close());
    return listener;
  }

  /** Tries until it succeeds or the deadline is over, which fails with the last failure. */
  async eventually(attempt: () => Promise<void>): Promise<void> {
    const until = performance.now() + this.deadlineMs;
    for (;;) {
      try {
        return await attempt();
      } catch (error) {
        if (performance.now() > until) throw error;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
  }

  /** True while the driver has not crashed. */
  get isDriverAlive(): boolean {
    return !this.#driver.hasEnded;
  }

  async close(): Promise<void> {
    for (const undo of this.#undo.reverse()) undo();
    for (const node of this.#nodes) {
      if (!this.#driver.hasEnded) await this.#driver.call({ do: "close", node }).catch(() => undefined);
      this.#driver.unlisten(node);
    }
  }

  #adopt(socket: Socket, { id, keepsOpen }: ConnectOptions): RawPeer {
    const peer = new RawPeer({
      socket,
      deadlineMs: this.deadlineMs,
      interference: this.#interference,
      links: this.#links,
      ...(id === undefined ? {} : { id }),
      ...(keepsOpen === undefined ? {} : { keepsOpen }),
    });
    this.#undo.push(() => peer.destroy());
    return peer;
  }
}
