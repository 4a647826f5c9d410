import type { Packable } from "../../reference/msgpack.js";
import type { NodeCase } from "../../runner/case.js";
import { check, checkEqual, show } from "../../runner/expect.js";
import { subtype } from "../../stage/messages.js";
import { nodeCase } from "../define.js";
import {
  entriesOf,
  isPeers,
  meshFence,
  meshPeer,
  meshShake,
  namedListener,
  openMesh,
  randomId,
  sendPeers,
} from "./links.js";
import { malformedCases } from "./malformed.js";

export const badPeersCases: readonly NodeCase[] = [...badAddresses(), ...malformed()];

function badAddresses(): NodeCase[] {
  const bad: readonly [string, (port: number) => string][] = [
    ["every host", (port) => `tcp://0.0.0.0:${port}`],
    ["every IPv6 host", (port) => `tcp://[::]:${port}`],
    ["no scheme", (port) => `127.0.0.1:${port}`],
    ["an unknown scheme", (port) => `gopher://127.0.0.1:${port}`],
    ["a path", (port) => `tcp://127.0.0.1:${port}/path`],
    ["white space", (port) => `tcp://127.0.0.1:${port} `],
    ["a port of 0", () => "tcp://127.0.0.1:0"],
    ["a port over 65535", () => "tcp://127.0.0.1:65536"],
  ];
  return bad.map(([what, addressOf]) =>
    nodeCase(
      `mesh/peers/address-with-${what.toLowerCase().replaceAll(" ", "-")}`,
      "MESH-034",
      `an address with ${what} is neither dialled nor told on`,
      async (stage) => {
        const node = await openMesh(stage);
        const listener = await stage.listen();
        const peer = await meshPeer(stage, node);
        const id = randomId();
        const sound = await namedListener(stage);
        sendPeers(peer, [{ id, addresses: [addressOf(listener.port)] }]);
        sendPeers(peer, [{ id: sound.id, addresses: [sound.listener.address] }]);
        await meshShake(stage, await sound.listener.accept(), { addrs: [sound.listener.address] });
        await meshFence(peer, node);
        await meshFence(peer, node);
        checkEqual(listener.count, 0, "dials to the address");
        const asker = await meshPeer(stage, node, { wantsPeers: true });
        const told = entriesOf(await asker.next(isPeers, "a peers message"));
        check(!told.some((entry) => show(entry.id) === show(id)), "the address is told on");
      },
    ),
  );
}

/** Items missing, of a wrong type, or out of range; other messages of the mesh are in direct.ts. */
function malformed(): NodeCase[] {
  const id = new Uint8Array(48).fill(7);
  const { peers, neighbour } = subtype;
  const bad: readonly [string, readonly Packable[]][] = [
    ["peers without entries", [peers]],
    ["peers with a map", [peers, {}]],
    ["peers with an entry that is a text", [peers, ["x"]]],
    ["peers with an entry without addresses", [peers, [[id]]]],
    ["peers with a short id", [peers, [[id.subarray(1), []]]]],
    ["peers with a text as id", [peers, [["x".repeat(48), []]]]],
    ["peers with a number as address", [peers, [[id, [1]]]]],
    ["neighbour without number", [neighbour]],
    ["neighbour without wish", [neighbour, 1]],
    ["neighbour with a negative number", [neighbour, -1, false]],
    ["neighbour with a float", [neighbour, 1.5, false]],
    ["neighbour with a number over 32 bits", [neighbour, 2 ** 32, false]],
    ["neighbour with a number as wish", [neighbour, 1, 1]],
  ];
  return malformedCases(bad);
}
