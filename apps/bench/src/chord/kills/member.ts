// Entry of a member process: `node member.js <folder or ""> <address to join by> ...`; does what it is ordered until it is killed.
import { Chord, openStore } from "@p2p/chord";
import { ClassicLevel } from "classic-level";
import type { Answer, Order } from "./messages.js";

const [folder = "", ...bootstrap] = process.argv.slice(2);
const store = folder === "" ? {} : { store: await openStore(new ClassicLevel(folder)) };
const chord = new Chord({ network: "siege", listen: ["tcp://127.0.0.1:0"], bootstrap, ...store });

function tell(answer: Answer): void {
  process.send?.(answer);
}

async function obey(order: Order): Promise<number | null> {
  if (order.do === "get") {
    const value = await chord.get(order.key);
    return typeof value === "number" ? value : null;
  }
  await chord.set(order.key, order.value);
  return order.value;
}

process.on("message", (message) => {
  const order = message as Order; // the besieger sends nothing else
  obey(order).then(
    (value) => tell({ kind: "done", id: order.id, value }),
    (error: unknown) => tell({ kind: "failed", id: order.id, reason: String(error) }),
  );
});
// The besieger may end in any way: its members end with it.
process.on("disconnect", () => process.exit());

await chord.open();
await chord.ready();
tell({ kind: "ready", address: chord.addresses[0] ?? "" });
