// Our own sealed messages: by themselves, and as letters from node to node beside messages of the same nodes that are not sealed.
import { MemoryNetwork, memoryTransport } from "@p2p/base";
import { Identity, SecureNode } from "@p2p/securenode";
import { seal, unseal } from "@p2p/securenode/sealed";
import { type Posting, type PostSide, payloadBytes, readerCounts, type Sealing } from "./letters.js";

export function ourSealing(): Sealing {
  const from = Identity.generate();
  const readers = Array.from({ length: Math.max(...readerCounts) }, () => Identity.generate());
  const [first = from] = readers;
  const keys = readers.map(({ publicKey }) => publicKey);
  const data = new Uint8Array(payloadBytes).fill(7);
  return {
    seal: (count) => seal(data, { to: keys.slice(0, count), from }),
    open: (sealed) => {
      // What this side has sealed is bytes.
      unseal(sealed as Uint8Array, { identity: first, from: from.id });
    },
  };
}

/** Two secure nodes in one process, over an encrypted channel in memory. */
export async function posting(side: PostSide): Promise<Posting> {
  const transports = [memoryTransport({ network: new MemoryNetwork() })];
  // Here the one sender writes as fast as it can.
  const secureLimits = { letterBurst: 1_000_000_000, lettersPerSecond: 1_000_000_000 };
  const options = { network: "bench", transports, secureLimits };
  const desk = new SecureNode({ ...options, identity: Identity.generate(), listen: ["memory://desk:0"] });
  const guest = new SecureNode({ ...options, identity: Identity.generate() });
  for (const node of [desk, guest]) await node.open();
  await guest.node.dial(desk.addresses[0] ?? "");
  await guest.keyOf(desk.id);
  let left = 0;
  let done: () => void = () => {};
  const arrived = (): void => {
    left -= 1;
    if (left === 0) done();
  };
  if (side === "letters") desk.on("letter", arrived);
  else desk.node.on("message", arrived);
  const data = new Uint8Array(payloadBytes).fill(7);
  return {
    async send(count) {
      left = count;
      const all = new Promise<void>((resolve) => {
        done = resolve;
      });
      for (let sent = 0; sent < count; sent++) {
        if (side === "letters") await guest.send(desk.id, data);
        else await guest.node.send(desk.id, data);
      }
      await all;
    },
    async close() {
      await Promise.all([desk.close(), guest.close()]);
    },
  };
}
