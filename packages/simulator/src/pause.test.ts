// A process that stands still: its timers and data wait, its machine does not, and then all happens at once, in order.
import { type Channel, Node } from "@p2p/base";
import { expect, test } from "vitest";
import { type NodeSeams, type SimulatedNode, World } from "./index.js";

const never = new AbortController().signal;
const same = (seams: NodeSeams): NodeSeams => seams;

function tick(node: SimulatedNode<NodeSeams>, seen: string[], everyMs: number): void {
  const { clock } = node.value;
  const run = (): void => {
    seen.push(`tick at ${Math.round(clock.monotonic())}`);
    clock.setTimeout(run, everyMs);
  };
  clock.setTimeout(run, everyMs);
}

test("timers wait and then come in the order in which they were due; one that is cleared meanwhile does not come", async () => {
  const world = new World({ seed: 1 });
  const node = await world.start("a", same);
  const { clock } = node.value;
  const seen: string[] = [];
  const late = clock.setTimeout(() => seen.push("cleared"), 40);
  clock.setTimeout(() => seen.push("second"), 30);
  clock.setTimeout(() => {
    seen.push("first");
    clock.clearTimeout(late);
    clock.queue(() => seen.push("job"));
  }, 20);
  clock.setTimeout(() => seen.push("after"), 150);
  const resume = node.pause();
  expect([node.isUp, node.isReady]).toEqual([true, false]);
  await world.runFor(100);
  expect(seen).toEqual([]);
  // The clock itself goes on.
  expect(clock.monotonic()).toBe(100);
  resume();
  resume();
  expect(node.isReady).toBe(true);
  await world.runFor(0);
  expect(seen).toEqual(["first", "second", "job"]);
  await world.runFor(50);
  expect(seen.at(-1)).toBe("after");
  expect(world.trace.text()).toMatch(/pause\n.*resume/);
});

test("what is sent to a paused process is taken by its machine, up to what a channel holds, and read when it goes on", async () => {
  const world = new World({ seed: 1 });
  const [a, b] = [await world.start("a", same), await world.start("b", same)];
  const accepted: Channel[] = [];
  const seen: string[] = [];
  const onData = (data: Uint8Array): unknown => seen.push(`${data.length}`);
  await b.value.transports[0]?.listen(b.address, (channel) => {
    accepted.push(channel);
    channel.open({ onData, onDrain: () => {}, onClose: () => seen.push("close") });
  });
  const resume = b.pause();
  const dialled = a.value.transports[0]?.dial(b.address, { signal: never });
  if (dialled === undefined) throw new Error("a node has a transport");
  const channel = await world.run(dialled);
  let drains = 0;
  channel.open({ onData: () => {}, onDrain: () => drains++, onClose: () => seen.push("closed at the dialler") });
  expect([channel.write([new Uint8Array(10)]), channel.write([new Uint8Array(70_000)])]).toEqual([true, false]);
  await world.runFor(10_000);
  expect([accepted.length, seen.length, drains]).toEqual([0, 0, 0]);
  resume();
  await world.runFor(1_000);
  expect([accepted.length, drains]).toEqual([1, 1]);
  expect(seen.reduce((sum, size) => sum + Number(size), 0)).toBe(70_010);
  const again = b.pause();
  channel.destroy();
  await world.runFor(1_000);
  expect(seen).not.toContain("close");
  again();
  await world.runFor(1);
  expect(seen.at(-1)).toBe("close");
});

test("what a paused process waits for comes when it goes on: dials, room to write", async () => {
  const world = new World({ seed: 1 });
  const [a, b] = [await world.start("a", same), await world.start("b", same)];
  await b.value.transports[0]?.listen(b.address, (channel) =>
    channel.open({ onData: () => {}, onDrain: () => {}, onClose: () => {} }),
  );
  const seen: string[] = [];
  const [transport] = a.value.transports;
  if (transport === undefined) throw new Error("a node has a transport");
  transport.dial(b.address, { signal: never }).then(
    (channel) => {
      seen.push("dialled");
      channel.open({ onData: () => {}, onDrain: () => seen.push("room"), onClose: () => {} });
      channel.write([new Uint8Array(100_000)]);
    },
    () => seen.push("failed"),
  );
  transport.dial("sim://b:7", { signal: never }).catch(() => seen.push("refused"));
  const resume = a.pause();
  await world.runFor(60_000);
  expect(seen).toEqual([]);
  resume();
  // The dial is told; what is written is on its way.
  await world.runFor(0);
  expect(seen.toSorted()).toEqual(["dialled", "refused"]);
  const again = a.pause();
  await world.runFor(60_000);
  expect(seen).toHaveLength(2);
  again();
  await world.runFor(0);
  expect(seen.at(-1)).toBe("room");
});

test("pauses overlap, end with a crash, and concern no other run", async () => {
  const world = new World({ seed: 1 });
  const node = await world.start("a", same);
  const seen: string[] = [];
  tick(node, seen, 10);
  const [first, second] = [node.pause(), node.pause()];
  await world.runFor(10);
  first();
  await world.runFor(20);
  expect(seen).toEqual([]);
  expect(node.pausedMs).toBe(30);
  node.crash();
  expect(() => node.pause()).toThrow("is down");
  await world.restart(node);
  tick(node, seen, 10);
  second();
  await world.runFor(10);
  expect(seen).toEqual(["tick at 10"]);
  node.pause()();
  const third = node.pause();
  await world.runFor(5);
  third();
  await world.runFor(5);
  expect(node.pausedMs).toBe(5);
});

test("a node that stands still for longer than its peers wait is given up, and can be dialled again", async () => {
  const world = new World({ seed: 1 });
  const open = async ({ address, clock, random, transports }: NodeSeams): Promise<Node> => {
    const node = new Node({ network: "toy", listen: [address], clock, random, transports });
    node.handle("add", (message, context) => context.reply(Number(message.data) + 1));
    await node.open();
    return node;
  };
  const [a, b] = [await world.start("a", open), await world.start("b", open)];
  await world.run(a.value.dial(b.address));
  const resume = b.pause();
  await world.runUntil(() => a.value.connections.length === 0);
  const gaveUpMs = world.nowMs;
  expect(gaveUpMs).toBeGreaterThan(60_000);
  await world.runFor(60_000);
  resume();
  const answer = await world.run(a.value.request(b.address, 41, { type: "add" }));
  expect(answer.data).toBe(42);
});
