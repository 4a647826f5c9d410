// Our own mesh, as its users run it: default options.
import { Mesh, type MeshOptions } from "@p2p/mesh";
import type { Side, SideOptions, StartedSide } from "./side.js";

export function startMesh(options: SideOptions): Promise<StartedSide> {
  return startMeshWith({}, options);
}

/** With options besides those of the benchmark. */
export async function startMeshWith(
  options: Partial<MeshOptions>,
  { listens, onMessage }: SideOptions,
): Promise<StartedSide> {
  const mesh = new Mesh({ network: "bench", listen: listens ? ["tcp://127.0.0.1:0"] : [], ...options });
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
