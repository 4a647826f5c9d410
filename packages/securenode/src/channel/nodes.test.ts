// Nodes and meshes with the security layer: nothing about them changes but who may talk, and that nobody listens in.

import { inspect } from "node:util";
import {
  BaseError,
  MemoryNetwork,
  memoryTransport,
  Node,
  type NodeOptions,
  type Transport,
  tcpTransport,
} from "@p2p/base";
import { ChannelRecorder, ManualClock, seededRandom } from "@p2p/base/testing";
import { Mesh } from "@p2p/mesh";
import { networkId } from "@p2p/wire";
import { afterEach, describe, expect, test } from "vitest";
import { SecureError } from "../errors.js";
import { identityOf, layerOf } from "../testing/worlds.js";
import type { NoiseOptions, NoiseSecurity } from "./noise.js";

const closing: (Node | Mesh)[] = [];

afterEach(async () => {
  await Promise.all(closing.splice(0).map((node) => node.close()));
});

interface Secured {
  readonly node: Node;
  readonly layer: NoiseSecurity;
  readonly address: string;
  readonly refused: string[];
}

const network = new MemoryNetwork();

async function openNode(
  number: number,
  noise: Partial<NoiseOptions> = {},
  options: Partial<NodeOptions> = {},
): Promise<Secured> {
  const layer = layerOf(number, noise);
  const refused: string[] = [];
  layer.on("refused", (error, _address, role) => refused.push(`${role} ${error.code}`));
  const node = new Node({
    network: "secured",
    listen: ["memory://node:0"],
    transports: [memoryTransport({ network })],
    security: layer,
    ...options,
  });
  closing.push(node);
  await node.open();
  return { node, layer, address: node.addresses[0] ?? "", refused };
}

async function failure(promise: Promise<unknown>): Promise<BaseError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof BaseError) return error;
  throw new Error(`ended with ${String(error)}`);
}

function causeOf(error: BaseError): string {
  if (error.cause instanceof SecureError) return error.cause.code;
  throw new Error(`the cause is ${String(error.cause)}`);
}

describe("[SEC-010] [SEC-033] two nodes", () => {
  test("have the ids of their keys, and exchange messages", async () => {
    const [a, b] = [await openNode(1), await openNode(2)];
    expect([a.node.id, b.node.id]).toEqual([identityOf(1).id, identityOf(2).id]);
    const told: string[] = [];
    a.layer.on("secured", (id, address, role) => told.push(`${role} ${id} ${address}`));
    b.node.handle("echo", (message) => message.data);
    const connection = await a.node.dial(b.address);
    expect(connection.id).toBe(b.node.id);
    expect((await a.node.request(connection, "hello", { type: "echo" })).data).toBe("hello");
    expect(told).toEqual([`dialer ${b.node.id} ${b.address}`]);
  });

  test("[SEC-031] of different network keys do not talk, and both are told", async () => {
    const [a, b] = [
      await openNode(1, { networkKey: new Uint8Array(32).fill(1) }),
      await openNode(2, { networkKey: new Uint8Array(32).fill(2) }),
    ];
    const error = await failure(a.node.dial(b.address));
    expect(error).toMatchObject({ code: "connection-refused", reason: { name: "lost" } });
    expect(error.message).toContain("network key");
    expect(b.refused).toEqual(["acceptor handshake-forged"]);
  });

  test("[SEC-031] of which one has a network key and the other none do not talk", async () => {
    const [a, b] = [await openNode(1), await openNode(2, { networkKey: new Uint8Array(32).fill(2) })];
    expect(causeOf(await failure(b.node.dial(a.address)))).toBe("handshake-forged");
    expect(a.node.connections).toEqual([]);
  });

  test("[SEC-032] of different networks do not talk", async () => {
    const [a, b] = [await openNode(1), await openNode(2, {}, { network: "another" })];
    const error = await failure(a.node.dial(b.address));
    expect([error.code, causeOf(error)]).toEqual(["security-failed", "handshake-forged"]);
  });

  test("[SEC-038] that are one are told as that", async () => {
    const a = await openNode(1);
    expect(await failure(a.node.dial(a.address))).toMatchObject({ code: "self-dial", reason: { name: "self" } });
  });
});

describe("[SEC-060] an address with an id", () => {
  test("is that node's or nobody's: the mismatch closes with `security`, on both sides", async () => {
    const [a, b] = [await openNode(1), await openNode(2)];
    const errors: Error[] = [];
    b.node.on("error", (error) => errors.push(error));
    expect((await a.node.dial(`${b.address}#${b.node.id}`)).id).toBe(b.node.id);
    const c = await openNode(3);
    const error = await failure(c.node.dial(`${b.address}#${a.node.id}`));
    expect(error).toMatchObject({ code: "wrong-peer", reason: { name: "security", code: 18, byUs: true } });
    expect(c.refused).toEqual(["dialer wrong-peer"]);
    expect(errors).toMatchObject([{ code: "connection-refused", reason: { name: "security", byUs: false } }]);
    expect(b.node.connections.map(({ id }) => id)).toEqual([a.node.id]);
  });
});

