// The page of the browser check: two tables over the memory transport; leaves what became of them in globalThis.result.
import { Sync } from "@p2p/sync";

const first = new Sync({ network: "browser", listen: ["memory://first"] });
const second = new Sync({ network: "browser", listen: ["memory://second"], bootstrap: ["memory://first"] });

await first.open();
await first.set("early", { bytes: new Uint8Array(50_000) });
await second.open();
await second.ready();
const changes = second.watch("late");
await first.set("late", "here");
const { value: change } = await changes.next();
const refusal = await second.set("late", "there").catch((error) => error.code);
const isEqual = String(first.digest()) === String(second.digest());

await Promise.all([first.close(), second.close()]);
const result = `${second.size} keys, ${change?.key}: ${change?.newValue}, ${refusal}, equal: ${isEqual}`;
Object.assign(globalThis, { result });
