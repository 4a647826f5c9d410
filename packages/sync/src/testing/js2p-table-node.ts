// A process with a table of js2p 0.7.870, which does what its parent says: the code that 0.7 is in the end.
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import js2p from "js2p";

/** What the parent asks. */
export type Js2pAsk =
  | { readonly do: "dial"; readonly port: number }
  | { readonly do: "set"; readonly key: string; readonly value: unknown }
  | { readonly do: "delta"; readonly key: string; readonly fields: object }
  | { readonly do: "status" };

/** What it is told. */
export type Js2pReport =
  | { readonly kind: "listening"; readonly port: number }
  | { readonly kind: "update"; readonly key: string; readonly value: unknown }
  | { readonly kind: "done" }
  | { readonly kind: "status"; readonly status: string }
  | { readonly kind: "failed"; readonly text: string };

/** A port that is free now: js2p tells its peers the port that it was given, so it cannot be given 0. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo; // it listens on a port
  server.close();
  await once(server, "close");
  return port;
}

function report(told: Js2pReport): void {
  process.send?.(told);
}

const port = await freePort();
const table = new js2p.sync.SyncSocket("127.0.0.1", port, new js2p.base.Protocol("office", "Plaintext"), true);
if (!table.incoming.listening) await once(table.incoming, "listening");
table.on("update", (_: unknown, key: { toString(): string }, value: unknown) => {
  report({ kind: "update", key: key.toString(), value });
});

process.on("message", (ask: Js2pAsk) => {
  try {
    if (ask.do === "dial") table.connect("127.0.0.1", ask.port);
    else if (ask.do === "set") table.set(ask.key, ask.value);
    else if (ask.do === "delta") table.apply_delta(ask.key, ask.fields);
    else report({ kind: "status", status: String(table.status) });
    if (ask.do !== "status") report({ kind: "done" });
  } catch (error) {
    report({ kind: "failed", text: String(error) });
  }
});
process.on("disconnect", () => process.exit());
report({ kind: "listening", port });
