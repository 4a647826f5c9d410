// What the faults of the network do to streams, told by their timing and their errors.
import { BaseError, type Channel } from "@p2p/base";
import { ChannelRecorder } from "@p2p/base/testing";
import { expect, test } from "vitest";
import { type NodeSeams, type SimulatedNode, SimulatorError, World, type WorldOptions } from "./index.js";

const never = new AbortController().signal;

interface Ends {
  readonly world: World;
  readonly a: SimulatedNode<NodeSeams>;
  readonly b: SimulatedNode<Listening>;
  readonly near: ChannelRecorder;
  readonly far: ChannelRecorder;
}

interface Listening extends NodeSeams {
  readonly accepted: Channel[];
}

async function listening(seams: NodeSeams): Promise<Listening> {
  const accepted: Channel[] = [];
  await seams.transports[0]?.listen(seams.address, (channel) => accepted.push(channel));
  return { ...seams, accepted };
}

function dial(node: SimulatedNode<NodeSeams>, address: string, signal: AbortSignal = never): Promise<Channel> {
  return node.value.transports[0]?.dial(address, { signal }) ?? Promise.reject(new Error("no transport"));
}

/** Two nodes with a channel over links of exactly 100 ms. */
async function ends(options: Partial<WorldOptions> = {}): Promise<Ends> {
  const world = new World({ seed: 1, conditions: { latency: { minMs: 100, maxMs: 100 } }, ...options });
  const a = await world.start("a", (seams) => seams);
  const b = await world.start("b", listening);
  const near = new ChannelRecorder(await world.run(dial(a, b.address)));
  const [channel] = b.value.accepted;
  if (channel === undefined) throw new Error("nothing was accepted");
  return { world, a, b, near, far: new ChannelRecorder(channel) };
}

function codeOf(error: unknown): string {
  return error instanceof BaseError ? error.code : String(error);
}

/** Runs until a condition holds. @returns the virtual time that it took */
async function timed({ world }: Ends, holds: () => boolean): Promise<number> {
  const beganMs = world.nowMs;
  await world.runUntil(holds);
  return world.nowMs - beganMs;
}

test("a dial takes a round trip, a chunk half of one", async () => {
  const all = await ends();
  expect(all.world.nowMs).toBe(200);
  all.near.channel.write([new Uint8Array(10)]);
  expect(await timed(all, () => all.far.receivedBytes === 10)).toBe(100);
});

test("bandwidth is shared by what a direction carries, and each direction has its own", async () => {
  const all = await ends();
  all.world.network.setLink("a", "b", { bytesPerSecond: 1_000 });
  all.near.channel.write([new Uint8Array(500), new Uint8Array(500)]);
  all.far.channel.write([new Uint8Array(1_000)]);
  expect(await timed(all, () => all.near.receivedBytes === 1_000)).toBe(100);
  expect(await timed(all, () => all.far.receivedBytes === 500)).toBe(500);
  expect(await timed(all, () => all.far.receivedBytes === 1_000)).toBe(500);
});

test("a long chunk comes bit by bit, in order, and its writer sees it being taken", async () => {
  const all = await ends();
  all.world.network.setLink("a", "b", { bytesPerSecond: 10_000 });
  const sent = Uint8Array.from({ length: 100_000 }, (_, index) => index ^ (index >> 8));
  all.near.channel.write([sent]);
  await all.world.runFor(5_100);
  expect(all.far.receivedBytes).toBe(3 * 16_384);
  expect(all.near.channel.bufferedBytes).toBe(100_000 - 3 * 16_384);
  await all.world.runUntil(() => all.far.receivedBytes === sent.length);
  expect(all.far.bytes()).toEqual(sent);
});

test("a channel sends no more than its window ahead, so that another one over the same link is not held up", async () => {
  const all = await ends();
  const other = new ChannelRecorder(await all.world.run(dial(all.a, all.b.address)));
  const [, accepted] = all.b.value.accepted;
  if (accepted === undefined) throw new Error("two were accepted");
  const far = new ChannelRecorder(accepted);
  all.world.network.setLink("a", "b", { bytesPerSecond: 100_000 });
  all.near.channel.write([new Uint8Array(2_000_000)]);
  other.channel.write([new Uint8Array(10)]);
  // Behind what is on its way: 262,144 bytes at 100,000 a second.
  const tookMs = await timed(all, () => far.receivedBytes === 10);
  expect(tookMs).toBeGreaterThan(2_600);
  expect(tookMs).toBeLessThan(3_000);
  expect(await timed(all, () => all.far.receivedBytes === 2_000_000)).toBeCloseTo(20_000 - tookMs + 100, -2);
});

test("spikes and loss delay bytes, and never lose or reorder them", async () => {
  const latency = { minMs: 1, maxMs: 50, spikeChance: 0.1, spikeMs: 500 };
  const all = await ends({ conditions: { latency, lossRate: 0.2 } });
  const sent = Uint8Array.from({ length: 2_000 }, (_, index) => index);
  for (const byte of sent) all.near.channel.write([Uint8Array.of(byte)]);
  await all.world.runUntil(() => all.far.receivedBytes === sent.length);
  expect(all.far.bytes()).toEqual(sent);
  expect(all.world.trace.entries.filter((entry) => entry.kind === "lost").length).toBeGreaterThan(200);
});

