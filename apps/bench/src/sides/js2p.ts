// js2p 0.7.870 from npm: the ancestor, as its users run it.
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import js2p from "js2p";
import type { Side, SideOptions, StartedSide } from "./side.js";

/** A port that is free now: js2p tells its peers the port that it was given, so it cannot be given 0. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

export async function startJs2p({ onMessage }: SideOptions): Promise<StartedSide> {
  const port = await freePort();
  const node = new js2p.mesh.MeshSocket("127.0.0.1", port);
  if (!node.incoming.listening) await once(node.incoming, "listening");
  node.on("message", () => {
    for (let message = node.recv(); message !== undefined; message = node.recv()) {
      onMessage(message.packets[1] as Uint8Array);
    }
  });

  const side: Side = {
    keepsPayload: true,
    async dial(address) {
      node.connect("127.0.0.1", Number(address));
    },
    async hasNeighbours(count) {
      // js2p tells of its first connection only, and before the handshake: the table has to be looked at.
      while (node.routing_table.size < count) await new Promise((resolve) => setTimeout(resolve, 5));
    },
    publish(payload) {
      node.send([payload]);
      for (const { sock } of node.routing_table.values()) if (sock.writableNeedDrain) return false;
      return true;
    },
    async drained() {
      for (const { sock } of node.routing_table.values()) if (sock.writableNeedDrain) await once(sock, "drain");
    },
  };
  return { side, address: String(port) };
}
