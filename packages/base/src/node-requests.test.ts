// Requests between real nodes: by connection, id and address, through a router, and bounced, over memory and sockets.
import { decodeBody, type NodeId, type WireValue } from "@p2p/wire";
import { describe, expect, test } from "vitest";
import { Node } from "./node.js";
import type { NodeOptions } from "./options.js";
import { failure } from "./testing/fake-request-link.js";
import { ManualClock } from "./testing/manual-clock.js";
import { Victim } from "./testing/victim.js";
import { MemoryNetwork, memoryTransport } from "./transport/memory.js";

const stack = async (nodes: readonly Node[]): Promise<void> => {
  await Promise.all(nodes.map((node) => node.open()));
};

/** Nodes over one in-memory network whose time a test moves. */
class World implements AsyncDisposable {
  readonly clock = new ManualClock();
  readonly #network = new MemoryNetwork();
  readonly #nodes: Node[] = [];

  async add(name: string, options: Partial<NodeOptions> = {}): Promise<Node> {
    const { clock } = this;
    const transports = [memoryTransport({ network: this.#network, clock })];
    const node = new Node({ network: "requests", listen: [`memory://${name}`], clock, transports, ...options });
    this.#nodes.push(node);
    await node.open();
    return node;
  }

  async run<T>(promise: Promise<T>): Promise<T> {
    let isDone = false;
    const done = (): void => {
      isDone = true;
    };
    promise.then(done, done);
    for (let turns = 0; !isDone && turns < 100; turns++) await this.clock.settle();
    if (!isDone) throw new Error("nothing more happens, and the promise waits");
    return promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.run(Promise.all(this.#nodes.map((node) => node.close())));
    expect(this.clock.pendingTimers).toBe(0);
  }
}

function address(node: Node): string {
  const [first] = node.addresses;
  if (first === undefined) throw new Error("the node does not listen");
  return first;
}

describe("asking", () => {
  test("[BASE-210] a connection, an id and an address can be asked", async () => {
    await using world = new World();
    const a = await world.add("a");
    const b = await world.add("b");
    b.handle("sum", (message) => (message.data as number[]).reduce((x, y) => x + y, 0));
    const byAddress = await world.run(a.request(address(b), [1, 2], { type: "sum" }));
    expect(byAddress).toMatchObject({ data: 3, from: b.id, type: "sum" });
    const connection = await world.run(a.dial(address(b)));
    expect((await world.run(a.request(connection, [3, 4], { type: "sum" }))).data).toBe(7);
    expect((await world.run(a.request(b.id, [5], { type: "sum" }))).data).toBe(5);
    expect((await world.run(b.request(a.id, [5], { type: "sum" }).catch((error) => error))).remoteCode).toBe(
      "no-handler",
    );
  });

  test("[BASE-210] a node that is not connected cannot be asked without a network that routes", async () => {
    await using world = new World();
    const a = await world.add("a");
    const b = await world.add("b");
    expect((await failure(world.run(a.request(b.id, 1)))).code).toBe("not-connected");
    expect((await failure(world.run(a.request("memory://nobody", 1)))).code).toBe("dial-refused");
    await expect(world.run(a.request(a.id, 1))).rejects.toThrow(RangeError);
    await expect(world.run(a.request(b.id, 1, { type: "" }))).rejects.toThrow(RangeError);
    await expect(world.run(a.request(b.id, 1, { type: "x".repeat(256) }))).rejects.toThrow(RangeError);
  });

  test("[BASE-214] a request by address waits for its own timeout, not for that of its temporary connection", async () => {
    await using world = new World();
    const a = await world.add("a");
    const b = await world.add("b");
    let answer: ((value: string) => void) | undefined;
    b.handle("slow", () => new Promise<string>((resolve) => (answer = resolve)));
    const asked = a.request(address(b), null, { type: "slow", timeoutMs: 60_000 });
    await world.clock.advance(45_000);
    answer?.("at last");
    expect((await world.run(asked)).data).toBe("at last");
    await world.clock.advance(15_000);
    expect(a.connections).toEqual([]);
  });

  test("[BASE-215] the connection is lost: the asker knows at once, the handler is told", async () => {
    await using world = new World();
    const a = await world.add("a");
    const b = await world.add("b");
    let signal: AbortSignal | undefined;
    b.handle("never", (_, context) => {
      signal = context.signal;
      return new Promise(() => {});
    });
    const connection = await world.run(a.dial(address(b)));
    const asked = failure(a.request(connection, null, { type: "never" }));
    await world.clock.settle();
    await world.run(connection.close());
    expect(await asked).toMatchObject({ code: "connection-lost", peer: b.id });
    await world.clock.settle();
    expect(signal?.reason).toMatchObject({ code: "connection-lost", peer: a.id });
  });

  test("[BASE-225] a node that was started again knows nothing of a request: the asker is told at once", async () => {
    await using victim = await Victim.open("memory");
    const first = await victim.join();
    const asked = failure(victim.node.request(victim.node.connections[0]?.id as NodeId, null));
    await victim.run(first.ping());
    const second = await victim.dial();
    second.sendHandshake({ boot: new Uint8Array(8).fill(2) });
    expect(await victim.run(second.ping())).toBe(true);
    expect(await victim.run(asked)).toMatchObject({ code: "connection-lost" });
  });

  test("[BASE-208] a neighbour that does not list the feature is not asked", async () => {
    await using victim = await Victim.open("memory");
    const peer = await victim.join({ features: [] });
    const [connection] = victim.node.connections;
    const error = await failure(victim.run(victim.node.request(connection?.id as NodeId, null)));
    expect(error).toMatchObject({ code: "feature-missing", peer: connection?.id });
    expect(await victim.run(peer.ping())).toBe(true);
    expect(peer.whispers(0x08)).toEqual([]);
  });

  test("closing ends what is open on both sides", async () => {
    await using world = new World();
    const a = await world.add("a");
    const b = await world.add("b");
    b.handle("never", () => new Promise(() => {}));
    const connection = await world.run(a.dial(address(b)));
    const asked = failure(a.request(connection, null, { type: "never" }));
    await world.clock.settle();
    await world.run(a.close());
    expect((await asked).code).toBe("closed");
    await world.clock.settle();
    expect(b.requestCounters.answering).toBe(0);
    expect((await failure(a.request(b.id, null))).code).toBe("closed");
  });
});

describe("handlers", () => {
  test("[BASE-242] what a handler throws is an event of its node", async () => {
    await using world = new World();
    const a = await world.add("a");
    const b = await world.add("b");
    const errors: Error[] = [];
    b.on("error", (error) => errors.push(error));
    b.handle("throws", () => {
      throw new Error("inside");
    });
    const error = await failure(world.run(a.request(address(b), null, { type: "throws" })));
    expect(error).toMatchObject({ code: "refused", remoteCode: "handler-failed", remoteMessage: "the handler failed" });
    expect(errors).toMatchObject([{ code: "handler-failed", peer: a.id, cause: { message: "inside" } }]);
  });

  test("[BASE-242] an answer longer than this node or the asker takes is a failure of the handler", async () => {
    await using world = new World();
    const a = await world.add("a", { limits: { maxFrameBytes: 10_000 } });
    const b = await world.add("b");
    const errors: Error[] = [];
    b.on("error", (error) => errors.push(error));
    b.handle("long", (message) => "x".repeat(message.data as number));
    const connection = await world.run(a.dial(address(b)));
    for (const length of [20_000, 2_000_000]) {
      const error = await failure(world.run(a.request(connection, length, { type: "long" })));
      expect(error.remoteCode).toBe("handler-failed");
    }
    expect(errors).toMatchObject([
      { code: "handler-failed", cause: { code: "message-too-large" } },
      { code: "handler-failed", cause: { code: "message-too-large" } },
    ]);
    expect((await failure(world.run(b.request(a.id, "x".repeat(20_000))))).code).toBe("message-too-large");
    expect(b.requestCounters).toMatchObject({ asking: 0, answering: 0, unsentAnswers: 0 });
  });

  test("[BASE-206] one handler takes messages and requests; reply to a message is a message back", async () => {
    await using world = new World();
    const a = await world.add("a");
    const b = await world.add("b");
    const heard: WireValue[] = [];
    b.handle("greet", async (message, context) => {
      if (!context.isRequest) await context.reply(`hello, ${message.data}`);
      return `answer to ${message.data}`;
    });
    a.handle("greet", (message) => {
      heard.push(message.data);
    });
    const connection = await world.run(a.dial(address(b)));
    await world.run(a.send(connection, "ann", { type: "greet" }));
    await world.clock.settle();
    expect(heard).toEqual(["hello, ann"]);
    expect((await world.run(a.request(connection, "ann", { type: "greet" }))).data).toBe("answer to ann");
  });

  test("[BASE-207] refuse and forward need a request", async () => {
    await using world = new World();
    const a = await world.add("a");
    const b = await world.add("b");
    const codes: string[] = [];
    b.handle("message", async (_, context) => {
      codes.push((await failure(context.refuse("no"))).code, (await failure(context.forward(a.id))).code);
    });
    await world.run(a.send(address(b), 1));
    await world.clock.settle();
    expect(codes).toEqual(["not-a-request", "not-a-request"]);
    await world.run(a.send(address(b), 1, { type: "unheard" }));
    expect(a.connections).toHaveLength(1);
  });
});

describe("bounce", () => {
  test("[BASE-244] the answer comes over a temporary connection to the asker's address", async () => {
    await using world = new World();
    const a = await world.add("a");
    const b = await world.add("b");
    const c = await world.add("c");
    await world.run(b.dial(address(c)));
    b.handle("ask", (_, context) => context.forward(c.id));
    c.handle("ask", (message) => `c answers ${message.data}`);
    const connection = await world.run(a.dial(address(b)));
    const answer = await world.run(a.request(connection, "a", { type: "ask" }));
    expect(answer).toMatchObject({ data: "c answers a", from: c.id });
    expect(c.connections.map((other) => other.id).toSorted()).toEqual([a.id, b.id].toSorted());
    await world.clock.advance(15_000);
    expect(c.connections.map((other) => other.id)).toEqual([b.id]);
    for (const node of [a, b, c]) expect(node.requestCounters).toMatchObject({ asking: 0, answering: 0 });
  });

  test("[BASE-248] nothing is answered to who listens at the address in the asker's place", async () => {
    await using world = new World();
    const a = await world.add("a", { advertise: ["memory://wrong"] });
    const wrong = await world.add("wrong");
    const b = await world.add("b");
    const c = await world.add("c");
    await world.run(b.dial(address(c)));
    b.handle("ask", (_, context) => context.forward(c.id));
    c.handle("ask", () => "secret");
    wrong.handle("*", () => {
      throw new Error("this node should hear nothing");
    });
    const connection = await world.run(a.dial("memory://b"));
    const asked = failure(a.request(connection, "a", { type: "ask" }));
    await world.clock.advance(30_000);
    expect((await asked).code).toBe("request-timeout");
    expect(c.requestCounters.unsentAnswers).toBe(1);
    expect(wrong.counters.messagesIn).toBeLessThanOrEqual(3);
    expect(wrong.requestCounters.unmatchedAnswers).toBe(0);
  });
});

describe("through a router", () => {
  test("[BASE-238] nodes that are no neighbours ask and answer by the network's routes", async () => {
    await using world = new World();
    const nodes = new Map<NodeId, Node>();
    let routed = 0;
    const add = async (name: string): Promise<Node> => {
      const { clock } = world;
      const node = new Node({ network: "requests", clock });
      node.attach({
        features: [],
        subtypes: [],
        onConnected: () => {},
        onDisconnected: () => {},
        onBody: () => {},
        route: (to, body) => {
          const target = nodes.get(to);
          if (target === undefined) return undefined;
          routed++;
          clock.queue(() => target.deliver(decodeBody(body), body));
          return Promise.resolve();
        },
      });
      nodes.set(node.id, node);
      await node.open();
      expect(name).not.toBe("");
      return node;
    };
    const a = await add("a");
    const b = await add("b");
    const c = await add("c");
    b.handle("ask", (_, context) => context.forward(c.id));
    c.handle("ask", (message) => [message.data, message.from]);
    const answer = await world.run(a.request(b.id, "through", { type: "ask" }));
    expect(answer).toMatchObject({ data: ["through", a.id], from: c.id });
    expect(routed).toBe(4);
    await Promise.all([...nodes.values()].map((node) => world.run(node.close())));
  });
});

test("[BASE-243] three nodes over sockets: asked, refused, bounced", async () => {
  const make = (): Node => new Node({ network: "requests", listen: ["tcp://127.0.0.1:0"] });
  await using a = make();
  await using b = make();
  await using c = make();
  await stack([a, b, c]);
  await b.dial(address(c));
  b.handle("ask", (_, context) => context.forward(c.id));
  b.handle("no", (_, context) => context.refuse("never", "not here"));
  c.handle("ask", (message) => ({ from: "c", got: message.data }));
  const connection = await a.dial(address(b));
  expect(await a.request(connection, [1, "x"], { type: "ask" })).toMatchObject({
    data: { from: "c", got: [1, "x"] },
    from: c.id,
  });
  expect(await failure(a.request(b.id, null, { type: "no" }))).toMatchObject({
    remoteCode: "never",
    remoteMessage: "not here",
  });
  const many = await Promise.all(Array.from({ length: 60 }, (_, n) => a.request(connection, n, { type: "ask" })));
  expect(many.map((message) => (message.data as { got: number }).got)).toEqual(Array.from({ length: 60 }, (_, n) => n));
});
