// The first frame of each side, and how it is judged.
import { randomBytes } from "node:crypto";
import { toBase58 } from "../../reference/base58.js";
import { codecGzip, codecZlib, compress, frame } from "../../reference/frame.js";
import { networkId } from "../../reference/ids.js";
import { type Packable, pack } from "../../reference/msgpack.js";
import { Raw } from "../../reference/value.js";
import type { NodeCase } from "../../runner/case.js";
import { check, checkEqual, show } from "../../runner/expect.js";
import {
  closeCode,
  type HandshakeFields,
  handshakeItems,
  handshakeMap,
  isHandshake,
  subtype,
} from "../../stage/messages.js";
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
  ...notAHandshake(),
  ...malformed(),
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
  ...judgements(),
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
function notAHandshake(): NodeCase[] {
  const bad: readonly [string, readonly [number, ...Packable[]]][] = [
    ["message", [2, subtype.message, "message", "early"]],
    ["broadcast", [0, 0, "news", "early"]],
    ["ping", [3, 1]],
    ["pong", [4, 1, 1]],
    ["request", [2, subtype.request, 1, "echo", null]],
    ["unknown", [2, 0x2f]],
  ];
  return bad.map(([what, [type, ...items]]) =>
    nodeCase(
      `base/handshake/first-is-${what}`,
      "BASE-002",
      `a first frame that is a ${what} ends the connection`,
      async (stage) => {
        const node = await stage.open();
        const peer = await stage.connect(node);
        peer.send(type, ...items);
        await peer.nextClose(closeCode.protocol);
        checkEqual(node.seen("message").length, 0, "deliveries");
      },
    ),
  );
}

function malformed(): NodeCase[] {
  const keys = ["v", "net", "addrs", "codecs", "features", "boot", "max"] as const;
  const missing = keys.map((key) => [`no-${key}`, { without: [key] }] as const);
  const long = (length: number): string => "x".repeat(length);
  const wrong: readonly (readonly [string, Partial<HandshakeFields>])[] = [
    ["v-text", { v: "1.0" }],
    ["v-short", { v: [1] }],
    ["v-of-texts", { v: ["1", "0"] }],
    ["v-negative", { v: [1, -1] }],
    ["net-text", { net: long(32) }],
    ["net-short", { net: new Uint8Array(31) }],
    ["net-long", { net: new Uint8Array(33) }],
    ["addrs-text", { addrs: "tcp://127.0.0.1:9" }],
    ["addrs-of-numbers", { addrs: [1] }],
    ["addrs-too-many", { addrs: new Array<string>(17).fill("tcp://127.0.0.1:9") }],
    ["addrs-too-long", { addrs: [`tcp://${long(600)}:9`] }],
    ["codecs-nil", { codecs: null }],
    ["codecs-of-texts", { codecs: ["zlib"] }],
    ["codecs-negative", { codecs: [-1] }],
    ["codecs-too-many", { codecs: new Array<number>(17).fill(1) }],
    ["features-map", { features: {} }],
    ["features-of-numbers", { features: [1] }],
    ["features-too-many", { features: new Array<string>(65).fill("f") }],
    ["features-too-long", { features: [long(65)] }],
    ["needs-text", { extra: { needs: "mesh/1" } }],
    ["needs-of-numbers", { extra: { needs: [1] } }],
    ["needs-too-many", { extra: { needs: new Array<string>(65).fill("f") } }],
    ["boot-short", { boot: new Uint8Array(7) }],
    ["boot-text", { boot: long(8) }],
    ["max-zero", { max: 0 }],
    ["max-negative", { max: -1 }],
    ["max-float", { max: new Raw("cb3ff8000000000000") }],
    ["max-text", { max: "1048576" }],
  ];
  const cases = [...missing, ...wrong].map(([what, fields]) =>
    nodeCase(
      `base/handshake/field-${what}`,
      "BASE-003",
      `a handshake with the field ${what} wrong is refused`,
      async (stage) => {
        const node = await stage.open();
        const peer = await stage.connect(node);
        peer.sendHandshake({ network: stage.network, ...fields });
        await peer.nextClose(closeCode.protocol);
      },
    ),
  );
  const noMap = nodeCase(
    "base/handshake/field-not-a-map",
    "BASE-003",
    "a handshake without a map is refused",
    async (stage) => {
      const node = await stage.open();
      for (const items of [[], [null], [[]], ["map"]]) {
        const peer = await stage.connect(node);
        peer.whisper(subtype.handshake, ...items);
        await peer.nextClose(closeCode.protocol);
      }
    },
  );
  return [...cases, noMap];
}

function judgements(): NodeCase[] {
  type Fields = Partial<HandshakeFields>;
  const otherNet: Fields = { net: new Uint8Array(32).fill(3) };
  const bad: readonly [string, string, number, Fields, boolean?][] = [
    ["version", "BASE-012", closeCode.version, { v: [2, 0] }],
    ["older-version", "BASE-012", closeCode.version, { v: [0, 7] }],
    ["network", "BASE-014", closeCode.wrongNetwork, otherNet],
    ["self", "BASE-015", closeCode.self, {}, true],
    ["peer-lacks", "BASE-016", closeCode.featureMissing, { features: ["other/1"] }],
    ["node-lacks", "BASE-016", closeCode.featureMissing, { features: ["test/1"], extra: { needs: ["rare/3"] } }],
    ["version-before-network", "BASE-017", closeCode.version, { ...otherNet, v: [2, 0], features: [] }, true],
    ["network-before-self", "BASE-017", closeCode.wrongNetwork, { ...otherNet, features: [] }, true],
    ["self-before-features", "BASE-017", closeCode.self, { features: [] }, true],
  ];
  return bad.map(([what, requirement, code, fields, isSelf = false]) =>
    nodeCase(
      `base/handshake/judged-${what}`,
      requirement,
      `judged by ${what} the close code is ${code}`,
      async (stage) => {
        const node = await stage.open({ needs: ["test/1"] });
        const peer = await stage.connect(node, isSelf ? { id: node.idBytes } : {});
        peer.sendHandshake({ network: stage.network, features: ["test/1"], ...fields });
        const close = await peer.nextClose(code);
        check(typeof close.items[2] === "string" && close.items[2] !== "", "the close has no text");
        const wanted = { "peer-lacks": "test/1", "node-lacks": "rare/3" }[what];
        if (wanted !== undefined)
          check(String(close.items[2]).includes(wanted), `the text does not name it: ${String(close.items[2])}`);
        checkEqual(node.seen("connected").length, 0, "connections that came up");
      },
    ),
  );
}
