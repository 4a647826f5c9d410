// A user's test under Node's own runner: the world runs as fast as it can, and says what a real network would.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Node } from "@p2p/base";
import { SimulatorError, World } from "@p2p/simulator";

/** @param {import("@p2p/simulator").NodeSeams} seams */
const open = async ({ address, clock, random, transports }) => {
  const node = new Node({ network: "test", listen: [address], clock, random, transports });
  node.handle("double", (message) => 2 * Number(message.data));
  await node.open();
  return node;
};

test("a request waits for the partition to heal", async () => {
  const world = new World({ seed: 1 });
  const ada = await world.start("ada", open);
  const bob = await world.start("bob", open);
  const connection = await world.run(ada.value.dial(bob.address));
  await world.run(ada.value.request(connection, 1, { type: "double" }));
  const heal = world.network.partition(["ada"], ["bob"]);
  world.after(20_000, "heal", heal);
  const answer = await world.run(ada.value.request(connection, 21, { type: "double" }));
  assert.equal(answer.data, 42);
  assert.ok(world.nowMs > 20_000);
});

test("what does not hold fails the test, with the seed", async () => {
  const world = new World({ seed: 7 });
  await world.start("ada", open);
  world.after(100, "break", () => world.invariant("broken", () => false));
  await assert.rejects(
    world.runFor(1_000),
    (error) => error instanceof SimulatorError && error.code === "invariant-failed" && /seed 7/.test(error.message),
  );
});
