// What is outside a world, such as the platform's timers and files, is told where it meddles with a run.
import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { type NodeSeams, play, type Scenario, SimulatorError, shrink, World } from "./index.js";

const reading = (): Promise<unknown> => readFile(new URL(import.meta.url));

async function failure(promise: Promise<unknown>): Promise<SimulatorError> {
  const reason: unknown = await promise.catch((error: unknown) => error);
  if (reason instanceof SimulatorError) return reason;
  throw new Error(`no SimulatorError: ${String(reason)}`);
}

/** A node that is never idle. */
function busy({ clock }: NodeSeams): NodeSeams["clock"] {
  const tick = (): unknown => clock.setTimeout(tick, 1);
  tick();
  return clock;
}

const sources: readonly (readonly [string, () => Promise<unknown>])[] = [
  ["a file", reading],
  ["WebCrypto", () => crypto.subtle.digest("SHA-256", new Uint8Array(1_000))],
];

test.each(sources)("a node that awaits %s while the world goes on stops it", async (_name, wait) => {
  const leaky = ({ clock }: NodeSeams): void => {
    clock.setTimeout(() => void wait().then(() => clock.setTimeout(() => {}, 1)), 100);
  };
  const world = new World({ seed: 1 });
  await world.start("busy", busy);
  await world.start("leaky", leaky);
  const error = await failure(world.runFor(10_000_000));
  expect(error.code).toBe("outside");
  expect(error.message).toContain("WebCrypto");
  const allowed = new World({ seed: 1, allowsOutside: true });
  await allowed.start("busy", busy);
  await allowed.start("leaky", leaky);
  await allowed.runFor(10_000);
  expect(allowed.nowMs).toBe(10_000);
});

test("a node whose start awaits a file leaves nothing to happen, and the error says what that may be", async () => {
  const error = await failure(new World({ seed: 1 }).start("leaky", reading));
  expect(error.code).toBe("stuck");
  expect(error.message).toContain("a file");
});

test("what a script does between runs, and what its steps do in a run, is not outside", async () => {
  const world = new World({ seed: 1 });
  const { value: clock } = await world.start("busy", busy);
  for (let round = 0; round < 3; round++) {
    await reading();
    clock.setTimeout(() => {}, 1);
    world.after(1, "step", async () => {
      for (let depth = 0; depth < 500; depth++) await undefined;
      await new Promise((resolve) => process.nextTick(resolve));
      clock.setTimeout(() => {}, 1);
    });
    await world.runFor(500);
  }
  expect(world.nowMs).toBe(1_500);
});

test("a failure that does not come again is not shrunk: the error says that the run is not deterministic", async () => {
  let runs = 0;
  const flaky: Scenario = {
    name: "flaky",
    nodes: ["a", "b"],
    faults: { count: 5, durationMs: 50 },
    async run(world, begin) {
      begin();
      await world.runFor(100);
      if (runs++ % 2 === 0) throw new Error("now and then");
    },
  };
  const error = await failure(shrink(flaky, await play(flaky, 1)));
  expect(error.code).toBe("not-deterministic");
  expect(error.message).toMatch(/flaky, seed 1.*it failed.*it held/);
  expect(runs).toBe(2);
});
