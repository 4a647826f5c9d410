// One process of the story: a mesh node on a free port that does what it is ordered and reports what happens to it.
import { Mesh } from "@p2p/mesh";
import { fewLinks } from "./mesh-options.js";
import type { Order, Report } from "./report.js";

let mesh: Mesh | undefined;

function report(fact: Report): void {
  process.send?.(fact);
}

async function join(bootstrap: readonly string[]): Promise<void> {
  const joined = new Mesh({ network: "demo", listen: ["tcp://127.0.0.1:0"], bootstrap, meshLimits: fewLinks });
  mesh = joined;
  joined.on("message", (message) => {
    const atNs = process.hrtime.bigint();
    // Only broadcasts are sent here: they all have a neighbour that passed them on, and a text.
    report({ kind: "heard", text: message.data as string, via: message.via as string, atNs });
  });
  joined.on("peerConnected", () => report({ kind: "neighbours", ids: joined.peers }));
  joined.on("peerDisconnected", () => report({ kind: "neighbours", ids: joined.peers }));
  // For instance a dial to a node that is gone: of interest only if this process fails.
  joined.on("error", (error) => process.stderr.write(`${error.message}\n`));
  await joined.open();
  report({ kind: "open", id: joined.id, address: joined.addresses[0] ?? "" });
}

async function broadcast(open: Mesh, texts: readonly string[]): Promise<void> {
  for (const text of texts) {
    const atNs = process.hrtime.bigint();
    const mayGoOn = open.broadcast(text);
    report({ kind: "sent", text, atNs });
    if (!mayGoOn) await open.drained();
  }
}

async function obey(order: Order): Promise<void> {
  switch (order.do) {
    case "join":
      return join(order.bootstrap);
    case "broadcast":
      if (!mesh) throw new Error("ordered to broadcast before it joined");
      return broadcast(mesh, order.texts);
    case "leave":
      await mesh?.close();
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
