// One process of the story: a table, and the mesh under it, on a free port, later on a ring besides; it does what it is ordered
// and reports what happens.
import { Sync, SyncError } from "@p2p/sync";
import { fewLinks } from "./mesh-options.js";
import type { Order, Report } from "./report.js";
import { RingMember } from "./ring-member.js";

let sync: Sync | undefined;
let ring: RingMember | undefined;
let isDigestDue = false;

function report(fact: Report): void {
  process.send?.(fact);
}

async function join(bootstrap: readonly string[]): Promise<void> {
  const joined = new Sync({ network: "demo", listen: ["tcp://127.0.0.1:0"], bootstrap, meshLimits: fewLinks });
  sync = joined;
  const { mesh } = joined;
  mesh.on("message", (message) => {
    const atNs = process.hrtime.bigint();
    // Only broadcasts are sent here: they all have a neighbour that passed them on, and a text.
    report({ kind: "heard", text: message.data as string, via: message.via as string, atNs });
  });
  mesh.on("peerConnected", () => report({ kind: "neighbours", ids: mesh.peers }));
  mesh.on("peerDisconnected", () => report({ kind: "neighbours", ids: mesh.peers }));
  joined.on("update", () => tellTable(joined));
  joined.on("delete", () => tellTable(joined));
  // For instance a dial to a node that is gone: of interest only if this process fails.
  joined.on("error", (error) => process.stderr.write(`${error.message}\n`));
  await joined.open();
  report({ kind: "open", id: joined.id, address: joined.addresses[0] ?? "" });
}

/** Once for all changes that come together. */
function tellTable(open: Sync): void {
  if (isDigestDue) return;
  isDigestDue = true;
  setImmediate(() => {
    isDigestDue = false;
    report({ kind: "table", digest: Buffer.from(open.digest()).toString("hex"), keys: open.size });
  });
}

async function broadcast({ mesh }: Sync, texts: readonly string[]): Promise<void> {
  for (const text of texts) {
    const atNs = process.hrtime.bigint();
    const mayGoOn = mesh.broadcast(text);
    report({ kind: "sent", text, atNs });
    if (!mayGoOn) await mesh.drained();
  }
}

async function write(open: Sync, key: string, value: string | null): Promise<void> {
  try {
    await (value === null ? open.delete(key) : open.set(key, value));
    report({ kind: "written", key });
  } catch (error) {
    if (!(error instanceof SyncError) || error.code !== "leased") throw error;
    report({ kind: "refused", key, owner: error.owner ?? "", expiresAtMs: error.expiresAtMs ?? 0 });
  }
}

function stand(bootstrap: readonly string[]): Promise<void> {
  ring = new RingMember(bootstrap, report);
  return ring.join();
}

async function obey(order: Order): Promise<void> {
  if (order.do === "join") return join(order.bootstrap);
  if (order.do === "stand") return stand(order.bootstrap);
  if (!sync) throw new Error(`ordered to ${order.do} before it joined`);
  switch (order.do) {
    case "broadcast":
      return broadcast(sync, order.texts);
    case "write":
      return write(sync, order.key, order.value);
    case "store":
      return ring?.store(order.key, order.value);
    case "find":
      return ring?.find(order.key);
    case "leave":
      await ring?.close();
      await sync.close();
      report({ kind: "left" });
      return process.disconnect();
  }
}

process.on("message", (order) => {
  obey(order as Order).catch((error: unknown) => {
    report({ kind: "failed", reason: error instanceof Error ? error.message : String(error) });
  });
});
// The story may end in any way: its processes end with it. Ctrl-C is for the story to handle.
process.on("disconnect", () => process.exit());
process.on("SIGINT", () => {});
