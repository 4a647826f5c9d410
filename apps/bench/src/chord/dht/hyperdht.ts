// hyperdht's own testnet: it binds to 127.0.0.1, and asks none but its own nodes to join by. Its values are immutable ones, which
// cost it least: no signature is made and none checked.
import createTestnet from "hyperdht/testnet.js";
import type { DhtNetwork } from "./network.js";

export async function openHyperdht(size: number): Promise<DhtNetwork> {
  const { nodes } = await createTestnet(size);
  return {
    size,
    async put(node, value) {
      const put = await nodes[node]?.immutablePut(value);
      if (put === undefined) throw new RangeError(`there is no node ${node}`);
      return put.hash;
    },
    async get(node, key) {
      // put() hands out nothing else.
      return (await nodes[node]?.immutableGet(key as Uint8Array))?.value;
    },
  };
}
