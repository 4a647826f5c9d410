// A security layer under a node: ids that are proven, layers that fail, are slow, or say nothing.
import { type NodeId, nodeIdFromBytes, nodeIdToBytes } from "@p2p/wire";
import { describe, expect, test } from "vitest";
import { BaseError } from "./errors.js";
import { ChannelRecorder } from "./testing/channel-recorder.js";
import { addressOf, NodeWorld, worldKinds } from "./testing/node-world.js";
import type { Channel, Security } from "./transport/transport.js";

const idOf = (n: number): NodeId => nodeIdFromBytes(new Uint8Array(48).fill(n));

/** Each side sends 48 bytes first: the id that it "proves". The rest passes as it is. */
function naming(nodeId: NodeId, proves: NodeId = nodeId): Security {
  return {
    name: "Naming",
    nodeId,
    secure: (channel, _role, { signal }) =>
      new Promise((resolve, reject) => {
        let early: Uint8Array | undefined;
        let error: Error | undefined;
        const inner = {
          onData(chunk: Uint8Array): void {
            channel.pause();
            early = chunk.subarray(48);
            resolve({ channel: passed(), remoteId: nodeIdFromBytes(chunk.slice(0, 48)) });
          },
          onDrain: () => {},
          onClose(cause?: Error): void {
            error = cause ?? new Error("the other side left");
            reject(error);
          },
        };
        let outer: Parameters<Channel["open"]>[0] = inner;
        const passed = (): Channel => ({
          remoteAddress: channel.remoteAddress,
          localAddress: channel.localAddress,
          get bufferedBytes() {
            return channel.bufferedBytes;
          },
          open(handler) {
            outer = handler;
            queueMicrotask(() => {
              if (early !== undefined && early.length > 0) handler.onData(early);
              if (error === undefined) channel.resume();
              else handler.onClose(error);
            });
          },
          write: (chunks) => channel.write(chunks),
          pause: () => channel.pause(),
          resume: () => channel.resume(),
          end: () => channel.end(),
          destroy: (cause) => channel.destroy(cause),
        });
        signal.addEventListener("abort", () => {
          channel.destroy();
          reject(signal.reason);
        });
        channel.open({
          onData: (chunk) => outer.onData(chunk),
          onDrain: () => outer.onDrain(),
          onEnd: () => (outer.onEnd === undefined ? channel.end() : outer.onEnd()),
          onClose: (cause) => outer.onClose(cause),
        });
        channel.write([nodeIdToBytes(proves)]);
      }),
  };
}

const failing: Security = {
  name: "Naming",
  secure: async (channel) => {
    channel.destroy();
    throw new Error("the keys do not fit");
  },
};

async function failure(world: NodeWorld, promise: Promise<unknown>): Promise<BaseError> {
  const error: unknown = await world.run(
    promise.then(
      () => undefined,
      (reason: unknown) => reason,
    ),
  );
  if (!(error instanceof BaseError)) throw new Error(`ended with ${String(error)}`);
  return error;
}

/** A channel to a node over which nothing is ever sent. */
async function silentDial(world: NodeWorld, address: string): Promise<ChannelRecorder> {
  const dialled = world.transport.dial(address, { signal: new AbortController().signal });
  return new ChannelRecorder(await world.run(dialled), { holdsOpen: true });
}

describe.each(worldKinds)("over %s", (kind) => {
  test("the security layer decides the id, and messages pass through it", async () => {
    await using world = new NodeWorld(kind);
    const a = await world.open({ security: naming(idOf(1)) });
    const b = await world.open({ security: naming(idOf(2)) });
    expect([a.id, b.id]).toEqual([idOf(1), idOf(2)]);
    b.handle("echo", (message) => message.data);
    const connection = await world.run(a.dial(addressOf(b)));
    expect(connection.id).toBe(idOf(2));
    expect((await world.run(a.request(connection, "hello", { type: "echo" }))).data).toBe("hello");
  });

  test("[BASE-018] an id that is not the proven one is refused", async () => {
    await using world = new NodeWorld(kind);
    const liar = await world.open({ security: naming(idOf(1), idOf(3)) });
    const honest = await world.open({ security: naming(idOf(2)) });
    expect(await failure(world, honest.dial(addressOf(liar)))).toMatchObject({
      code: "wrong-peer",
      reason: { name: "security" },
    });
    expect(honest.connections).toEqual([]);
  });

  test("[BASE-014] nodes of different security are of different networks", async () => {
    await using world = new NodeWorld(kind);
    const plain = await world.open({ limits: { handshakeTimeoutMs: 200 } });
    const secure = await world.open({ security: naming(idOf(2)), limits: { handshakeTimeoutMs: 200 } });
    const dialled = plain.dial(addressOf(secure)).catch((error: unknown) => error);
    if (kind === "memory") await world.clock.advance(1_000);
    expect(await world.run(dialled)).toBeInstanceOf(BaseError);
    expect(secure.connections).toEqual([]);
  });

  test("a layer that fails fails the dial with its cause, is reported by the acceptor, and leaves no place taken", async () => {
    await using world = new NodeWorld(kind);
    const errors: Error[] = [];
    const limits = { maxPendingHandshakes: 1, maxConnections: 2 };
    const there = await world.open({ security: naming(idOf(1)), limits });
    there.on("error", (error) => errors.push(error));
    const here = await world.open({ security: failing, limits });
    for (let n = 1; n <= 3; n++) {
      expect(await failure(world, here.dial(addressOf(there)))).toMatchObject({
        code: "security-failed",
        cause: { message: "the keys do not fit" },
      });
      await world.until(() => errors.length === n);
    }
    expect(errors[0]).toMatchObject({ code: "security-failed" });
  });
});

