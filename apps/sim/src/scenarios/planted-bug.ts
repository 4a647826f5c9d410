// Fails on purpose, so that the harness proves itself: a life that is measured by the wall clock can be negative.
import type { Scenario } from "@p2p/simulator";

const names = ["ada", "bob", "eve"];

export const plantedBug: Scenario = {
  name: "planted-bug",
  nodes: names,
  faults: { count: 10, durationMs: 60_000 },
  async run(world, begin) {
    for (const name of names) {
      await world.start(name, ({ clock }) => {
        const bornMs = clock.now();
        world.invariant(`the life of ${name} is not negative`, () => clock.now() >= bornMs);
      });
    }
    begin();
    await world.runFor(70_000);
  },
};
