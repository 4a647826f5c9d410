// Members come and crash all the time, with a median session of 1.4 minutes: at least 99 % of reads find what was set before.
import type { NodeSeams, Scenario } from "@p2p/simulator";
import { DataWatch } from "../chord/data-watch.js";
import { type Member, RingWatch } from "../chord/ring-watch.js";

const apartMs = 40;
const settleMs = 30_000;
const medianSessionMs = 84_000;
const rightPart = 0.99;
/** How long the ring is watched without reads, to see what it costs by itself. */
const quietMs = 30_000;

/** @param tell is told the figures */
export function dataChurn(
  name: string,
  count: number,
  values: number,
  durationMs: number,
  tell: (line: string) => void = () => undefined,
): Scenario {
  return {
    name,
    nodes: Array.from({ length: count }, (_, number) => `n${number}`),
    // The coming and going is the fault.
    faults: { count: 0, durationMs: 1 },
    world: { conditions: { latency: { minMs: 20, maxMs: 80 } }, trace: "off" },
    async run(world, _begin, nodes) {
      const ring = new RingWatch(world);
      await ring.grow(nodes, apartMs, settleMs);
      const data = new DataWatch(world, ring);
      await data.setAll(values);
      let crashes = 0;
      let lastName = count;
      const endMs = world.nowMs + durationMs + quietMs;
      const expire = (member: Member): void => {
        // Sessions of this length in the median, whatever has passed of them.
        const sessionMs = (-Math.log(1 - world.random.float()) * medianSessionMs) / Math.LN2;
        world.after(sessionMs, "session", () => {
          if (world.nowMs > endMs) return;
          data.crash(member);
          crashes += 1;
          const bootstrap = [world.random.pick(ring.members.filter((each) => each.isReady)).address];
          void world
            .start(`n${lastName++}`, (seams: NodeSeams) => RingWatch.open(seams, { bootstrap }))
            .then((next) => {
              ring.members.push(next as Member);
              expire(next as Member);
            });
        });
      };
      for (const member of ring.members) expire(member);
      const rate = (bytes: number, forMs: number): string => (bytes / count / (forMs / 1_000)).toFixed(0);
      const began = ring.bytesSent;
      const { right, wrong, failed } = await data.getFor(durationMs, 20_000 / count);
      const [mixed, inReads] = [ring.bytesSent, crashes];
      await world.runFor(quietMs);
      const [busy, quiet] = [rate(mixed - began, durationMs), rate(ring.bytesSent - mixed, quietMs)];
      const read = right + wrong + failed;
      const figures = `${count} members, ${inReads} crashes in ${durationMs / 1_000} s: ${right} of ${read} reads right, ${wrong} wrong, ${failed} failed; ${busy} B/s a node with reads, ${quiet} B/s without`;
      tell(figures);
      if (right < rightPart * read) throw new Error(figures);
    },
  };
}
