// Yjs 13.6 over bare TCP, as a good user of it would: an update a transaction, framed and corked; what comes together is
// applied in one transaction. Merging the updates of a turn into one costs the writer more than it saves the reader.
import { EventEmitter, once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { applyUpdate, Doc, encodeStateAsUpdate, encodeStateVector, type Map as YMap } from "yjs";
import { CorkedSocket, framesOf } from "../sides/corked-socket.js";
import type { JoinedTable, StartedTable, TableLibrary, TableSide } from "./side.js";

/** The origin of transactions that apply what a peer sent. */
const remote = "remote";

/** Two replicas on a socket: each sends its state vector first, answers the other's by what it lacks, then every update. */
class Link {
  readonly #doc: Doc;
  readonly #socket: CorkedSocket;
  readonly #onUpdate: () => void;
  #hasVector = false;

  /** @param onUpdate called after each update of the peer, in its transaction */
  constructor(doc: Doc, socket: Socket, onUpdate: () => void = () => {}) {
    this.#doc = doc;
    this.#socket = new CorkedSocket(socket);
    this.#onUpdate = onUpdate;
    const frames = framesOf((frame) => this.#take(frame));
    socket.setNoDelay(true);
    socket.on("error", () => {});
    socket.on("data", (chunk) => doc.transact(() => frames(chunk), remote));
    this.#socket.send(encodeStateVector(doc));
  }

  get hasRoom(): boolean {
    return !this.#socket.socket.writableNeedDrain;
  }

  send(update: Uint8Array): void {
    this.#socket.send(update);
  }

  async drained(): Promise<void> {
    if (!this.hasRoom) await once(this.#socket.socket, "drain");
  }

  #take(frame: Uint8Array): void {
    if (!this.#hasVector) {
      this.#hasVector = true;
      this.#socket.send(encodeStateAsUpdate(this.#doc, frame));
      return;
    }
    applyUpdate(this.#doc, frame, remote);
    this.#onUpdate();
  }
}

async function connected(address: string): Promise<Socket> {
  const socket = connect({ host: "127.0.0.1", port: Number(address) });
  await once(socket, "connect");
  return socket;
}

function tableOf(doc: Doc): YMap<number> {
  return doc.getMap<number>("table");
}

async function start({ listens, onUpdate }: Parameters<TableLibrary["start"]>[0]): Promise<StartedTable> {
  const doc = new Doc();
  const table = tableOf(doc);
  const links: Link[] = [];
  const changes = new EventEmitter();
  const adopt = (socket: Socket): void => {
    links.push(new Link(doc, socket));
    changes.emit("neighbour");
  };
  doc.on("update", (update: Uint8Array, origin: unknown) => {
    if (origin !== remote) for (const link of links) link.send(update);
  });
  table.observe(({ keysChanged, transaction }) => {
    if (transaction.origin === remote) for (const key of keysChanged) onUpdate(table.get(key as string) ?? 0);
  });

  let address = "";
  if (listens) {
    const server = createServer(adopt).listen(0, "127.0.0.1");
    await once(server, "listening");
    address = String((server.address() as AddressInfo).port);
  }
  const side: TableSide = {
    get size() {
      return table.size;
    },
    get hasRoom() {
      return links.every((link) => link.hasRoom);
    },
    async dial(port) {
      adopt(await connected(port));
    },
    async hasNeighbour() {
      while (links.length === 0) await once(changes, "neighbour");
    },
    set(key, value) {
      table.set(key, value);
    },
    update(entries) {
      doc.transact(() => {
        for (const key in entries) table.set(key, entries[key] as number);
      });
    },
    async drained() {
      for (const link of links) await link.drained();
    },
  };
  return { side, address };
}

async function join(address: string): Promise<JoinedTable> {
  const doc = new Doc();
  const table = tableOf(doc);
  const socket = await connected(address);
  await new Promise<void>((resolve) => new Link(doc, socket, resolve));
  return {
    size: table.size,
    get: (key) => table.get(key),
    *values() {
      for (const [, value] of table.entries()) yield value as number; // only numbers are written
    },
  };
}

export const yjs: TableLibrary = { start, join };