test("a partition that heals delays a stream; one that stays resets both ends when they write", async () => {
  const all = await ends();
  const heal = all.world.network.partition(["a"], ["b"]);
  all.near.channel.write([new Uint8Array(5)]);
  all.world.after(2_000, "heal", heal);
  // Sent again after 200, 600, 1,400 and 3,000 ms.
  expect(await timed(all, () => all.far.receivedBytes === 5)).toBe(3_100);
  all.world.network.partition(["a"], ["b"]);
  all.near.channel.write([new Uint8Array(5)]);
  expect(await timed(all, () => all.near.closes === 1)).toBe(200 * 255);
  expect([codeOf(all.near.closeError), all.far.closes]).toEqual(["channel-reset", 0]);
  // The other end is half open: it notices when it writes, and gets no answer either.
  all.far.channel.write([new Uint8Array(1)]);
  await all.world.runUntil(() => all.far.closes === 1);
  expect([codeOf(all.far.closeError), all.far.receivedBytes]).toEqual(["channel-reset", 5]);
});

test("over an asymmetric partition bytes arrive, but their writer hears nothing and gives up", async () => {
  const all = await ends();
  all.world.network.partition(["b"], ["a"], { oneWay: true });
  all.near.channel.write([new Uint8Array(5)]);
  all.far.channel.write([new Uint8Array(5)]);
  expect(await timed(all, () => all.far.receivedBytes === 5)).toBe(100);
  await all.world.runUntil(() => all.near.closes === 1 && all.far.closes === 1);
  expect([all.near.receivedBytes, all.far.receivedBytes]).toEqual([0, 5]);
  expect([codeOf(all.near.closeError), codeOf(all.far.closeError)]).toEqual(["channel-reset", "channel-reset"]);
});

test("a lost connection is half open at the peer until it writes", async () => {
  const all = await ends();
  all.a.loseConnections("b");
  await all.world.runFor(600_000);
  expect([codeOf(all.near.closeError), all.near.closes, all.far.closes]).toEqual(["channel-reset", 1, 0]);
  all.far.channel.write([new Uint8Array(1)]);
  expect(await timed(all, () => all.far.closes === 1)).toBe(200);
  expect(codeOf(all.far.closeError)).toBe("channel-reset");
});

test("a connection that is reset is lost at both ends, at once", async () => {
  const all = await ends();
  all.a.resetConnections("b");
  await all.world.runFor(0);
  expect([codeOf(all.near.closeError), codeOf(all.far.closeError)]).toEqual(["channel-reset", "channel-reset"]);
  for (const lose of ["resetConnections", "loseConnections"] as const) {
    expect(() => all.a[lose]("nobody")).toThrow(SimulatorError);
  }
});

test("a crash resets its peers; with the power lost they hear nothing until it is back, or they give up", async () => {
  const crashed = await ends();
  crashed.a.crash();
  expect(await timed(crashed, () => crashed.far.closes === 1)).toBe(100);
  expect([codeOf(crashed.far.closeError), crashed.near.closes]).toEqual(["channel-reset", 0]);

  const dark = await ends();
  dark.a.crash({ isPowerLost: true });
  await dark.world.runFor(60_000);
  dark.far.channel.write([new Uint8Array(1)]);
  await dark.world.runFor(1_000);
  expect(dark.far.closes).toBe(0);
  await dark.world.restart(dark.a);
  // Sent again 1,400 ms after the first time, and answered by a reset.
  expect(await timed(dark, () => dark.far.closes === 1)).toBe(600);
});

test("a slow reader gets its bytes at its pace, and its writer waits for room", async () => {
  const all = await ends();
  all.b.limitReading(1_000_000);
  const chunks = Array.from({ length: 100 }, () => new Uint8Array(10_000));
  expect(all.near.channel.write(chunks)).toBe(false);
  const tookMs = await timed(all, () => all.near.drains === 1);
  expect(tookMs).toBe(100 + 990 + 100);
  expect(all.far.receivedBytes).toBe(1_000_000);
});

test("a slow reader that is slow no more reads on at once", async () => {
  const all = await ends();
  all.b.limitReading(1);
  all.near.channel.write([new Uint8Array(1_000), new Uint8Array(1_000)]);
  await all.world.runFor(1_000);
  expect(all.far.receivedBytes).toBe(1_000);
  all.b.limitReading(Number.POSITIVE_INFINITY);
  await all.world.runFor(0);
  expect(all.far.receivedBytes).toBe(2_000);
});

test("a dial ends by refusal, by timeout or for want of such a node, and can be given up", async () => {
  const { world, a, b } = await ends();
  const failure = async (address: string): Promise<string> => world.run(dial(a, address).catch(codeOf)).then(String);
  expect(await failure("sim://b:2")).toBe("dial-refused");
  expect(await failure("sim://nobody:1")).toBe("dial-unreachable");
  world.network.partition(["a"], ["b"]);
  const beganMs = world.nowMs;
  expect(await failure(b.address)).toBe("dial-timeout");
  expect(world.nowMs - beganMs).toBe(31_000);
  const controller = new AbortController();
  world.after(1_000, "give up", () => controller.abort(new Error("given up")));
  await expect(world.run(dial(a, b.address, controller.signal))).rejects.toThrow("given up");
});

test("a node listens on its own machine only, and its listeners die with it", async () => {
  const { world, a, b } = await ends();
  const listen = (address: string) => a.value.transports[0]?.listen(address, () => {});
  await expect(listen("sim://b:9")).rejects.toMatchObject({ code: "listen-failed" });
  b.crash();
  expect(await world.run(dial(a, b.address).catch(codeOf))).toBe("dial-refused");
  await world.restart(b);
  expect(await world.run(dial(a, b.address).then(() => "made"))).toBe("made");
});

test.each([
  { latency: { minMs: 2, maxMs: 1 } },
  { latency: { minMs: 0, maxMs: 1, spikeChance: 2 } },
  { bytesPerSecond: 0 },
  { lossRate: 1.1 },
])("conditions that no link can have are the caller's mistake: %j", (conditions) => {
  expect(() => new World({ seed: 1, conditions })).toThrow(RangeError);
});
