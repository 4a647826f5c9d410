// Our own mesh, as its users run it: default options.
import { Mesh } from "@p2p/mesh";
import type { Side, SideOptions, StartedSide } from "./side.js";

export async function startMesh({ listens, onMessage }: SideOptions): Promise<StartedSide> {
  const mesh = new Mesh({ network: "bench", listen: listens ? ["tcp://127.0.0.1:0"] : [] });
  await mesh.open();
  mesh.on("message", ({ data }) => onMessage(data as Uint8Array)); // only the publisher sends here, and only bytes

  const side: Side = {
    keepsPayload: false,
    async dial(address) {
      await mesh.node.dial(address);
    },
    hasNeighbours: (count) => mesh.ready({ peers: count }),
    publish: (payload) => mesh.broadcast(payload),
    drained: () => mesh.drained(),
  };
  return { side, address: mesh.addresses[0] ?? "" };
}
