// Two connections between the same nodes: one is left, the same on both sides, and no message is lost.
import { nodeIdToBytes } from "@p2p/wire";
import { describe, expect, test } from "vitest";
import type { Node } from "./node.js";
import { compareBytes } from "./session/duplicates.js";
import { addressOf, NodeWorld, worldKinds } from "./testing/node-world.js";

/** The end of a node's only connection, seen from the other node. */
function directionAt(node: Node, peer: Node): string | undefined {
  const found = node.connections.filter((one) => one.id === peer.id);
  expect(found).toHaveLength(1);
  return found[0]?.direction;
}

const larger = (a: Node, b: Node): Node => (compareBytes(nodeIdToBytes(a.id), nodeIdToBytes(b.id)) > 0 ? a : b);

describe.each(worldKinds)("over %s", (kind) => {
  test("[BASE-060] [BASE-062] nodes that dial each other at once keep the larger id's dial", async () => {
    for (let round = 0; round < 8; round++) {
      await using world = new NodeWorld(kind);
      const [a, b] = await Promise.all([world.open(), world.open()]);
      const [fromA, fromB] = await world.run(Promise.all([a.dial(addressOf(b)), b.dial(addressOf(a))]));
      expect([fromA.id, fromB.id]).toEqual([b.id, a.id]);
      await world.until(() => isSettled(a) && isSettled(b));
      const winner = larger(a, b);
      const loser = winner === a ? b : a;
      await world.until(() => winner.connections[0]?.direction === "outbound");
      await world.until(() => loser.connections[0]?.direction === "inbound");
      expect([directionAt(winner, loser), directionAt(loser, winner)]).toEqual(["outbound", "inbound"]);
    }
  });

  test.each(["larger first", "smaller first"])("[BASE-060] [BASE-062] one after the other, %s", async (order) => {
    await using world = new NodeWorld(kind);
    const [a, b] = await Promise.all([world.open(), world.open()]);
    const winner = larger(a, b);
    const loser = winner === a ? b : a;
    const [first, second] = order === "larger first" ? [winner, loser] : [loser, winner];
    await world.run(first.dial(addressOf(second)));
    await world.until(() => second.connections.length === 1);
    const again = await world.run(second.dial(addressOf(first)));
    expect(again.id).toBe(first.id);
    await world.until(() => winner.connections[0]?.direction === "outbound");
    await world.until(() => loser.connections[0]?.direction === "inbound");
    await world.run(winner.send(loser.id, "still there"));
  });

  test("[BASE-065] no message is lost while the two sides settle", async () => {
    for (let round = 0; round < 5; round++) {
      await using world = new NodeWorld(kind);
      const [a, b] = await Promise.all([world.open(), world.open()]);
      const got = { a: [] as unknown[], b: [] as unknown[] };
      a.on("message", ({ data }) => got.a.push(data));
      b.on("message", ({ data }) => got.b.push(data));
      const sent = { a: 0, b: 0 };
      const flood = (node: Node, name: "a" | "b"): void => {
        for (let n = 0; n < 20; n++) {
          const [connection] = node.connections;
          if (connection?.isOpen !== true) return;
          connection.sendMessage(sent[name]);
          sent[name]++;
        }
      };
      for (const event of ["inboundConnected", "outboundConnected", "message"] as const) {
        a.on(event, () => sent.a < 200 && flood(a, "a"));
        b.on(event, () => sent.b < 200 && flood(b, "b"));
      }
      await world.run(Promise.all([a.dial(addressOf(b)), b.dial(addressOf(a))]));
      await world.until(() => got.a.length >= sent.b && got.b.length >= sent.a && sent.a >= 200 && sent.b >= 200);
      expect(new Set(got.a).size).toBe(sent.b);
      expect(new Set(got.b).size).toBe(sent.a);
      expect([got.a.length, got.b.length]).toEqual([sent.b, sent.a]);
    }
  });

  test("[BASE-066] [BASE-215] a request that is open while the two sides settle is answered", async () => {
    for (let round = 0; round < 5; round++) {
      await using world = new NodeWorld(kind);
      const [a, b] = await Promise.all([world.open(), world.open()]);
      const answers: Promise<unknown>[] = [];
      for (const [node, peer] of [
        [a, b],
        [b, a],
      ] as const) {
        node.handle("double", async (message) => {
          for (let turn = 0; turn < round; turn++) await Promise.resolve();
          return 2 * Number(message.data);
        });
        for (const event of ["inboundConnected", "outboundConnected"] as const) {
          node.on(event, () => {
            const answer = node.request(peer.id, answers.length, { type: "double" });
            answers.push(answer.then(({ data }) => data));
          });
        }
      }
      await world.run(Promise.all([a.dial(addressOf(b)), b.dial(addressOf(a))]));
      await world.until(() => isSettled(a) && isSettled(b));
      for (let n = 0; n < answers.length; n++) expect(await world.run(answers[n] ?? Promise.reject())).toBe(2 * n);
    }
  });

  test("[BASE-066] who is connected twice is never told to be gone", async () => {
    await using world = new NodeWorld(kind);
    const [a, b] = await Promise.all([world.open(), world.open()]);
    const seen: boolean[] = [];
    for (const [node, peer] of [
      [a, b],
      [b, a],
    ] as const) {
      const look = (): unknown => seen.push(node.connectionTo(peer.id) !== undefined);
      node.on("inboundDisconnected", look);
      node.on("outboundDisconnected", look);
    }
    await world.run(Promise.all([a.dial(addressOf(b)), b.dial(addressOf(a))]));
    await world.until(() => isSettled(a) && isSettled(b));
    expect(seen).not.toContain(false);
  });
});

