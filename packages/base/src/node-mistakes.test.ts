// What a node answers to the mistakes that its user is likely to make. [BASE-102] [BASE-111] [BASE-214]
import { nodeIdFromBytes } from "@p2p/wire";
import { describe, expect, test } from "vitest";
import { Node } from "./node.js";

async function opened(): Promise<Node> {
  const node = new Node({ network: "test", listen: ["tcp://127.0.0.1:0"] });
  await node.open();
  return node;
}

describe("a mistake of the user is told where it is made", () => {
  test("[BASE-111] a closed node does not open again, and says so", async () => {
    const node = await opened();
    await node.close();
    await expect(node.open()).rejects.toMatchObject({ name: "BaseError", code: "closed" });
    const never = new Node({ network: "test" });
    await never.close();
    await expect(never.open()).rejects.toMatchObject({ code: "closed" });
  });

  test.each([
    [{ lisen: [] }, 'there is no option "lisen" of a node; the nearest is "listen"'],
    [{ limits: { maxConections: 1 } }, 'there is no limit "maxConections" of a node; the nearest is "maxConnections"'],
    [{ requestLimits: { perpeer: 1 } }, 'there is no limit "perpeer" of requests; the nearest is "perPeer"'],
    [{ reconnect: { delayMs: [1] } }, 'there is no option "delayMs" of `reconnect`; the nearest is "delaysMs"'],
  ])("a misspelt option: %o", (options, message) => {
    expect(() => new Node({ network: "test", ...options } as never)).toThrow(new TypeError(message));
  });

  test.each([
    [undefined, "the options of a node are an object"],
    ["office", "the options of a node are an object"],
    [{ network: "test", limits: 3 }, "the limits of a node are an object"],
    [{ network: "test", requestLimits: "all" }, "the limits of requests are an object"],
  ])("what is no object: %o", (options, message) => {
    expect(() => new Node(options as never)).toThrow(new TypeError(message));
  });

  test.each([true, "noise", () => undefined, { name: "noise" }, null])("no layer of security: %o", (security) => {
    expect(() => new Node({ network: "test", security } as never)).toThrow(/option `security` is a layer of security/);
  });

  test.each([
    [{ limits: { maxConnections: "3" } }, /limit maxConnections is "3"; it goes from 1/],
    [{ requestLimits: { total: "3" } }, /limit total is "3"/],
    [{ compressAboveBytes: "1000" }, /compressAboveBytes is "1000"; it is a number/],
  ])("a text for a number: %o", (options, message) => {
    expect(() => new Node({ network: "test", ...options } as never)).toThrow(message);
  });

  test("a misspelt option of a dial or a request, which would be without it", async () => {
    await using node = await opened();
    const dial = node.dial("tcp://127.0.0.1:9", { kept: true } as never);
    await expect(dial).rejects.toThrow('there is no option "kept" of a dial; the nearest is "keep"');
    const request = node.request(node.id, 1, { timeout: 5 } as never);
    await expect(request).rejects.toThrow('there is no option "timeout" of a request; the nearest is "timeoutMs"');
  });

  test("a misspelt option of a message, which would go to the excluded, and of a listener, which would stay", async () => {
    await using node = await opened();
    const wrong = { exclud: [node.id] } as never;
    const message = 'there is no option "exclud" of a message; the nearest is "exclude"';
    await expect(node.send(node.id, 1, wrong)).rejects.toThrow(new TypeError(message));
    await expect(node.sendAll(1, wrong)).rejects.toThrow(new TypeError(message));
    const heard = (): void => undefined;
    for (const call of ["on", "once"] as const) {
      expect(() => node[call]("message", heard, { signl: AbortSignal.abort() } as never)).toThrow(
        new TypeError('there is no option "signl" of a listener; the nearest is "signal"'),
      );
    }
  });

  test("a message to nobody", async () => {
    await using node = await opened();
    const nobody = new TypeError("a message goes to a connection, a node id, or an address");
    for (const target of [undefined, null, 5, {}]) {
      await expect(node.send(target as never, 1)).rejects.toThrow(nobody);
      await expect(node.request(target as never, 1)).rejects.toThrow(nobody);
    }
  });

  test("a listener of an event that there is not", () => {
    const node = new Node({ network: "test" });
    const message = 'there is no event "mesage" of a node; the nearest is "message"';
    expect(() => node.on("mesage" as never, () => {})).toThrow(new TypeError(message));
  });

  test.each(["listen", "advertise"])("a text as the option %s, which is a list", (option) => {
    const options = { network: "test", [option]: "tcp://127.0.0.1:0" };
    expect(() => new Node(options as never)).toThrow(new TypeError(`the option \`${option}\` is a list of addresses`));
  });

  test("[BASE-102] an address without its scheme is no node id", async () => {
    await using node = await opened();
    const expected = { code: "address-invalid", message: expect.stringContaining("scheme://host:port") };
    await expect(node.send("127.0.0.1:4000", 1)).rejects.toMatchObject(expected);
    await expect(node.request("127.0.0.1:4000", 1)).rejects.toMatchObject(expected);
  });

  test("[BASE-214] a request that was not answered tells how long it waited", async () => {
    await using node = await opened();
    await using asker = await opened();
    node.handle("slow", (_message, { signal }) => new Promise((done) => signal.addEventListener("abort", done)));
    const connection = await asker.dial(node.addresses[0] ?? "");
    const message = expect.stringContaining('did not answer the request "slow" within 20 ms');
    await expect(asker.request(connection, 1, { type: "slow", timeoutMs: 20 })).rejects.toMatchObject({ message });
  });

  test("[BASE-003] a node that listens on more addresses than a handshake holds tells the first ones", async () => {
    await using node = new Node({ network: "test", listen: Array(20).fill("tcp://127.0.0.1:0") });
    await using guest = await opened();
    await node.open();
    const connection = await guest.dial(node.addresses[19] ?? "");
    expect(connection.addresses).toEqual(node.addresses.slice(0, 16));
  });

  test.each([
    ["requestLimits", { timeoutMs: Number.NaN }],
    ["requestLimits", { perPeer: 0 }],
    ["requestLimits", { maxForwards: 17 }],
    ["temporaryIdleMs", Number.NaN],
    ["temporaryIdleMs", -1],
  ])("%s out of bounds: %o", (option, value) => {
    expect(() => new Node({ network: "test", [option]: value })).toThrow(RangeError);
  });

  test("a limit of requests that there is not", () => {
    expect(() => new Node({ network: "test", requestLimits: { perPeers: 1 } as never })).toThrow(TypeError);
  });

  test("[BASE-003] names of features that no handshake holds", () => {
    for (const features of [["f".repeat(65)], Array.from({ length: 70 }, (_, n) => `f${n}`)]) {
      expect(() => new Node({ network: "test", features })).toThrow(RangeError);
    }
    expect(() => new Node({ network: "test", needs: [1 as never] })).toThrow(TypeError);
  });

  test("[WIRE-058] an id that is none, or another than the security proves", () => {
    const [id, other] = [nodeIdFromBytes(new Uint8Array(48).fill(1)), nodeIdFromBytes(new Uint8Array(48).fill(2))];
    const security = { name: "Naming", nodeId: id, secure: () => Promise.reject(new Error("not dialled")) };
    expect(new Node({ network: "test", id, security }).id).toBe(id);
    expect(() => new Node({ network: "test", id: other, security })).toThrow(TypeError);
    expect(() => new Node({ network: "test", id: "0" as never })).toThrow(
      expect.objectContaining({ code: "bad-node-id" }),
    );
  });
});

test("[WIRE-058] a node that is started anew with its id is the same node to its peers", async () => {
  await using guest = await opened();
  const first = await opened();
  await guest.dial(first.addresses[0] ?? "");
  await first.close();
  await using second = new Node({ network: "test", id: first.id, listen: ["tcp://127.0.0.1:0"] });
  await second.open();
  expect((await guest.dial(`${second.addresses[0]}#${first.id}`)).id).toBe(first.id);
});
