// The page of the simulator's check: a world with faults, and the same on every platform; leaves its end in globalThis.result.
import { Node } from "@p2p/base";
import { drawFaults, type NodeSeams, scheduleFaults, World } from "@p2p/simulator";

const names = ["ada", "bob", "eve"];
const seconds = 60;

const world = new World({ seed: "page", conditions: { latency: { minMs: 5, maxMs: 60 }, lossRate: 0.05 } });
const open = async ({ address, clock, random, transports }: NodeSeams): Promise<Node> => {
  const node = new Node({ network: "page", listen: [address], clock, random, transports });
  node.handle("double", (message) => 2 * Number(message.data));
  await node.open();
  return node;
};
const nodes = await Promise.all(names.map((name) => world.start(name, open)));
scheduleFaults(world, drawFaults(world.random, names, { count: 10, durationMs: 1_000 * seconds }));
let answers = 0;
for (let second = 0; second < seconds; second++) {
  const [asker, answerer] = world.random.shuffle(nodes);
  if (asker?.isReady && answerer !== undefined) {
    const asked = asker.value.request(answerer.address, second, { type: "double", timeoutMs: 10_000 });
    // Whatever fails for want of a way there is counted as no answer.
    asked.then(
      ({ data }) => {
        if (data === 2 * second) answers++;
      },
      () => {},
    );
  }
  await world.runFor(1_000);
}
await world.runFor(60_000);
Object.assign(globalThis, { result: { answers, steps: world.steps, fingerprint: world.trace.fingerprint } });
