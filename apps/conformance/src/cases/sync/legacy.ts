// Tables of profile 0.7: links, broadcasts, the rule of acceptance, what is kept from peers that it would break.
import { toHex } from "../../reference/value.js";
import type { NodeCase } from "../../runner/case.js";
import { check, checkEqual } from "../../runner/expect.js";
import {
  bytes07,
  dialects07,
  isBroadcast07,
  isHandshake07,
  isPeers07,
  isState07,
  type LegacyPeer,
  subtype07,
  text07,
} from "../../stage/legacy-peer.js";
import { nodeCase } from "../define.js";
import { legacyNetworkId, legacyPeer, now, openLegacy, strangerOf } from "./legacy-links.js";

const { store, delta } = subtype07;

/** A write of a peer's own, heard by the node. */
async function writes(peer: LegacyPeer, key: string, value: unknown, time = now): Promise<void> {
  peer.send(0, time, store, bytes07(key), value as string);
  await peer.fence(now);
}

export const legacyTableCases: readonly NodeCase[] = [
  ...[true, false].map((leases) =>
    nodeCase(
      `sync/legacy/network-${leases ? "with" : "without"}-leases`,
      "SYNC-300 SYNC-314",
      "the network id tells whether keys are leased, and another one ends the link",
      async (stage) => {
        const node = await openLegacy(stage, { leases });
        const peer = await legacyPeer(stage, node, "5", { leases });
        await peer.fence(now);
        const other = await strangerOf(stage, node, "6");
        other.sendHandshake(legacyNetworkId(stage.network, !leases), now);
        await other.raw.nextEnd();
      },
    ),
  ),
  ...(["bin", "mixed", "str"] as const).map((name) =>
    nodeCase(
      `sync/legacy/dialect-${name}`,
      "SYNC-301 SYNC-309",
      "the node says nothing before its peer, and then speaks the dialect of the peer",
      async (stage) => {
        const node = await openLegacy(stage);
        const dialect = dialects07[name];
        const peer = await strangerOf(stage, node, "5", dialect);
        peer.sendHandshake(legacyNetworkId(stage.network), now);
        const handshake = await peer.next(isHandshake07, "the handshake of the node");
        const [, id, network, , methods] = handshake.items;
        await peer.fence(now);
        checkEqual(peer.waiting(isHandshake07).length, 0, "further handshakes");
        checkEqual(text07(id), node.id, "the id of the node");
        checkEqual(
          [handshake.sender, id].map((one) => one instanceof Uint8Array),
          [dialect.hasByteIds, dialect.hasByteIds],
          "node ids as bytes",
        );
        checkEqual(network instanceof Uint8Array, dialect.hasByteNetworks, "network id as bytes");
        checkEqual(methods, [], "compression methods");
      },
    ),
  ),
  nodeCase("sync/legacy/silent-peer", "SYNC-313", "a peer that says nothing is spoken to", async (stage) => {
    const node = await openLegacy(stage, { dialect: "bin" });
    const peer = await strangerOf(stage, node, "5", dialects07.bin);
    const other = await legacyPeer(stage, node, "6");
    await node.advance(900);
    await peer.next(isHandshake07, "the handshake of the node");
    await other.fence(now);
  }),
  nodeCase("sync/legacy/handshake-twice", "SYNC-315", "a second handshake changes nothing", async (stage) => {
    const node = await openLegacy(stage);
    const peer = await legacyPeer(stage, node, "5");
    peer.sendHandshake(legacyNetworkId(stage.network), now);
    await peer.fence(now);
  }),
  nodeCase("sync/legacy/no-compression", "SYNC-309", "a wish to compress is answered by no method", async (stage) => {
    const node = await openLegacy(stage);
    const peer = await legacyPeer(stage, node, "5", { dialect: dialects07.bin });
    peer.send(1, now, subtype07.compression, [17]);
    const answer = await peer.next(({ type }) => type === 1, "an answer to the wish");
    checkEqual(answer.items, [subtype07.compression, []], "the answer");
  }),
  nodeCase("sync/legacy/dials-peers", "SYNC-308", "the node dials a member that it hears of", async (stage) => {
    const node = await openLegacy(stage);
    const peer = await legacyPeer(stage, node, "5");
    const listener = await stage.listen();
    peer.send(2, now, subtype07.peers, [[["127.0.0.1", listener.port], "7"]]);
    await listener.accept();
  }),
  nodeCase(
    "sync/legacy/peers-wanted",
    "SYNC-316",
    "a wish for peers is answered, as text and as bytes",
    async (stage) => {
      const node = await openLegacy(stage);
      await legacyPeer(stage, node, "6");
      const peer = await legacyPeer(stage, node, "5", { dialect: dialects07.bin });
      for (const wish of ["*", bytes07("*")]) {
        peer.send(2, now, subtype07.request, wish);
        const list = await peer.next(isPeers07, "a peers list");
        checkEqual(list.items[1], [[["127.0.0.1", 9], bytes07("6")]], "the list");
      }
    },
  ),
  nodeCase(
    "sync/legacy/relay",
    "SYNC-303",
    "a broadcast goes on once, as it came, not to its origin",
    async (stage) => {
      const node = await openLegacy(stage);
      const [first, second, third, origin] = [
        await legacyPeer(stage, node, "5"),
        await legacyPeer(stage, node, "6"),
        await legacyPeer(stage, node, "7"),
        await legacyPeer(stage, node, "8"),
      ];
      const frame = first.sendAs("8", 0, now, 0, "anything", [1.5]);
      for (const peer of [second, third]) {
        const relayed = await peer.next(isBroadcast07, "the broadcast");
        checkEqual(toHex(relayed.frame), toHex(frame), "the frame");
      }
      second.raw.sendBytes(frame);
      first.raw.sendBytes(frame);
      for (const peer of [first, second, third, origin]) await peer.fence(now);
      for (const peer of [first, second, third, origin]) await peer.fence(now);
      checkEqual(
        [first, second, third, origin].map((peer) => peer.waiting(isBroadcast07).length),
        [0, 0, 0, 0],
        "further broadcasts",
      );
    },
  ),
  ...[now - 61, now + 3_700].map((time) =>
    nodeCase(
      `sync/legacy/time-${time < now ? "old" : "ahead"}`,
      "SYNC-317",
      "a broadcast of another time is neither heard nor passed on",
      async (stage) => {
        const node = await openLegacy(stage);
        const [first, second] = [await legacyPeer(stage, node, "5"), await legacyPeer(stage, node, "6")];
        await writes(first, "k", "v", time);
        await writes(first, "sound", "v");
        await second.next(isBroadcast07, "the sound broadcast");
        await second.fence(now);
        checkEqual(second.waiting(isBroadcast07).length, 0, "further broadcasts");
        checkEqual(await node.table(), { sound: "v" }, "the table");
      },
    ),
  ),
  nodeCase("sync/legacy/one-form", "SYNC-302", "the node writes its id in one form to all", async (stage) => {
    const node = await openLegacy(stage);
    const bin = await legacyPeer(stage, node, "5", { dialect: dialects07.bin });
    const str = await legacyPeer(stage, node, "6");
    await node.call({ do: "set", key: "k", data: 1 });
    for (const peer of [bin, str]) {
      const { sender } = await peer.next(isBroadcast07, "the write");
      check(sender instanceof Uint8Array, "the sender is text");
    }
  }),
  nodeCase(
    "sync/legacy/same-again",
    "SYNC-311 SYNC-304",
    "a write that equals an earlier one of the second is later",
    async (stage) => {
      const node = await openLegacy(stage);
      const peer = await legacyPeer(stage, node, "5");
      const times: number[] = [];
      for (const data of ["x", "y", "x"]) {
        await node.call({ do: "set", key: "k", data });
        const { items, time } = await peer.next(isBroadcast07, `the write of ${data}`);
        checkEqual(items, [store, bytes07("k"), data], "the items");
        times.push(time);
      }
      check((times[2] ?? 0) > (times[0] ?? 0), `the times are ${times.join(", ")}`);
    },
  ),
  nodeCase("sync/legacy/key-forms", "SYNC-304", "a key as text and as bytes is one", async (stage) => {
    const node = await openLegacy(stage);
    const peer = await legacyPeer(stage, node, "5");
    for (const [index, key] of ["k", bytes07("k"), "k"].entries()) {
      peer.send(0, now, store, key, index);
      await peer.fence(now);
      checkEqual(await node.table(), { k: index }, `the table after write ${index}`);
    }
  }),
  ...acceptance(),
  nodeCase("sync/legacy/delete", "SYNC-305", "nil deletes, and leaves nothing of the lease", async (stage) => {
    const node = await openLegacy(stage);
    const [first, second] = [await legacyPeer(stage, node, "5"), await legacyPeer(stage, node, "6")];
    await writes(first, "k", 1);
    await writes(first, "k", null);
    checkEqual(await node.table(), {}, "the table after the delete");
    await writes(second, "k", 2);
    checkEqual(await node.table(), { k: 2 }, "the table");
  }),
  nodeCase("sync/legacy/delta", "SYNC-306", "a delta merges fields, and takes the key over", async (stage) => {
    const node = await openLegacy(stage, { leases: false });
    const [first, second] = [
      await legacyPeer(stage, node, "5", { leases: false }),
      await legacyPeer(stage, node, "6", { leases: false }),
    ];
    first.send(0, now, delta, bytes07("m"), { a: 1, b: 1 });
    await first.fence(now);
    second.send(0, now - 1, delta, bytes07("m"), { b: 2 });
    await second.fence(now);
    checkEqual(
      await node.table(),
      {
        m: {
          map: [
            ["a", 1],
            ["b", 2],
          ],
        },
      },
      "the table",
    );
    const late = await legacyPeer(stage, node, "7", { leases: false });
    const state = await late.next(isState07, "the state of the key");
    checkEqual([text07(state.items[3]), state.items[4]], ["6", now - 1], "owner and time");
  }),
  nodeCase("sync/legacy/delta-leased", "SYNC-306", "with leases a delta is taken as a store is", async (stage) => {
    const node = await openLegacy(stage);
    const [first, second] = [await legacyPeer(stage, node, "5"), await legacyPeer(stage, node, "6")];
    first.send(0, now, delta, bytes07("m"), { a: 1 });
    await first.fence(now);
    second.send(0, now + 1, delta, bytes07("m"), { b: 2 });
    await second.fence(now);
    checkEqual(await node.table(), { m: { map: [["a", 1]] } }, "the table");
  }),
  nodeCase(
    "sync/legacy/delta-on-text",
    "SYNC-318 SYNC-310",
    "a delta onto what is no map changes nothing and goes nowhere",
    async (stage) => {
      const node = await openLegacy(stage);
      const [first, second] = [await legacyPeer(stage, node, "5"), await legacyPeer(stage, node, "6")];
      await writes(first, "k", "text");
      await second.next(isBroadcast07, "the write");
      first.send(0, now, delta, bytes07("k"), { a: 1 });
      await first.fence(now);
      await second.fence(now);
      checkEqual(second.waiting(isBroadcast07).length, 0, "further broadcasts");
      checkEqual(await node.table(), { k: "text" }, "the table");
    },
  ),
  nodeCase(
    "sync/legacy/late-joiner",
    "SYNC-307",
    "who joins late is told each key, and tells its own",
    async (stage) => {
      const node = await openLegacy(stage);
      const first = await legacyPeer(stage, node, "5", { dialect: dialects07.bin });
      await writes(first, "theirs", 1);
      const late = await legacyPeer(stage, node, "6");
      const state = await late.next(isState07, "the state of the key");
      checkEqual(state.items, [store, bytes07("theirs"), 1, bytes07("5"), now], "the state");
      late.send(2, now, store, bytes07("theirs"), 2, "6", now);
      late.send(2, now, store, bytes07("new"), 3, "9", now - 9_000);
      await late.fence(now);
      checkEqual(await node.table(), { theirs: 1, new: 3 }, "the table");
    },
  ),
  nodeCase("sync/legacy/unsafe", "SYNC-310", "a neighbour is not sent what breaks it", async (stage) => {
    const node = await openLegacy(stage);
    const bin = { dialect: dialects07.bin };
    const first = await legacyPeer(stage, node, "5", bin);
    const [py, js] = [await legacyPeer(stage, node, "6", bin), await legacyPeer(stage, node, "7")];
    await writes(first, "missing", null);
    await writes(first, "constructor", 1);
    await writes(first, "constructor", null);
    await writes(first, "end", 1);
    const keysAt = async (peer: LegacyPeer): Promise<string[]> => {
      const keys: string[] = [];
      while (keys.at(-1) !== "end") {
        const { items } = await peer.next(isBroadcast07, "the writes");
        keys.push(text07(items[1]));
      }
      return keys;
    };
    checkEqual(await keysAt(py), ["constructor", "constructor", "end"], "keys that go to py2p");
    checkEqual(await keysAt(js), ["end"], "keys that go to js2p");
    js.send(2, now, subtype07.request, "*");
    const list = await js.next(isPeers07, "a peers list");
    checkEqual((list.items[1] as readonly unknown[]).length, 1, "members told to js2p");
    await node.refused({ do: "delete", key: "end" });
  }),
  nodeCase("sync/legacy/bad-checksum", "SYNC-319", "a wrong checksum ends the link", async (stage) => {
    const node = await openLegacy(stage);
    const peer = await legacyPeer(stage, node, "5");
    peer.raw.sendBytes(Uint8Array.from([0, 0, 0, 40, ...new Uint8Array(40)]));
    await peer.raw.nextEnd();
  }),
  nodeCase(
    "sync/legacy/not-understood",
    "SYNC-321",
    "what is sound and not understood costs no link",
    async (stage) => {
      const node = await openLegacy(stage);
      const peer = await legacyPeer(stage, node, "5");
      const strange: readonly (readonly unknown[])[] = [
        [],
        [store],
        [store, 1, 2],
        [store, bytes07("k"), 1, 5, "now"],
        [delta, bytes07("k"), [1]],
        [subtype07.peers, [1, [[]], [["h", -1], 7]]],
        [subtype07.handshake, "5"],
        [99, { a: 1 }],
      ];
      for (const items of strange) for (const type of [0, 1, 2, 9]) peer.send(type, now, ...(items as string[]));
      await peer.fence(now);
      checkEqual(await node.table(), {}, "the table");
    },
  ),
  nodeCase("sync/legacy/limits", "SYNC-312", "frames, keys, links and handshakes have limits", async (stage) => {
    const node = await openLegacy(stage, { limits: { maxLinks: 3 } });
    const peer = await legacyPeer(stage, node, "5");
    await writes(peer, "x".repeat(1_025), 1);
    await writes(peer, "x".repeat(1_024), 1);
    checkEqual(
      Object.keys(await node.table()).map(({ length }) => length),
      [1_024],
      "lengths of the keys",
    );
    const silent = await strangerOf(stage, node, "6");
    const large = await legacyPeer(stage, node, "7");
    // The end may come before the connection is there.
    const fourth = await strangerOf(stage, node, "8").catch(() => undefined);
    await fourth?.raw.nextEnd();
    large.raw.sendBytes(Uint8Array.from([0, 16, 0, 1, 1]));
    await large.raw.nextEnd();
    await node.advance(10_001);
    await silent.raw.nextEnd();
    await peer.fence(now);
  }),
];

