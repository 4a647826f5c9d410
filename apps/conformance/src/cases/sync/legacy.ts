// Tables of profile 0.7: links, broadcasts, and what is kept from peers that it would break (spec/sync-legacy.md).
import { toHex } from "../../reference/value.js";
import type { NodeCase } from "../../runner/case.js";
import { check, checkEqual } from "../../runner/expect.js";
import {
  bytes07,
  dialects07,
  isBroadcast07,
  isHandshake07,
  isPeers07,
  type LegacyPeer,
  subtype07,
  text07,
} from "../../stage/legacy-peer.js";
import { nodeCase } from "../define.js";
import { legacyNetworkId, legacyPeer, now, openLegacy, strangerOf, writes } from "./legacy-links.js";

const { store, delta } = subtype07;

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
