// Entry of a process that measures handshakes of the side named by its first argument: one after the other, then ends.
import type { HandshakeReport, HandshakeSide, Handshakes } from "./handshakes.js";

/** Each side is loaded by the process that measures it alone. */
const makers: Record<HandshakeSide, () => Promise<Handshakes>> = {
  "@p2p/securenode": async () => (await import("./our-handshakes.js")).ourHandshakes(),
  "libp2p noise": async () => (await import("./libp2p-handshakes.js")).libp2pHandshakes(),
};

const [name, durationMs] = process.argv.slice(2);
const handshakes = await makers[name as HandshakeSide]();

async function run(ms: number): Promise<HandshakeReport> {
  const cpu = process.cpuUsage();
  const start = performance.now();
  let count = 0;
  while (performance.now() - start < ms) {
    await handshakes.once();
    count++;
  }
  const { user, system } = process.cpuUsage(cpu);
  return { perSecond: (count / (performance.now() - start)) * 1000, cpuUs: (user + system) / count };
}

await run(Number(durationMs) / 4);
process.send?.(await run(Number(durationMs)), () => process.exit());
