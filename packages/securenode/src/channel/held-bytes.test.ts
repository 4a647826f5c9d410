// What came of a record that is not whole yet counts in the node's memory budget, and who sends such things pays for it.
import { type Channel, MemoryNetwork, memoryTransport, Node, type Transport } from "@p2p/base";
import { ManualClock, seededRandom } from "@p2p/base/testing";
import { networkId } from "@p2p/wire";
import { afterEach, beforeEach, expect, test } from "vitest";
import { contextOf, layerOf } from "../testing/worlds.js";

let clock: ManualClock;
let transport: Transport;
let desk: Node;
const ended: string[] = [];

beforeEach(async () => {
  ended.length = 0;
  clock = new ManualClock();
  transport = memoryTransport({ network: new MemoryNetwork(), clock });
  desk = newNode(1, { listen: ["memory://desk"], limits: { memoryBudgetBytes: 300_000 } });
  desk.on("inboundDisconnected", (_connection, { name }) => ended.push(name));
  await desk.open();
});

afterEach(() => during(desk.close()));

/** Lets time pass until the promise settles. */
async function during<T>(promise: Promise<T>): Promise<T> {
  let isDone = false;
  const done = (): void => {
    isDone = true;
  };
  void promise.then(done, done);
  for (let turn = 0; !isDone && turn < 100; turn++) await clock.advance(100);
  return promise;
}

function newNode(number: number, options: Partial<ConstructorParameters<typeof Node>[0]> = {}): Node {
  const base = { network: "club", transports: [transport], clock, random: seededRandom(number) };
  return new Node({ ...base, security: layerOf(number), ...options });
}

/** A peer that has done the handshake, and says what it likes under it. */
async function lurker(number: number): Promise<Channel> {
  const layer = layerOf(number);
  const channel = await during(transport.dial("memory://desk", { signal: new AbortController().signal }));
  const context = contextOf(seededRandom(number), { clock, networkId: networkId("club", layer.name) });
  const secured = await during(layer.secure(channel, "dialer", context));
  secured.channel.open({ onData: () => {}, onDrain: () => {}, onClose: () => {} });
  return channel;
}

function sendPart(channel: Channel, bytes: number): void {
  channel.write([Uint8Array.of(0xff, 0xff), new Uint8Array(bytes)]);
}

test("[SEC-048] an unfinished record is reserved as it comes, and given back with the channel", async () => {
  const channel = await lurker(2);
  sendPart(channel, 20_000);
  await clock.settle();
  // Beside the handshake of the desk, which is on its way.
  expect(desk.budget.usedBytes).toBeGreaterThanOrEqual(20_002);
  channel.write([new Uint8Array(30_000)]);
  await clock.settle();
  expect(desk.budget.usedBytes).toBe(50_002);
  channel.destroy();
  await clock.settle();
  expect(desk.budget.usedBytes).toBe(0);
});

test("[SEC-048] [BASE-132] peers that hold back the ends of records cannot take more than the budget, and pay for it", async () => {
  const friend = newNode(3);
  await friend.open();
  const dialled = friend.dial("memory://desk");
  await clock.settle();
  const connection = await dialled;
  for (let number = 10; number < 20; number++) {
    sendPart(await lurker(number), 60_000);
    await clock.settle();
    expect(desk.budget.usedBytes).toBeLessThanOrEqual(300_000);
  }
  expect(desk.budget.usedBytes).toBeGreaterThan(200_000);
  expect(desk.budget.refusals).toBeGreaterThan(0);
  expect(connection.isOpen).toBe(true);
  expect(ended).toEqual([]);
  desk.handle("ask", () => "served");
  const asked = friend.request(connection, 1, { type: "ask" });
  await clock.settle();
  expect((await asked).data).toBe("served");
  await during(friend.close());
});

test("[SEC-048] whole records leave nothing behind", async () => {
  const friend = newNode(3);
  await friend.open();
  const dialled = friend.dial("memory://desk");
  await clock.settle();
  const connection = await dialled;
  for (let size = 1; size < 150_000; size *= 3) connection.sendMessage(new Uint8Array(size));
  await clock.settle();
  expect(desk.budget.usedBytes).toBe(0);
  await during(friend.close());
});
