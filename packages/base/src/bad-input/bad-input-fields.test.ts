// Every field of every message with every wrong type: closed with a code, and the next one is served [BASE-203] [BASE-204].
import { flags } from "@p2p/wire";
import { describe, expect, test } from "vitest";
import { type BadBody, badBodies, badHandshakes } from "../testing/bad-fields.js";
import { Victim } from "../testing/victim.js";

const sender = new Uint8Array(48).fill(0xee);
const bodies = badBodies(sender);

/** One test a message, so that a failure names it without a thousand lines of output. */
const byMessage = new Map<string, BadBody[]>();
for (const body of bodies) {
  const message = body.name.slice(0, body.name.indexOf(":"));
  byMessage.set(message, [...(byMessage.get(message) ?? []), body]);
}

test("the table is not empty", () => {
  expect(byMessage.size).toBe(9);
  expect(bodies.length).toBeGreaterThan(300);
  expect(badHandshakes().length).toBeGreaterThan(80);
});

describe("after the handshake", () => {
  test.each([...byMessage])("[BASE-203] [BASE-204] %s", async (_, wrong) => {
    await using victim = await Victim.open("memory");
    victim.node.handle("text", (message) => message.data);
    for (const { name, value } of wrong) {
      const peer = await victim.join();
      peer.sendValue(value);
      const code = await victim.closed(peer).catch(() => "nothing");
      expect([name, ["badFrame", "protocol"].includes(String(code)) ? "refused" : code]).toEqual([name, "refused"]);
    }
    expect(await victim.serves()).toBe(true);
    expect(victim.errors).toEqual([]);
  });

  test("what is valid passes, so the table changes one thing at a time", async () => {
    await using victim = await Victim.open("memory");
    const peer = await victim.join();
    const { subtypes, mainTypes } = flags;
    peer.whisper(subtypes.whisper, "text", [1, "two"]);
    peer.whisper(subtypes.request, 3, "echo", [1, "two"]);
    peer.whisper(subtypes.response, 3, [1, "two"]);
    peer.whisper(subtypes.error, 3, "text", "text");
    peer.whisper(subtypes.forward, new Uint8Array(48).fill(0xdd), [], 3, "text", [1, "two"], [peer.id]);
    peer.whisper(subtypes.redirected, 3, new Uint8Array(48).fill(0xdd));
    peer.sendBody(mainTypes.pong, 3, 3);
    expect(await victim.run(peer.ping())).toBe(true);
    expect(peer.whispers(subtypes.response).map((body) => body.items.slice(1))).toEqual([[3, [1, "two"]]]);
    peer.whisper(subtypes.close, 3, "text");
    await victim.closed(peer);
    expect(victim.errors).toEqual([]);
  });

  test("types and subtypes of a later version are ignored", async () => {
    await using victim = await Victim.open("memory");
    const peer = await victim.join();
    peer.sendBody(0, 77, "broadcast nobody takes");
    peer.sendBody(5, "main type");
    peer.sendBody(255, null);
    peer.whisper(0x7f, "subtype");
    peer.whisper(2 ** 40, {});
    expect(await victim.run(peer.ping())).toBe(true);
  });

  test("[BASE-203] a message in the name of another node", async () => {
    await using victim = await Victim.open("memory");
    const other = new Uint8Array(48).fill(0xaa);
    const { subtypes, mainTypes } = flags;
    for (const body of [
      [mainTypes.whisper, other, 1, subtypes.whisper, "message", "forged"],
      [mainTypes.whisper, other, 1, subtypes.request, 1, "echo", "forged"],
      [mainTypes.whisper, other, 1, subtypes.response, 1, "forged"],
      [mainTypes.whisper, other, 1, subtypes.close, 0, "forged"],
      [mainTypes.ping, other, 1, 7],
      [mainTypes.pong, other, 1, 7, 7],
    ]) {
      const peer = await victim.join();
      peer.sendValue(body);
      expect(await victim.closed(peer)).toBe("protocol");
    }
    expect(await victim.serves()).toBe(true);
  });

  test("[BASE-247] a forward whose path ends with somebody else", async () => {
    await using victim = await Victim.open("memory");
    const peer = await victim.join();
    const other = new Uint8Array(48).fill(0xaa);
    peer.whisper(flags.subtypes.forward, other, [], 1, "echo", null, [other]);
    expect(await victim.closed(peer)).toBe("protocol");
    expect(await victim.serves()).toBe(true);
  });

  test("keys and types named like parts of an object are only names", async () => {
    await using victim = await Victim.open("memory");
    const peer = await victim.join();
    const names = ["__proto__", "constructor", "toString", "hasOwnProperty"];
    for (const [index, name] of names.entries()) peer.whisper(flags.subtypes.request, index, name, null);
    const data = JSON.parse('{"__proto__": {"polluted": true}, "constructor": 1}');
    peer.whisper(flags.subtypes.request, 9, "echo", data);
    expect(await victim.run(peer.ping())).toBe(true);
    expect(peer.whispers(flags.subtypes.error).map((body) => body.items[2])).toEqual(names.map(() => "no-handler"));
    expect(Object.entries(Object(peer.whispers(flags.subtypes.response)[0]?.items[2]))).toEqual(Object.entries(data));
    expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
  });
});

describe("in the handshake", () => {
  test("every key absent and of every wrong type", async () => {
    await using victim = await Victim.open("memory");
    for (const { name, overrides } of badHandshakes()) {
      const peer = await victim.dial();
      peer.sendHandshake(overrides);
      const code = await victim.closed(peer).catch(() => "nothing");
      expect([name, code]).toEqual([name, "protocol"]);
    }
    expect(await victim.serves()).toBe(true);
    expect(victim.errors).toEqual([]);
  });

  test("an item that is no map", async () => {
    await using victim = await Victim.open("memory");
    for (const item of [null, 1, "map", [], new Uint8Array(4), true]) {
      const peer = await victim.dial();
      peer.whisper(flags.subtypes.handshake, item);
      expect(await victim.closed(peer)).toBe("protocol");
    }
    const peer = await victim.dial();
    peer.whisper(flags.subtypes.handshake);
    expect(await victim.closed(peer)).toBe("protocol");
    expect(await victim.serves()).toBe(true);
  });

  test("unknown keys and names are ignored, whatever they are", async () => {
    await using victim = await Victim.open("memory");
    const peer = await victim.dial();
    peer.sendHandshake({
      future: { deep: [1, 2, { more: null }] },
      __proto__: 7,
      codecs: [9, 200],
      addrs: ["?", "x:y"],
    });
    expect(await victim.run(peer.ping())).toBe(true);
    expect(victim.node.connections.map((connection) => connection.addresses)).toEqual([[]]);
  });
});
