// The ceiling: length-framed messages on a bare socket, collected in slabs, corked; no ids, no de-duplication, no relays.
import { EventEmitter, once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { CorkedSocket, framesOf } from "./corked-socket.js";
import type { Side, SideOptions, StartedSide } from "./side.js";

export async function startRawTcp({ listens, onMessage }: SideOptions): Promise<StartedSide> {
  const neighbours: CorkedSocket[] = [];
  const changes = new EventEmitter();
  const adopt = (socket: Socket): void => {
    socket.setNoDelay(true);
    socket.on("error", () => {});
    socket.on("data", framesOf(onMessage));
    neighbours.push(new CorkedSocket(socket));
    changes.emit("neighbour");
  };

  let address = "";
  if (listens) {
    const server = createServer(adopt).listen(0, "127.0.0.1");
    await once(server, "listening");
    address = String((server.address() as AddressInfo).port);
  }

  const side: Side = {
    keepsPayload: false,
    async dial(port) {
      const socket = connect({ host: "127.0.0.1", port: Number(port) });
      await once(socket, "connect");
      adopt(socket);
    },
    async hasNeighbours(count) {
      while (neighbours.length < count) await once(changes, "neighbour");
    },
    publish(payload) {
      let mayGoOn = true;
      for (const neighbour of neighbours) if (!neighbour.send(payload)) mayGoOn = false;
      return mayGoOn;
    },
    async drained() {
      for (const { socket } of neighbours) if (socket.writableNeedDrain) await once(socket, "drain");
    },
  };
  return { side, address };
}
