// The floor: bare TCP sockets with a data handler, and nothing else.
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import type { Pairs } from "./pairs.js";

export function rawPairs(): Pairs {
  let server: Server;
  const kept: Socket[] = [];
  const keep = (socket: Socket): void => {
    socket.setNoDelay(true);
    socket.on("data", () => {});
    socket.on("error", () => {});
    kept.push(socket);
  };
  return {
    async prepare() {
      server = createServer(keep).listen(0, "127.0.0.1");
      await once(server, "listening");
    },
    async open(count) {
      const { port } = server.address() as AddressInfo;
      for (let i = 0; i < count; i++) {
        const accepted = once(server, "connection");
        const socket = connect({ host: "127.0.0.1", port });
        await Promise.all([once(socket, "connect"), accepted]);
        keep(socket);
      }
    },
  };
}
