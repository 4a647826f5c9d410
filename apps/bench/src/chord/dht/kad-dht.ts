// libp2p's kad-dht as servers on loopback TCP, unencrypted as the others are, each connected with each: it has no longer way
// to go than it wants to.
import { identify } from "@libp2p/identify";
import { kadDHT, passthroughMapper, type SingleKadDHT } from "@libp2p/kad-dht";
import { ping } from "@libp2p/ping";
import { plaintext } from "@libp2p/plaintext";
import { tcp } from "@libp2p/tcp";
import { yamux } from "@libp2p/yamux";
import { createLibp2p } from "libp2p";
import type { DhtNetwork } from "./network.js";

/** Records are checked by the part of their key before the second "/". */
const kind = "bench";

export async function openKadDht(size: number): Promise<DhtNetwork> {
  const nodes = await Promise.all(Array.from({ length: size }, openNode));
  for (const [number, node] of nodes.entries()) {
    for (const earlier of nodes.slice(0, number)) await node.dial(earlier.getMultiaddrs());
  }
  for (const { services } of nodes) {
    // The object that kadDHT() makes has a routing table, which its type leaves out. No event tells when all are in it.
    const { routingTable } = services.dht as SingleKadDHT;
    while (routingTable.size < size - 1) await new Promise(setImmediate);
  }
  const at = (number: number) => nodes[number] as (typeof nodes)[number]; // the workload keeps to the size
  const encoder = new TextEncoder();
  let next = 0;
  return {
    size,
    async put(node, value) {
      const key = encoder.encode(`/${kind}/${next++}`);
      await at(node).contentRouting.put(key, value);
      return key;
    },
    // put() hands out nothing else.
    get: (node, key) => at(node).contentRouting.get(key as Uint8Array),
  };
}

async function openNode() {
  return createLibp2p({
    addresses: { listen: ["/ip4/127.0.0.1/tcp/0"] },
    transports: [tcp()],
    connectionEncrypters: [plaintext()],
    streamMuxers: [yamux()],
    // All share one address.
    connectionManager: { inboundConnectionThreshold: Number.POSITIVE_INFINITY, maxIncomingPendingConnections: 100 },
    services: {
      identify: identify(),
      ping: ping(),
      dht: kadDHT({
        protocol: "/bench/kad/1.0.0",
        clientMode: false,
        peerInfoMapper: passthroughMapper,
        validators: { [kind]: async () => {} },
        selectors: { [kind]: () => 0 },
      }),
    },
  });
}
