import type { Packable } from "../../reference/msgpack.js";
import { Raw } from "../../reference/value.js";
import type { NodeCase } from "../../runner/case.js";
import { check, checkEqual } from "../../runner/expect.js";
import { closeCode, type HandshakeFields, subtype } from "../../stage/messages.js";
import { nodeCase } from "../define.js";

export const badHandshakeCases: readonly NodeCase[] = [...notAHandshake(), ...malformed(), ...judgements()];

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