describe("[SEC-061] [SEC-062] [SEC-063] [SEC-064] who may talk", () => {
  test("lists of ids and hosts decide, before the dial where they can", async () => {
    const deny = new Set<string>();
    const [a, b] = [await openNode(1, { deny }), await openNode(2)];
    deny.add(b.node.id);
    const pinned = await failure(a.node.dial(`${b.address}#${b.node.id}`));
    expect([pinned.code, causeOf(pinned)]).toEqual(["security-failed", "peer-refused"]);
    expect(b.refused).toEqual([]);
    expect(causeOf(await failure(a.node.dial(b.address)))).toBe("peer-refused");
    expect(b.refused).toEqual(["acceptor connection-refused"]);
    deny.clear();
    deny.add("node");
    expect(causeOf(await failure(a.node.dial(b.address)))).toBe("peer-refused");
    expect(b.refused).toHaveLength(1);
    deny.clear();
    expect((await a.node.dial(b.address)).id).toBe(b.node.id);
    expect(a.refused).toEqual(["dialer peer-refused", "dialer peer-refused", "dialer peer-refused"]);
  });

  test("an allow list lets nobody else in", async () => {
    const a = await openNode(1, { allow: [identityOf(2).id] });
    const [b, c] = [await openNode(2), await openNode(3)];
    expect((await b.node.dial(a.address)).id).toBe(a.node.id);
    expect(await failure(c.node.dial(a.address))).toMatchObject({
      code: "connection-refused",
      reason: { name: "refused", byUs: false },
    });
    expect(a.refused).toEqual(["acceptor peer-refused"]);
    expect(a.node.connections.map(({ id }) => id)).toEqual([b.node.id]);
    const byHost = await openNode(4, { allow: ["node"] });
    expect((await byHost.node.dial(a.address).catch((error: BaseError) => error.code)) satisfies unknown).toBe(
      "connection-refused",
    );
  });

  test("gates decide at each step, and one that fails refuses", async () => {
    const asked: string[] = [];
    let answer: () => boolean | string = () => true;
    const gate = {
      dial: (address: string) => asked.push(`dial ${address}`) > 0 && answer(),
      accept: (address: string) => asked.push(`accept ${address}`) > 0 && answer(),
      peer: (id: string, address: string, role: string) => asked.push(`peer ${id} ${address} ${role}`) > 0 && answer(),
    };
    const [a, b] = [await openNode(1, { gate }), await openNode(2)];
    const connection = await a.node.dial(b.address);
    expect(asked).toEqual([`dial ${b.address}`, `peer ${b.node.id} ${b.address} dialer`]);
    await connection.close();
    answer = () => "not on Sundays";
    const said = await failure(a.node.dial(b.address));
    expect(said.message).toContain("not on Sundays");
    answer = () => {
      throw new Error("the list is gone");
    };
    expect(await failure(a.node.dial(b.address))).toMatchObject({ cause: { cause: { message: "the list is gone" } } });
    asked.length = 0;
    // Accepted channels are refused before anything is computed for them.
    expect((await failure(b.node.dial(a.address))).code).toBe("security-failed");
    expect(asked).toHaveLength(1);
    expect(asked[0]).toMatch(/^accept memory:/);
  });
});

describe("[SEC-002] secrets", () => {
  test("do not show in a layer, its node, its events or its errors", async () => {
    const networkKey = seededRandom(99).bytes(32);
    const [a, b] = [await openNode(1, { networkKey }), await openNode(2, { networkKey: new Uint8Array(32).fill(4) })];
    const told: unknown[] = [];
    for (const { layer, node } of [a, b]) {
      layer.on("refused", (...facts) => told.push(facts));
      node.on("error", (...facts) => told.push(facts));
    }
    told.push(await failure(a.node.dial(b.address)), await failure(b.node.dial(`${a.address}#${identityOf(7).id}`)));
    const secrets = [networkKey, identityOf(1).exportSeed(), identityOf(2).exportSeed()];
    const everything = { a, b, told };
    const options = { showHidden: true, depth: 12, maxArrayLength: null, maxStringLength: null } as const;
    const text = inspect(everything, options).replace(/\s/g, "");
    expect(told.length).toBeGreaterThanOrEqual(4);
    expect(text.length).toBeGreaterThan(1_000);
    for (const secret of secrets) {
      const hex = Buffer.from(secret).toString("hex");
      const forms = [hex, secret.join(","), Buffer.from(secret).toString("base64url")];
      for (const form of forms) expect(text).not.toContain(form);
    }
  });
});

describe("[SEC-060] somebody in between with keys of their own", () => {
  test("is seen as who they are, and never as the node that was dialled", async () => {
    const [target, between, dialler] = [await openNode(1), await openNode(2), await openNode(3)];
    const connection = await dialler.node.dial(between.address);
    expect(connection.id).toBe(identityOf(2).id);
    await connection.close();
    const error = await failure(dialler.node.dial(`${between.address}#${target.node.id}`));
    expect(error.code).toBe("wrong-peer");
    expect(between.refused).toEqual(["acceptor connection-refused"]);
  });
});

