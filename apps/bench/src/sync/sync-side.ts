// Our own table, as its users run it: default options, leases on.
import { Sync } from "@p2p/sync";
import type { JoinedTable, StartedTable, TableLibrary, TableSide } from "./side.js";

const network = "bench";
/** Keys that are written before a promise is awaited: it waits until neighbours take more. */
const keysPerWait = 1_000;

async function start({ listens, onUpdate }: Parameters<TableLibrary["start"]>[0]): Promise<StartedTable> {
  const sync = new Sync({ network, listen: listens ? ["tcp://127.0.0.1:0"] : [] });
  await sync.open();
  sync.on("update", ({ newValue, isLocal }) => {
    if (!isLocal) onUpdate(newValue as number); // only the writer writes, and only numbers
  });
  let last: Promise<unknown> = Promise.resolve();
  let unawaited = 0;
  const side: TableSide = {
    get size() {
      return sync.size;
    },
    get hasRoom() {
      return unawaited < keysPerWait;
    },
    async dial(address) {
      await sync.mesh.node.dial(address);
    },
    async hasNeighbour() {
      await sync.mesh.ready({ peers: 1 });
    },
    set(key, value) {
      last = sync.set(key, value);
      unawaited += 1;
    },
    update(entries) {
      last = sync.update(entries);
      unawaited += Object.keys(entries).length;
    },
    async drained() {
      unawaited = 0;
      await last;
    },
  };
  return { side, address: sync.addresses[0] ?? "" };
}

async function join(address: string): Promise<JoinedTable> {
  const sync = new Sync({ network, bootstrap: [address] });
  await sync.open();
  await sync.ready();
  return {
    size: sync.size,
    get: (key) => sync.get(key) as number | undefined, // only numbers are written
    *values() {
      for (const [, value] of sync.entries()) yield value as number; // as above
    },
    digest: () => void sync.digest(),
  };
}

export const sync: TableLibrary = { start, join };
