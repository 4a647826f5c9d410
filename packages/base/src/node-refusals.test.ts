// Connections that do not come to be: what both sides are told, and what is left.
import { describe, expect, test } from "vitest";
import { BaseError } from "./errors.js";
import type { Protocol } from "./messages/protocol.js";
import type { Node } from "./node.js";
import type { NodeOptions } from "./options.js";
import type { CloseReason } from "./session/close-reason.js";
import { addressOf, NodeWorld, worldKinds } from "./testing/node-world.js";

const protocol = (feature: string): Protocol => ({
  features: [feature],
  subtypes: [],
  onConnected: () => {},
  onDisconnected: () => {},
  onBody: () => {},
});

async function dialError(world: NodeWorld, from: Node, address: string): Promise<BaseError> {
  const error: unknown = await world.run(
    from.dial(address).then(
      () => "connected",
      (reason: unknown) => reason,
    ),
  );
  if (!(error instanceof BaseError)) throw new Error(`ended with ${String(error)}`);
  return error;
}

describe.each(worldKinds)("over %s", (kind) => {
  interface Case {
    readonly title: string;
    readonly code: string;
    readonly name: string;
    readonly text: RegExp;
    readonly there?: Partial<NodeOptions>;
    readonly thereHas?: string;
    readonly hereHas?: string;
  }

  const cases: readonly Case[] = [
    {
      title: "[BASE-014] another network",
      code: "wrong-network",
      name: "wrongNetwork",
      text: /network \w+ here, \w+ there/,
      there: { network: "another" },
    },
    {
      title: "[BASE-016] a feature that the other side lacks",
      code: "feature-missing",
      name: "featureMissing",
      text: /the other node lacks mesh\/1/,
      hereHas: "mesh/1",
    },
    {
      title: "[BASE-016] a feature that this side lacks",
      code: "feature-missing",
      name: "featureMissing",
      text: /this node lacks mesh\/1/,
      thereHas: "mesh/1",
    },
    {
      title: "[BASE-133] a node that is full",
      code: "connection-refused",
      name: "busy",
      text: /as many connections as the limits allow/,
      there: { limits: { maxInboundConnections: 0 } },
    },
  ];

  test.each(cases)("$title: the dial tells why, and nobody is connected", async (one) => {
    await using world = new NodeWorld(kind);
    const here = world.make();
    const there = world.make(one.there);
    if (one.hereHas !== undefined) here.attach(protocol(one.hereHas));
    if (one.thereHas !== undefined) there.attach(protocol(one.thereHas));
    await Promise.all([here.open(), there.open()]);
    const error = await dialError(world, here, addressOf(there));
    expect(error.code).toBe(one.code);
    expect(error.reason?.name).toBe(one.name);
    expect(error.message).toMatch(one.text);
    expect(error.message).toContain(addressOf(there));
    expect(here.connections).toEqual([]);
    expect(there.connections).toEqual([]);
  });

  test("[BASE-024] a policy refuses with its own words, and the other side is told them", async () => {
    await using world = new NodeWorld(kind);
    const asked: unknown[] = [];
    const there = await world.open({
      accept: (peer) => {
        asked.push(peer);
        return "members only";
      },
    });
    const here = await world.open();
    const told = new Promise<CloseReason>((resolve) => {
      here.once("outboundDisconnected", (_, reason) => resolve(reason));
      here.dial(addressOf(there)).catch((error: unknown) => {
        if (error instanceof BaseError && error.reason !== undefined) resolve(error.reason);
      });
    });
    expect(await world.run(told)).toMatchObject({ name: "refused", text: "members only", byUs: false });
    expect(asked).toMatchObject([{ id: here.id, direction: "inbound", features: ["requests/1"] }]);
    expect(there.connections).toEqual([]);
  });

  test("[BASE-015] a node does not connect to itself", async () => {
    await using world = new NodeWorld(kind);
    const node = await world.open();
    expect(await dialError(world, node, addressOf(node))).toMatchObject({
      code: "self-dial",
      reason: { name: "self" },
    });
    await world.until(() => node.connections.length === 0);
  });

  test("[BASE-018] another node than the address is pinned to", async () => {
    await using world = new NodeWorld(kind);
    const [here, there, other] = await Promise.all([world.open(), world.open(), world.open()]);
    const error = await dialError(world, here, `${addressOf(there)}#${other.id}`);
    expect(error).toMatchObject({ code: "wrong-peer", reason: { name: "security" } });
    expect((await world.run(here.dial(`${addressOf(there)}#${there.id}`))).id).toBe(there.id);
  });

  test("[BASE-113] nobody listens", async () => {
    await using world = new NodeWorld(kind);
    const [here, gone] = await Promise.all([world.open(), world.open()]);
    const address = addressOf(gone);
    await world.run(gone.close());
    expect(await dialError(world, here, address)).toMatchObject({ code: "dial-refused", peer: address });
  });
});