describe("[SEC-039] downgrade", () => {
  test("a node without security and one with it do not talk, whoever dials", async () => {
    const limits = { handshakeTimeoutMs: 500 };
    const secured = await openNode(1, {}, { limits });
    const plain = new Node({
      network: "secured",
      listen: ["memory://plain:0"],
      transports: [memoryTransport({ network })],
      limits,
    });
    closing.push(plain);
    await plain.open();
    expect(["connection-refused", "wrong-network"]).toContain((await failure(plain.dial(secured.address))).code);
    expect(causeOf(await failure(secured.node.dial(plain.addresses[0] ?? "")))).toBe("not-secure");
    expect(secured.refused).toEqual(["acceptor not-secure", "dialer not-secure"]);
    expect([...secured.node.connections, ...plain.connections]).toEqual([]);
  });

  test("security is part of the network id, so that a node that talks in the clear is of another network", () => {
    expect(networkId("n", layerOf(1).name)).not.toEqual(networkId("n"));
    expect(layerOf(1).name).not.toBe(layerOf(1, { networkKey: new Uint8Array(32) }).name);
  });
});

test("[SEC-035] a flood of handshakes costs the flood its places, and honest traffic goes on", async () => {
  const clock = new ManualClock();
  const net = new MemoryNetwork();
  const transport = memoryTransport({ network: net, clock });
  const open = async (number: number): Promise<Secured> =>
    openNode(
      number,
      {},
      { transports: [transport], clock, random: seededRandom(number), limits: { maxPendingHandshakes: 8 } },
    );
  const [target, friend] = [await open(1), await open(2)];
  target.node.on("error", () => {});
  target.node.handle("echo", (message) => message.data);
  const run = async <T>(promise: Promise<T>): Promise<T> => {
    let isDone = false;
    void promise
      .catch(() => undefined)
      .finally(() => {
        isDone = true;
      });
    for (let turn = 0; !isDone && turn < 500; turn++) await clock.settle();
    return promise;
  };
  const connection = await run(friend.node.dial(target.address));
  const signal = new AbortController().signal;
  const flood: ChannelRecorder[] = [];
  const junk = [new Uint8Array(0), Uint8Array.of(0, 32), new Uint8Array(34).fill(1).fill(0, 0, 1).fill(32, 1, 2)];
  for (let number = 0; number < 60; number++) {
    const recorder = new ChannelRecorder(await run(transport.dial(target.address, { signal })), { holdsOpen: true });
    recorder.channel.write([junk[number % junk.length] ?? new Uint8Array(0)]);
    flood.push(recorder);
  }
  await clock.settle();
  expect(flood.filter(({ closes }) => closes === 0).length).toBeLessThanOrEqual(8);
  expect((await run(friend.node.request(connection, 7, { type: "echo" }))).data).toBe(7);
  await clock.advance(10_100);
  expect(flood.filter(({ closes }) => closes === 0)).toEqual([]);
  const late = await open(3);
  expect((await run(late.node.dial(target.address))).id).toBe(target.node.id);
  expect((await run(friend.node.request(connection, 8, { type: "echo" }))).data).toBe(8);
  const closed = Promise.all(closing.splice(0).map((node) => node.close()));
  for (let turn = 0; turn < 50; turn++) await clock.advance(1_000);
  await closed;
  expect(clock.pendingTimers).toBe(0);
});

describe.each<[string, () => Transport, string]>([
  ["tcp", () => tcpTransport(), "tcp://127.0.0.1:0"],
  ["memory", () => memoryTransport({ network }), "memory://mesh:0"],
])("[SEC-040] a mesh over %s, unchanged", (_name, transport, listen) => {
  test("delivers broadcasts and direct messages between nodes of one network key", async () => {
    const networkKey = new Uint8Array(32).fill(8);
    const meshes: Mesh[] = [];
    for (const number of [1, 2, 3]) {
      const security = layerOf(number, { networkKey });
      const bootstrap = meshes.flatMap((mesh) => mesh.addresses.slice(0, 1));
      const mesh = new Mesh({
        network: "secured-mesh",
        listen: [listen],
        transports: [transport()],
        bootstrap,
        security,
      });
      closing.push(mesh);
      await mesh.open();
      meshes.push(mesh);
    }
    const [first, second, third] = meshes;
    if (first === undefined || second === undefined || third === undefined) throw new Error("three meshes");
    const inbox: string[] = [];
    const isAll = new Promise<void>((resolve) => {
      for (const mesh of [second, third]) {
        mesh.on("message", ({ data, from }) => {
          inbox.push(`${String(data)} ${from === first.id}`);
          if (inbox.length === 2) resolve();
        });
      }
    });
    await Promise.all(meshes.map((mesh) => mesh.ready({ peers: 2 })));
    first.broadcast("hello");
    await isAll;
    expect(inbox).toEqual(["hello true", "hello true"]);
    expect(meshes.map(({ id }) => id)).toEqual([1, 2, 3].map((number) => identityOf(number).id));
  });
});
