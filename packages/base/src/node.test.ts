// The node over real sockets and in memory: what an application does with it.
import { describe, expect, test } from "vitest";
import { Node } from "./node.js";
import type { NodeOptions } from "./options.js";
import { MemoryNetwork, memoryTransport } from "./transport/memory.js";

const memory = memoryTransport({ network: new MemoryNetwork() });

/** The same tests over every default transport. */
const worlds: readonly { readonly name: string; readonly options: NodeOptions }[] = [
  { name: "tcp", options: { network: "test", listen: ["tcp://127.0.0.1:0"] } },
  { name: "memory", options: { network: "test", listen: ["memory://node:0"], transports: [memory] } },
];

describe.each(worlds)("over $name", ({ options }) => {
  async function pair(a: Partial<NodeOptions> = {}, b: Partial<NodeOptions> = {}) {
    const first = new Node({ ...options, ...a });
    const second = new Node({ ...options, ...b });
    await Promise.all([first.open(), second.open()]);
    return [first, second] as const;
  }

  test("two nodes connect, and both know each other", async () => {
    await using nodes = new AsyncDisposableStack();
    const [a, b] = await pair();
    nodes.use(a);
    nodes.use(b);
    const inbound = new Promise((resolve) => b.once("inboundConnected", resolve));
    const connection = await a.dial(b.addresses[0] ?? "");
    expect(connection.id).toBe(b.id);
    expect(connection.direction).toBe("outbound");
    expect(connection.addresses).toEqual(b.addresses);
    await inbound;
    expect(b.connections.map((one) => one.id)).toEqual([a.id]);
  });

  test("a message arrives once, with its type and data", async () => {
    await using nodes = new AsyncDisposableStack();
    const [a, b] = await pair();
    nodes.use(a);
    nodes.use(b);
    await a.dial(b.addresses[0] ?? "");
    const got = new Promise<unknown>((resolve) => b.once("message", (message) => resolve(message)));
    await a.send(b.id, { text: "hello" }, { type: "chat" });
    expect(await got).toMatchObject({ type: "chat", data: { text: "hello" }, from: a.id });
  });

  test("a request is answered", async () => {
    await using nodes = new AsyncDisposableStack();
    const [a, b] = await pair();
    nodes.use(a);
    nodes.use(b);
    await a.dial(b.addresses[0] ?? "");
    b.handle("double", (message) => Number(message.data) * 2);
    expect((await a.request(b.id, 21, { type: "double" })).data).toBe(42);
  });
});