test("[BASE-061] a peer that starts anew takes the place of its old connection at once", async () => {
  await using world = new NodeWorld();
  const node = await world.open();
  const old = await world.joined(node);
  const fresh = await world.rawPeer(node);
  fresh.sendHandshake({ boot: new Uint8Array(8).fill(9) });
  await world.run(fresh.until(() => fresh.handshake !== undefined));
  expect(old.closeMessage).toBeUndefined();
  expect(await world.run(fresh.ping())).toBe(true);
  await world.run(old.until(() => old.closeMessage !== undefined));
  expect(old.closedWith).toBe("duplicate");
  expect(node.connections).toHaveLength(1);
});

test.each([
  ["the later one last", 1, 2, "one"],
  ["the later one first", 2, 1, "two"],
] as const)("[BASE-063] of two dials of one peer the later stays: %s", async (_, timeOfOne, timeOfTwo, loser) => {
  await using world = new NodeWorld();
  const node = await world.open();
  const [one, two] = [await world.rawPeer(node), await world.rawPeer(node)];
  one.sendValue([2, one.id, timeOfOne, 5, one.handshakeMap()]);
  await world.run(one.until(() => one.handshake !== undefined));
  two.sendValue([2, two.id, timeOfTwo, 5, two.handshakeMap()]);
  await world.run(two.until(() => two.handshake !== undefined));
  const lost = loser === "one" ? one : two;
  const kept = loser === "one" ? two : one;
  expect(await world.run(kept.ping())).toBe(true);
  await world.run(lost.until(() => lost.closeMessage !== undefined));
  expect(lost.closedWith).toBe("duplicate");
  expect(await world.run(kept.ping(2))).toBe(true);
  expect(node.connections).toHaveLength(1);
});

test("[BASE-064] a connection that should stay but is dead gives way to the other one", async () => {
  await using world = new NodeWorld();
  const node = await world.open();
  const lines: string[] = [];
  node.on("inboundConnected", () => lines.push("up"));
  node.on("inboundDisconnected", (_, reason) => lines.push(`down ${reason.name}`));
  // The same times in both handshakes: the new one is not later, and the old one is to stay.
  const old = await world.joined(node);
  const fresh = await world.joined(node);
  await world.clock.advance(4_000);
  expect([old.closeMessage, fresh.closeMessage]).toEqual([undefined, undefined]);
  expect(old.bodies.filter((body) => body.type === 3)).toHaveLength(2);
  await world.clock.advance(2_500);
  expect(old.closedWith).toBe("idle");
  expect(await world.run(fresh.ping())).toBe(true);
  expect(node.connections).toHaveLength(1);
  expect(lines).toEqual(["up", "up", "down idle"]);
});

test("[BASE-065] what comes over a connection that is to go is delivered", async () => {
  await using world = new NodeWorld();
  const node = await world.open();
  const got: unknown[] = [];
  node.on("message", (message) => got.push([message.data, message.connection?.isOpen]));
  const old = await world.joined(node);
  const fresh = await world.joined(node);
  fresh.whisper(2, "message", "standing by");
  await world.until(() => got.length === 1);
  // The node reads the ping first, which settles the matter.
  old.sendBody(3, 1);
  fresh.whisper(2, "message", "yielding");
  await world.until(() => got.length === 2);
  expect(fresh.closedWith).toBe("duplicate");
  expect(got).toEqual([
    ["standing by", true],
    ["yielding", true],
  ]);
  await world.clock.advance(6_500);
  expect(fresh.isClosed).toBe(true);
  expect(node.connections).toHaveLength(1);
});

function isSettled(node: Node): boolean {
  return node.connections.length === 1;
}