test("[BASE-024] a policy that throws refuses, and is reported", async () => {
  await using world = new NodeWorld();
  const errors: Error[] = [];
  const failing = (): boolean => {
    throw new Error("the policy is broken");
  };
  const node = await world.open({ accept: failing });
  node.on("error", (error) => errors.push(error));
  const peer = await world.joined(node);
  await world.run(peer.until(() => peer.closeMessage !== undefined));
  expect(peer.closedWith).toBe("refused");
  expect(errors).toMatchObject([{ message: "the policy is broken" }]);
});

test("[BASE-012] another major version, told with both versions", async () => {
  await using world = new NodeWorld();
  const node = await world.open();
  const peer = await world.rawPeer(node);
  peer.sendHandshake({ v: [2, 0] });
  await world.run(peer.until(() => peer.closeMessage !== undefined));
  expect(peer.closeMessage).toMatchObject({ code: 6, reason: expect.stringContaining("1.0 here, 2.0 there") });
});

test("[BASE-007] [BASE-081] a peer that never finishes its handshake fails the dial in time", async () => {
  await using world = new NodeWorld();
  const here = await world.open();
  const listener = await world.transport.listen("memory://mute", (channel) => {
    channel.open({ onData: () => {}, onDrain: () => {}, onClose: () => {} });
  });
  const dialled = here.dial(listener.address).then(
    () => undefined,
    (error: unknown) => error,
  );
  await world.clock.advance(11_000);
  expect(await world.run(dialled)).toMatchObject({ code: "handshake-timeout" });
  await listener.close();
});

test("[BASE-081] an address that does not answer fails the dial in time", async () => {
  const silent = {
    scheme: "void",
    dial: (_: string, { signal }: { readonly signal: AbortSignal }) =>
      new Promise<never>((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
    listen: () => Promise.reject(new Error("nothing listens there")),
  };
  await using world = new NodeWorld();
  const here = await world.open({ transports: [world.transport, silent] });
  const dialled = here.dial("void://nowhere").then(
    () => undefined,
    (error: unknown) => error,
  );
  await world.clock.advance(10_001);
  expect(await world.run(dialled)).toMatchObject({ code: "dial-timeout", peer: "void://nowhere" });
});

test("[BASE-112] a dial ends with the reason of its signal", async () => {
  await using world = new NodeWorld();
  const here = await world.open();
  const listener = await world.transport.listen("memory://mute", () => {});
  const controller = new AbortController();
  const dialled = here.dial(listener.address, { signal: controller.signal });
  await world.clock.settle();
  const reason = new Error("not needed any more");
  controller.abort(reason);
  await expect(world.run(dialled)).rejects.toBe(reason);
  await listener.close();
});

test("[BASE-080] dials wait for their turn, and too many are refused", async () => {
  let dials = 0;
  const slow = {
    scheme: "slow",
    dial: (_: string, { signal }: { readonly signal: AbortSignal }) => {
      dials++;
      return new Promise<never>((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    },
    listen: () => Promise.reject(new Error("nothing listens there")),
  };
  await using world = new NodeWorld();
  const limits = { maxDials: 2, maxQueuedDials: 1 };
  const here = await world.open({ transports: [world.transport, slow], limits });
  const ended: unknown[] = [];
  const note = (error: unknown): void => {
    ended.push(error);
  };
  for (const name of ["a", "b", "c", "d"]) here.dial(`slow://${name}`).catch(note);
  await world.clock.settle();
  expect(dials).toBe(2);
  expect(ended).toMatchObject([{ code: "too-many-dials", peer: "slow://d" }]);
  await world.clock.advance(10_001);
  expect(dials).toBe(3);
  await world.clock.advance(10_001);
  expect(ended).toHaveLength(4);
});

test("[BASE-133] inbound connections leave places for outbound ones", async () => {
  await using world = new NodeWorld();
  const node = await world.open({ limits: { maxConnections: 3, maxInboundConnections: 2 } });
  const others = await Promise.all([1, 2, 3, 4, 5].map(() => world.open()));
  const results: string[] = [];
  for (const other of others.slice(0, 3)) {
    results.push(
      await world.run(
        other.dial(addressOf(node)).then(
          () => "up",
          (error: BaseError) => error.code,
        ),
      ),
    );
  }
  expect(results).toEqual(["up", "up", "connection-refused"]);
  const [, , , fourth, fifth] = others;
  if (fourth === undefined || fifth === undefined) throw new Error("five nodes");
  await world.run(node.dial(addressOf(fourth)));
  expect(await dialError(world, node, addressOf(fifth))).toMatchObject({ code: "too-many-connections" });
});
