// A request is answered by what was asked, or fails with a typed error within its time; and once all is mended it works.
import { BaseError, Node } from "@p2p/base";
import type { NodeSeams, Scenario } from "@p2p/simulator";

const names = ["asker", "answerer"];
const durationMs = 60_000;
const askEveryMs = 1_000;
const timeoutMs = 20_000;

async function openNode({ address, clock, random, transports }: NodeSeams): Promise<Node> {
  const node = new Node({ network: "swarm", listen: [address], clock, random, transports });
  node.handle("double", (message, context) => context.reply(2 * Number(message.data)));
  await node.open();
  return node;
}

export const baseAnswers: Scenario = {
  name: "base-answers",
  nodes: names,
  // The asker itself does not crash: its questions would die with it.
  faults: { count: 8, durationMs, kinds: ["partition", "half-open", "clock-jump", "slow", "loss"] },
  world: { conditions: { latency: { minMs: 5, maxMs: 60, spikeChance: 0.01, spikeMs: 500 } }, trace: "faults" },
  async run(world, begin) {
    const asker = await world.start("asker", openNode);
    const answerer = await world.start("answerer", openNode);
    let open = 0;
    const wrong: string[] = [];
    const ask = async (number: number): Promise<boolean> => {
      open++;
      try {
        const answer = await asker.value.request(answerer.address, number, { type: "double", timeoutMs });
        if (answer.data !== 2 * number) wrong.push(`${number} was answered by ${String(answer.data)}`);
        return true;
      } catch (error) {
        if (!(error instanceof BaseError)) wrong.push(`${number} failed by ${String(error)}`);
        return false;
      } finally {
        open--;
      }
    };
    world.invariant("answers are right, and errors typed", () => {
      if (wrong.length > 0) throw new Error(wrong.join("; "));
    });
    begin();
    for (let askedMs = 0; askedMs <= durationMs; askedMs += askEveryMs) {
      void ask(askedMs);
      await world.runFor(askEveryMs);
    }
    // Each request ends within its time, that of dialling included.
    await world.runUntil(() => open === 0, { withinMs: 2 * timeoutMs });
    let isAnswered = false;
    for (let attempt = 0; !isAnswered && attempt < 10; attempt++) isAnswered = await world.run(ask(attempt));
    if (!isAnswered) throw new Error("no request is answered though all is mended");
  },
};
