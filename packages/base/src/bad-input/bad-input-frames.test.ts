// Bytes that are no message, over memory and over sockets: closed with a code, and the next one is served [BASE-003].
import { encodeValue } from "@p2p/wire";
import { describe, expect, test } from "vitest";
import { badFrames, messageWith } from "../testing/bad-frames-node.js";
import { frameOf, type RawPeer } from "../testing/raw-peer.js";
import { Victim, type VictimKind, victimKinds } from "../testing/victim.js";

const frames = badFrames();

/** Bytes of buffers that one bad frame may cost at most; the largest good one is 1 MiB. */
const mostBytes = 24 * 1_048_576;

describe.each(victimKinds.map((kind) => [kind] as const))("%s", (kind: VictimKind) => {
  test.each(frames.map((frame) => [frame.name, frame] as const))("%s", async (_, frame) => {
    await using victim = await Victim.open(kind);
    const peer = await victim.join();
    const before = process.memoryUsage().arrayBuffers;
    peer.sendBytes(frame.bytes);
    expect(frame.closes).toContain(await victim.closed(peer));
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(mostBytes);
    expect(peer.closeMessage?.reason).not.toBe("");
    expect(await victim.serves()).toBe(true);
    expect(victim.errors).toEqual([]);
    expect(victim.node.connections).toEqual([]);
  });

  test("a good message, cut at every byte and never finished, costs its connection and nobody else", async () => {
    await using victim = await Victim.open(kind);
    const whole = frameOf(messageWith([1]));
    const peers: RawPeer[] = [];
    for (let length = 1; length < whole.length; length += kind === "tcp" ? 7 : 1) {
      const peer = await victim.join({ id: new Uint8Array(48).fill(length) });
      peer.sendBytes(whole.subarray(0, length));
      peers.push(peer);
    }
    for (const peer of peers) peer.channel.end();
    for (const peer of peers) expect(["end", "reset"]).toContain(await victim.closed(peer));
    expect(await victim.serves()).toBe(true);
    expect([victim.errors, victim.node.connections.length]).toEqual([[], 0]);
  });

  test("a body cut at every byte in a frame that fits it is refused", async () => {
    await using victim = await Victim.open(kind);
    const body = messageWith([1]);
    for (let length = 1; length < body.length; length += kind === "tcp" ? 7 : 1) {
      const peer = await victim.join();
      peer.sendFrame(body.subarray(0, length));
      expect(await victim.closed(peer)).toBe("badFrame");
    }
    expect(await victim.serves()).toBe(true);
  });

  test("a good message byte by byte is a good message", async () => {
    await using victim = await Victim.open(kind);
    const peer = await victim.join();
    const heard: unknown[] = [];
    victim.node.on("message", (message) => heard.push(message.data));
    for (const byte of frameOf(encodeValue([2, peer.id, 1, 2, "message", "slow"]))) peer.sendBytes(Uint8Array.of(byte));
    expect(await victim.run(peer.ping())).toBe(true);
    expect(heard).toEqual(["slow"]);
  });

  test("random bytes after the handshake never do more than close", async () => {
    await using victim = await Victim.open(kind);
    let seed = 1;
    for (let round = 0; round < 20; round++) {
      const peer = await victim.join();
      const bytes = Uint8Array.from({ length: 400 }, () => {
        seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
        return seed >>> 16;
      });
      // A small length, so that the bytes are read as a body.
      peer.sendFrame(bytes);
      expect(["badFrame", "protocol"]).toContain(await victim.closed(peer));
    }
    expect(await victim.serves()).toBe(true);
    expect(victim.errors).toEqual([]);
  });
});
