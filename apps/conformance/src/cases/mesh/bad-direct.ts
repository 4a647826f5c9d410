import { encodeBody } from "../../reference/body.js";
import type { Packable } from "../../reference/msgpack.js";
import type { NodeCase } from "../../runner/case.js";
import { checkEqual } from "../../runner/expect.js";
import { subtype } from "../../stage/messages.js";
import { nodeCase } from "../define.js";
import { directData, innerMessage, meshFence, meshPeer, openMesh, randomId, sendRouted } from "./links.js";
import { malformedCases } from "./malformed.js";

export const badDirectCases: readonly NodeCase[] = [...badInner(), ...malformed()];

function badInner(): NodeCase[] {
  const time = 1_700_000_000_000_000;
  const bad: readonly [string, (origin: Uint8Array) => Uint8Array][] = [
    ["a broadcast", (sender) => encodeBody({ type: 0, sender, time, items: [0, "direct", "bad"] })],
    ["a ping", (sender) => encodeBody({ type: 3, sender, time, items: [1] })],
    ["another sender", () => innerMessage(randomId(), "bad")],
    ["a handshake", (sender) => encodeBody({ type: 2, sender, time, items: [subtype.handshake, {}] })],
    ["a close", (sender) => encodeBody({ type: 2, sender, time, items: [subtype.close, 0, ""] })],
    ["a peers message", (sender) => encodeBody({ type: 2, sender, time, items: [subtype.peers, []] })],
    [
      "routed again",
      (sender) => encodeBody({ type: 2, sender, time, items: [subtype.routed, sender, 0, 1, new Uint8Array(1)] }),
    ],
    ["no msgpack", () => Uint8Array.of(0xc1)],
  ];
  return bad.map(([what, innerOf]) =>
    nodeCase(
      `mesh/direct/inner-${what.replaceAll(" ", "-")}`,
      "MESH-070",
      `an inner body that is ${what} is dropped`,
      async (stage) => {
        const node = await openMesh(stage);
        const peer = await meshPeer(stage, node);
        const origin = randomId();
        sendRouted(peer, { destination: node.idBytes, inner: innerOf(origin), sender: origin });
        sendRouted(peer, { destination: node.idBytes, inner: innerMessage(origin, "good"), sender: origin });
        await meshFence(peer, node);
        checkEqual(directData(node), ["good"], "deliveries");
      },
    ),
  );
}

function malformed(): NodeCase[] {
  const id = new Uint8Array(48).fill(7);
  const inner = Uint8Array.of(0xc0);
  const { routed, receipt } = subtype;
  const bad: readonly [string, readonly Packable[]][] = [
    ["routed without inner body", [routed, id, 0, 8]],
    ["routed with a text as destination", [routed, "x", 0, 8, inner]],
    ["routed with attempt 16", [routed, id, 16, 8, inner]],
    ["routed with a negative attempt", [routed, id, -1, 8, inner]],
    ["routed with a text as hops", [routed, id, 0, "8", inner]],
    ["routed with hops over 32 bits", [routed, id, 0, 2 ** 32, inner]],
    ["routed with a text as inner body", [routed, id, 0, 8, "x"]],
    ["receipt without message id", [receipt, id, 8]],
    ["receipt with a short origin", [receipt, id.subarray(1), 8, new Uint8Array(32)]],
    ["receipt with a negative number of hops", [receipt, id, -1, new Uint8Array(32)]],
    ["receipt with a message id of 31 bytes", [receipt, id, 8, new Uint8Array(31)]],
    ["receipt with a text as message id", [receipt, id, 8, "x".repeat(32)]],
  ];
  return malformedCases(bad);
}
