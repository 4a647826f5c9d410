// Addresses: what a node tells of itself, and what it makes of those of others.
import { toBase58 } from "../../reference/base58.js";
import type { NodeCase } from "../../runner/case.js";
import { check, checkEqual, show } from "../../runner/expect.js";
import { CaseSkipped } from "../../runner/skip.js";
import { closeCode, handshakeMap } from "../../stage/messages.js";
import { isForward, sendRequest } from "../../stage/request-messages.js";
import type { Stage } from "../../stage/stage.js";
import type { TestNode } from "../../stage/test-node.js";
import { nodeCase } from "../define.js";
import { fence } from "../fence.js";
import { requestPeer } from "../requests/links.js";

const canonical =
  /^[a-z][a-z0-9+.-]*:\/\/(?:(?:(?:0|[1-9][0-9]{0,2})(?:\.(?:0|[1-9][0-9]{0,2})){3})|\[[0-9a-f:.]+(?:%[^\]]+)?\]|[a-z0-9_.-]+):[1-9][0-9]{0,4}$/;

async function toldAddresses(stage: Stage, node: TestNode): Promise<readonly string[]> {
  const peer = await stage.connect(node);
  peer.sendHandshake({ network: stage.network });
  const { addrs } = handshakeMap(await peer.nextHandshake());
  check(Array.isArray(addrs), `addresses of the handshake: ${show(addrs)}`);
  return addrs as readonly string[];
}

export const addressCases: readonly NodeCase[] = [
  nodeCase(
    "base/addresses/told",
    "BASE-100 BASE-103",
    "a node on port 0 tells the port that it was given",
    async (stage) => {
      const node = await stage.open({ listen: ["tcp://127.0.0.1:0", "tcp://127.0.0.2:0"] });
      const addresses = await toldAddresses(stage, node);
      checkEqual(addresses.length, 2, "number of addresses");
      for (const address of addresses) {
        check(canonical.test(address) && address.length <= 512, `not an address of the grammar: ${address}`);
        const [, host = "", port = ""] = /\/\/(.*):(\d+)$/.exec(address) ?? [];
        const peer = await stage.connect(node, { at: { host, port: Number(port) } });
        peer.sendHandshake({ network: stage.network });
        await peer.nextHandshake();
      }
    },
  ),
  nodeCase("base/addresses/canonical", "BASE-101 BASE-100", "addresses are told in canonical form", async (stage) => {
    const node = await stage.open({ listen: ["TCP://LOCALHOST:00", "tcp://127.0.0.1:000"] });
    for (const address of await toldAddresses(stage, node)) check(canonical.test(address), `not canonical: ${address}`);
  }),
  nodeCase(
    "base/addresses/canonical-ipv6",
    "BASE-101",
    "IPv6 addresses are told in their shortest form",
    async (stage) => {
      const node = await stage.open({ listen: ["tcp://[0:0:0:0:0:0:0:1]:0"] }).catch((cause: unknown) => {
        throw new CaseSkipped("no IPv6 loopback on this machine", { cause });
      });
      check(
        node.addresses.every((one) => /^tcp:\/\/\[::1\]:\d+$/.test(one)),
        `not canonical: ${show(node.addresses)}`,
      );
    },
  ),
  nodeCase("base/addresses/no-address", "BASE-102", "text that is no address is refused by the call", async (stage) => {
    const node = await stage.open();
    const bad = [
      "",
      "127.0.0.1:80",
      "tcp://",
      "tcp://127.0.0.1",
      "tcp://127.0.0.1:65536",
      "tcp://127.0.0.1:-1",
      "tcp://127.0.0.1:80/x y",
      "tcp://[::1:80",
      "tcp://127.0.0.1:80#not-an-id!",
      `tcp://${"a".repeat(600)}:80`,
    ];
    for (const address of bad) await node.refused({ do: "dial", address });
  }),
  nodeCase(
    "base/addresses/one-of-a-list",
    "BASE-102",
    "text that is no address is left aside in a peer's list",
    async (stage) => {
      const node = await stage.open();
      const asker = await requestPeer(stage, node, {
        addrs: ["nonsense", "tcp://127.0.0.1:9", "tcp://:9", "tcp://a b:9"],
      });
      checkEqual(
        await passedOn(stage, node, asker),
        ["tcp://127.0.0.1:9"],
        "addresses that the node keeps of the peer",
      );
    },
  ),
  nodeCase(
    "base/addresses/wildcard",
    "BASE-128",
    "a wildcard of a peer is the host where the peer is",
    async (stage) => {
      const node = await stage.open();
      const asker = await requestPeer(stage, node, { addrs: ["tcp://0.0.0.0:4567", "tcp://127.0.0.1:9"] });
      const addresses = await passedOn(stage, node, asker);
      checkEqual(addresses, ["tcp://127.0.0.1:4567", "tcp://127.0.0.1:9"], "addresses that the node keeps of the peer");
    },
  ),
  nodeCase(
    "base/addresses/pin",
    "BASE-126",
    "a dialler leaves a node with another id than the address names",
    async (stage) => {
      const node = await stage.open();
      const listener = await stage.listen();
      const pinned = `${listener.address}#${toBase58(new Uint8Array(48).fill(9))}`;
      const refused = node.refused({ do: "dial", address: pinned });
      const peer = await listener.accept();
      peer.sendHandshake({ network: stage.network });
      await peer.nextClose(closeCode.security);
      await refused;
    },
  ),
  nodeCase(
    "base/addresses/right-pin",
    "BASE-126",
    "a dialler stays with the node that the address names",
    async (stage) => {
      const node = await stage.open();
      const id = new Uint8Array(48).fill(9);
      const listener = await stage.listen({ id });
      const dialled = node.call({ do: "dial", address: `${listener.address}#${toBase58(id)}` });
      const peer = await listener.accept();
      await stage.shake(peer);
      await dialled;
      await fence(peer, node);
    },
  ),
];

/** The addresses of a peer as the node tells them to another when it forwards a request. */
async function passedOn(
  stage: Stage,
  node: TestNode,
  asker: Awaited<ReturnType<typeof requestPeer>>,
): Promise<unknown> {
  const target = await requestPeer(stage, node);
  sendRequest(asker, 1, "forward", { to: target.name });
  return (await target.next(isForward, "the forward")).items[2];
}