/** The table of section 4: what the node has, who writes when, and whether that is taken. */
function acceptance(): NodeCase[] {
  const rows: readonly [what: string, leases: boolean, writer: string, time: number, isTaken: boolean][] = [
    ["the owner, earlier", true, "5", now - 20, true],
    ["another, later", true, "6", now + 5, false],
    ["another, earlier", true, "4", now - 20, false],
    ["a lower id of the second", true, "4", now, true],
    ["a higher id of the second", true, "6", now, false],
    ["another, later", false, "6", now + 5, true],
    ["another, earlier", false, "4", now - 20, false],
    ["a lower id of the second", false, "4", now, true],
    ["a higher id of the second", false, "6", now, false],
  ];
  const byRow = rows.map(([what, leases, writer, time, isTaken]) =>
    nodeCase(
      `sync/legacy/accepts/${what.replaceAll(/,? /g, "-")}-${leases ? "leased" : "free"}`,
      "SYNC-305",
      `a write of ${what}, ${leases ? "with" : "without"} leases`,
      async (stage) => {
        const node = await openLegacy(stage, { leases });
        const peer = await legacyPeer(stage, node, "5", { leases });
        await writes(peer, "k", "first");
        peer.sendAs(writer, 0, time, store, bytes07("k"), "second");
        await peer.fence(now);
        checkEqual(await node.table(), { k: isTaken ? "second" : "first" }, "the table");
      },
    ),
  );
  const lapsed = nodeCase("sync/legacy/accepts/lapsed", "SYNC-305", "a lease of 3,600 s lapses", async (stage) => {
    const node = await openLegacy(stage);
    const peer = await legacyPeer(stage, node, "5");
    await writes(peer, "k", "first");
    for (const [after, value] of [
      [3_600, "first"],
      [3_601, "second"],
    ] as const) {
      await node.call({ do: "set-wall", ms: (now + after) * 1_000 });
      peer.sendAs("6", 0, now + after, store, bytes07("k"), "second");
      await peer.fence(now + after);
      checkEqual(await node.table(), { k: value }, `the table after ${after} s`);
    }
  });
  return [...byRow, lapsed];
}
