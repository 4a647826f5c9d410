// The first frame of each side, and how it is judged.
import { randomBytes } from "node:crypto";
import { toBase58 } from "../../reference/base58.js";
import { codecGzip, codecZlib, compress, frame } from "../../reference/frame.js";
import { networkId } from "../../reference/ids.js";
import { pack } from "../../reference/msgpack.js";
import type { NodeCase } from "../../runner/case.js";
import { check, checkEqual, show } from "../../runner/expect.js";
import { closeCode, handshakeItems, handshakeMap, isHandshake, subtype } from "../../stage/messages.js";
import { nodeCase } from "../define.js";
import { fence } from "../fence.js";

export const handshakeCases: readonly NodeCase[] = [
  nodeCase(
    "base/handshake/speaks-first",
    "BASE-001",
    "the node sends its handshake without waiting for the other's",
    async (stage) => {
      const node = await stage.open();
      const peer = await stage.connect(node);
      const first = await peer.next(() => true, "the first frame");
      check(isHandshake(first), `the first frame is of type ${first.type} and subtype ${first.subtype}`);
      checkEqual(first.sender, node.idBytes, "sender of the handshake");
    },
  ),
  nodeCase("base/handshake/dialler-speaks-first", "BASE-001", "a node that dials does so too", async (stage) => {
    const node = await stage.open();
    const listener = await stage.listen();
    const dialled = node.call({ do: "dial", address: listener.address });
    const peer = await listener.accept();
    const first = await peer.next(() => true, "the first frame");
    check(isHandshake(first), `the first frame is of type ${first.type} and subtype ${first.subtype}`);
    peer.sendHandshake({ network: stage.network });
    checkEqual(await dialled, { id: peer.name }, "result of the dial");
  }),
  nodeCase("base/handshake/fields", "BASE-001 BASE-022", "the handshake has every key in its form", async (stage) => {
    const node = await stage.open({ needs: ["test/1"] });
    const peer = await stage.connect(node);
    const map = handshakeMap(await peer.nextHandshake());
    const { v, net, addrs, codecs, features, needs, boot, max } = map;
    checkEqual(v, [1, 0], "v");
    checkEqual(net, networkId({ name: stage.network, security: "Plaintext" }), "net");
    for (const [name, list] of Object.entries({ addrs, codecs, features, needs }))
      check(Array.isArray(list), `${name}: ${show(list)}`);
    check(boot instanceof Uint8Array && boot.length === 8, `boot: ${show(boot)}`);
    checkEqual(max, 1_048_576, "max");
    check((features as string[]).includes("test/1") && (needs as string[]).includes("test/1"), "a need is not listed");
  }),
  nodeCase("base/handshake/unknown-keys", "BASE-006", "unknown keys and further items are ignored", async (stage) => {
    const node = await stage.open();
    const peer = await stage.connect(node);
    const extra = { colour: "red", zzz: [1, { deep: null }], "": 0 };
    peer.whisper(subtype.handshake, ...handshakeItems({ network: stage.network, extra }), "more", 7);
    await peer.nextHandshake();
    await fence(peer, node);
  }),
  nodeCase("base/handshake/no-needs", "BASE-003", "the key needs may be absent", async (stage) => {
    const node = await stage.open();
    const peer = await stage.join(node, { without: ["needs"] });
    await fence(peer, node);
  }),
  nodeCase(
    "base/handshake/too-large",
    "BASE-004 WIRE-003",
    "a first frame over 4,096 bytes is refused at its header",
    async (stage) => {
      const node = await stage.open();
      const peer = await stage.connect(node);
      peer.sendPiece(Uint8Array.of(0, 0, 0x10, 0x01));
      await peer.nextClose(closeCode.tooLarge);
    },
  ),
  nodeCase("base/handshake/large", "BASE-004", "a handshake of 4,096 bytes is taken", async (stage) => {
    const node = await stage.open();
    const peer = await stage.connect(node);
    const sized = (length: number): Uint8Array =>
      pack([
        2,
        peer.id,
        1,
        subtype.handshake,
        ...handshakeItems({ network: stage.network, extra: { pad: "x".repeat(length) } }),
      ]);
    peer.sendBody(sized(4096 - sized(3000).length + 3000));
    await peer.nextHandshake();
    await fence(peer, node);
  }),
  nodeCase(
    "base/handshake/compressed",
    "BASE-005 WIRE-010",
    "a compressed first frame is refused at its header",
    async (stage) => {
      const node = await stage.open();
      for (const codec of [codecZlib, codecGzip]) {
        const peer = await stage.connect(node);
        const items = handshakeItems({ network: stage.network, extra: { pad: "x".repeat(500) } });
        const body = pack([2, peer.id, peer.time(), subtype.handshake, ...items]);
        peer.sendBytes(frame(compress(body, codec), codec));
        await peer.nextClose(closeCode.badFrame);
      }
    },
  ),
  nodeCase(
    "base/handshake/late",
    "BASE-007",
    "without a handshake in 10 s the connection ends, bytes that trickle change nothing",
    async (stage) => {
      const node = await stage.open({ clock: "manual" });
      const silent = await stage.connect(node);
      const trickling = await stage.connect(node);
      await silent.nextHandshake();
      await trickling.nextHandshake();
      const body = pack([2, trickling.id, 1, subtype.handshake, ...handshakeItems({ network: stage.network })]);
      const whole = frame(body);
      for (let second = 0; second < 9; second += 1) {
        trickling.sendPiece(whole.subarray(second, second + 1));
        await trickling.flushed();
        await node.advance(1_000);
      }
      check(!silent.hasEnded && !trickling.hasEnded, "the connection ended before its time");
      trickling.sendPiece(whole.subarray(9, 10));
      await trickling.flushed();
      await node.advance(1_500);
      await silent.nextClose(closeCode.handshakeTimeout);
      await trickling.nextClose(closeCode.handshakeTimeout);
    },
  ),
  nodeCase("base/handshake/second", "BASE-008", "a second handshake ends the connection", async (stage) => {
    const node = await stage.open();
    const peer = await stage.join(node);
    peer.sendHandshake({ network: stage.network });
    await peer.nextClose(closeCode.protocol);
  }),
  nodeCase("base/handshake/id", "BASE-009", "the sender of the handshake is the peer's id", async (stage) => {
    const node = await stage.open();
    const peer = await stage.join(node);
    const report = await node.next("connected");
    checkEqual([report.peer, report.direction], [peer.name, "inbound"], "report of the connection");
    checkEqual(
      (await node.peers()).map(({ id }) => id),
      [peer.name],
      "connections of the node",
    );
  }),
  nodeCase(
    "base/handshake/bad-address",
    "BASE-010",
    "an entry of addrs that is no address is ignored",
    async (stage) => {
      const node = await stage.open();
      const peer = await stage.join(node, { addrs: ["", "nonsense", "tcp://127.0.0.1:9", "tcp://:0:0:", "\u0000"] });
      await fence(peer, node);
    },
  ),
  nodeCase("base/handshake/boot", "BASE-023", "boot stays while a node is open and differs after", async (stage) => {
    const boots: string[] = [];
    for (let start = 0; start < 2; start += 1) {
      const node = await stage.open();
      const seen = new Set<string>();
      for (let count = 0; count < 2; count += 1) {
        const peer = await stage.connect(node);
        seen.add(show(handshakeMap(await peer.nextHandshake()).boot));
      }
      checkEqual(seen.size, 1, "different values of boot at one node");
      boots.push(...seen);
    }
    check(boots[0] !== boots[1], "two nodes have the same boot");
  }),
  nodeCase("base/handshake/minor-version", "BASE-013", "another minor version is taken", async (stage) => {
    const node = await stage.open();
    for (const v of [
      [1, 7],
      [1, 0, 5],
      [1, 4_000_000_000, 0, 0],
    ]) {
      const peer = await stage.join(node, { v });
      await fence(peer, node);
    }
  }),
  nodeCase("base/handshake/needs-met", "BASE-016 BASE-022", "features that both list are enough", async (stage) => {
    const node = await stage.open({ needs: ["test/1"] });
    const peer = await stage.join(node, { features: ["test/1", "other/9"], extra: { needs: ["test/1"] } });
    await fence(peer, node);
  }),
  nodeCase(
    "base/handshake/application-refuses",
    "BASE-024",
    "a peer that the application refuses is told so",
    async (stage) => {
      const node = await stage.open({ refuses: "not tonight" });
      const peer = await stage.connect(node);
      peer.sendHandshake({ network: stage.network });
      const close = await peer.nextClose(closeCode.refused);
      checkEqual(close.items[2], "not tonight", "text of the close");
    },
  ),
  nodeCase(
    "base/handshake/pin",
    "BASE-018",
    "another id than the dialled address is pinned to is refused",
    async (stage) => {
      const node = await stage.open();
      const listener = await stage.listen();
      const other = new Uint8Array(randomBytes(48));
      const refused = node.refused({ do: "dial", address: `${listener.address}#${toBase58(other)}` });
      const peer = await listener.accept();
      peer.sendHandshake({ network: stage.network });
      await peer.nextClose(closeCode.security);
      await refused;
    },
  ),
];

/** Messages that come first and are no handshake. */
