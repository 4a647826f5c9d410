// Members come and crash all the time, with a median session of 1.4 minutes: at least 99 % of reads find what was set before, and
// maintenance costs a node less than 900 bytes a second (Bamboo, USENIX 2004).
//
// Maintenance is all that nodes send while nobody reads or writes and members still come and crash: connections, handshakes and
// pings included, as well as the stabilising, fingers, joins, comparisons and copies of the ring and its dictionary.
import type { NodeSeams, Scenario } from "@p2p/simulator";
import { DataWatch } from "../chord/data-watch.js";
import { onGrownRing, type Tell, tellNobody } from "../chord/grown-ring.js";
import { type Member, RingWatch } from "../chord/ring-watch.js";

const settleMs = 30_000;
const medianSessionMs = 84_000;
const rightPart = 0.99;
/** How long the ring is watched without reads, to see what it costs by itself. */
const quietMs = 60_000;
const allowedBytesPerSecond = 900;

/** @param tell is told the figures */
export function dataChurn(
  name: string,
  count: number,
  values: number,
  durationMs: number,
  tell: Tell = tellNobody,
): Scenario {
  return onGrownRing({ name, count, settleMs, tell }, async ({ ring, world, judge }) => {
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
    const rate = (bytes: number, forMs: number): number => bytes / count / (forMs / 1_000);
    const began = ring.bytesSent;
    const { right, wrong, failed } = await data.getFor(durationMs, 20_000 / count);
    const [mixed, inReads] = [ring.bytesSent, crashes];
    await world.runFor(quietMs);
    const [busy, quiet] = [rate(mixed - began, durationMs), rate(ring.bytesSent - mixed, quietMs)];
    const read = right + wrong + failed;
    const isRight = right >= rightPart * read && quiet < allowedBytesPerSecond;
    judge(
      `${count} members, ${inReads} crashes in ${durationMs / 1_000} s: ${right} of ${read} reads right, ${wrong} wrong, ${failed} failed; ` +
        `maintenance ${quiet.toFixed(0)} B/s a node (allowed ${allowedBytesPerSecond}): all that nodes sent in the ${quietMs / 1_000} s ` +
        `after that, of the same churn without a read or write; ${busy.toFixed(0)} B/s with the reads`,
      isRight,
    );
  });
}