test("a layer is asked before an address is dialled, and what it throws with a reason is told as it is", async () => {
  await using world = new NodeWorld();
  const asked: (string | undefined)[][] = [];
  const wary: Security = {
    ...naming(idOf(1)),
    checkDial(address, expectedId) {
      asked.push([address, expectedId]);
      const reason = { code: 18, name: "security", text: "not that one", byUs: true } as const;
      if (expectedId === idOf(3)) throw new BaseError("wrong-peer", "not that one", { reason });
      throw new Error("not today");
    },
  };
  const node = await world.open({ security: wary });
  expect(await failure(world, node.dial("memory://far:1"))).toMatchObject({
    code: "security-failed",
    cause: { message: "not today" },
  });
  expect(await failure(world, node.dial(`memory://far:1#${idOf(3)}`))).toMatchObject({ code: "wrong-peer" });
  expect(asked).toEqual([
    ["memory://far:1", undefined],
    ["memory://far:1", idOf(3)],
  ]);
});

test("the reason with which a layer's channel fails is the reason of the connection", async () => {
  await using world = new NodeWorld();
  const reason = { code: 18, name: "security", text: "somebody is in between", byUs: true } as const;
  const channels: Channel[] = [];
  const base = naming(idOf(2));
  const failingLater: Security = {
    ...base,
    async secure(...args) {
      const secured = await base.secure(...args);
      channels.push(secured.channel);
      return secured;
    },
  };
  const a = await world.open({ security: naming(idOf(1)) });
  const b = await world.open({ security: failingLater });
  const connection = await world.run(a.dial(addressOf(b)));
  const closed: unknown[] = [];
  b.on("inboundDisconnected", (_, why) => closed.push(why));
  channels[0]?.destroy(new BaseError("channel-failed", "forged", { reason }));
  await world.until(() => closed.length > 0 && !connection.isOpen);
  expect(closed).toEqual([reason]);
});

test("[BASE-007] a layer that never ends is given up in the handshake's time", async () => {
  await using world = new NodeWorld();
  const errors: Error[] = [];
  const node = await world.open({ security: naming(idOf(1)) });
  node.on("error", (error) => errors.push(error));
  const mute = await silentDial(world, addressOf(node));
  await world.clock.advance(10_100);
  expect(mute.closes).toBe(1);
  expect(errors).toMatchObject([{ code: "handshake-timeout" }]);
});

test("a channel that a secured node has no place for is dropped without a word that all can read", async () => {
  await using world = new NodeWorld();
  const node = await world.open({ security: naming(idOf(1)), limits: { maxPendingHandshakes: 1 } });
  const first = await silentDial(world, addressOf(node));
  const second = await silentDial(world, addressOf(node));
  await world.until(() => second.closes === 1);
  expect(second.receivedBytes).toBe(0);
  expect(first.closes).toBe(0);
});

test("closing while a channel is being secured leaves nothing", async () => {
  await using world = new NodeWorld();
  const node = await world.open({ security: naming(idOf(1)) });
  const mute = await silentDial(world, addressOf(node));
  await world.run(node.close());
  await world.run(mute.closed());
  expect(world.clock.pendingTimers).toBe(0);
});

test("[BASE-110] a dial that is given up while its channel is being secured ends at once, and leaves no channel", async () => {
  await using world = new NodeWorld();
  let finish = (): void => {};
  // It pays no attention to the signal.
  const slow: Security = {
    name: "Slow",
    secure: (channel) =>
      new Promise((resolve) => {
        finish = () => resolve({ channel });
      }),
  };
  const accepted: ChannelRecorder[] = [];
  await world.transport.listen("memory://plain:1", (channel) => accepted.push(new ChannelRecorder(channel)));
  const node = await world.open({ security: slow, listen: [] });
  const controller = new AbortController();
  const reason = new Error("enough");
  const dialled = expect(node.dial("memory://plain:1", { signal: controller.signal })).rejects.toBe(reason);
  await world.clock.settle();
  controller.abort(reason);
  finish();
  await world.run(dialled);
  await world.clock.settle();
  expect(accepted.map(({ closes }) => closes)).toEqual([1]);
});
