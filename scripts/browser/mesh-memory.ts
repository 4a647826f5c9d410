// The page of the browser check: two meshes over the memory transport; leaves what the second heard in globalThis.result.
import { Mesh } from "@p2p/mesh";

const speaker = new Mesh({ network: "browser", listen: ["memory://speaker"] });
const listener = new Mesh({ network: "browser", listen: ["memory://listener"], bootstrap: ["memory://speaker"] });
const heard = new Promise((resolve) => listener.on("message", (message) => resolve(message.data)));

await speaker.open();
await listener.open();
await Promise.all([speaker.ready(), listener.ready()]);
speaker.broadcast({ text: "heard", bytes: new Uint8Array(100_000) });
const data = await heard;

await Promise.all([speaker.close(), listener.close()]);
Object.assign(globalThis, { result: typeof data === "object" && data !== null && "text" in data ? data.text : data });
