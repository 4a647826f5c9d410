// Requests that are passed on, by the node under test or to it.
import type { NodeCase } from "../../runner/case.js";
import { check, checkEqual, show } from "../../runner/expect.js";
import { closeCode, subtype } from "../../stage/messages.js";
import { isEndOf, isForward, isRedirected, sendForward, sendRequest } from "../../stage/request-messages.js";
import { nodeCase } from "../define.js";
import { fence } from "../fence.js";
import { requestPeer } from "./links.js";

export const forwardingCases: readonly NodeCase[] = [
  nodeCase(
    "requests/forwarding/forwards",
    "BASE-243 BASE-235 BASE-230",
    "a forwarded request reaches the new node, and the asker is told",
    async (stage) => {
      const node = await stage.open();
      const asker = await requestPeer(stage, node, { addrs: ["tcp://127.0.0.1:9"] });
      const target = await requestPeer(stage, node);
      const data = { to: target.name, more: "payload" };
      sendRequest(asker, 21, "forward", data);
      const forward = await target.next(isForward, "the forward");
      const [, from, addresses, requestId, type, passed, path] = forward.items;
      checkEqual([from, requestId, type, passed], [asker.id, 21, "forward", data], "items of the forward");
      checkEqual(addresses, ["tcp://127.0.0.1:9"], "addresses of the asker");
      checkEqual(path, [node.idBytes], "path of the forward");
      const redirected = await asker.next(isRedirected, "the redirected");
      checkEqual([redirected.items[1], redirected.items[2]], [21, target.id], "items of the redirected");
      await fence(asker, node);
      checkEqual(asker.inbox.waiting(isEndOf(21)).length, 0, "answers of the forwarder itself");
    },
  ),
  nodeCase(
    "requests/forwarding/forwards-again",
    "BASE-235",
    "a forward that is passed on lists who had it before",
    async (stage) => {
      const node = await stage.open();
      const asker = await requestPeer(stage, node);
      const forwarder = await requestPeer(stage, node);
      const target = await requestPeer(stage, node);
      const before = new Uint8Array(48).fill(9);
      sendForward(forwarder, {
        asker: asker.id,
        requestId: 22,
        type: "forward",
        data: { to: target.name, data: 1 },
        path: [before, forwarder.id],
      });
      const forward = await target.next(isForward, "the forward");
      checkEqual(forward.items[6], [before, forwarder.id, node.idBytes], "path of the forward");
      const redirected = await asker.next(isRedirected, "the redirected");
      checkEqual([redirected.items[1], redirected.items[2]], [22, target.id], "items of the redirected");
    },
  ),
  nodeCase(
    "requests/forwarding/answers-neighbour",
    "BASE-244 BASE-238",
    "the answer to a forward goes over the connection to the asker",
    async (stage) => {
      const node = await stage.open();
      const asker = await requestPeer(stage, node);
      const forwarder = await requestPeer(stage, node);
      sendForward(forwarder, { asker: asker.id, requestId: 23, type: "echo", data: "bounced" });
      const response = await asker.next(isEndOf(23), "the answer");
      checkEqual([response.subtype, response.items[2]], [subtype.response, "bounced"], "answer");
      await fence(forwarder, node);
      checkEqual(forwarder.inbox.waiting(isEndOf(23)).length, 0, "answers to the forwarder");
    },
  ),
  nodeCase(
    "requests/forwarding/answers-by-dialling",
    "BASE-244",
    "without a connection the answer goes by a temporary one",
    async (stage) => {
      const node = await stage.open();
      const forwarder = await requestPeer(stage, node);
      const askerId = new Uint8Array(48).fill(5);
      const listener = await stage.listen({ id: askerId });
      sendForward(forwarder, {
        asker: askerId,
        addresses: [listener.address],
        requestId: 24,
        type: "echo",
        data: "dialled",
      });
      const asker = await listener.accept();
      await stage.shake(asker, { features: ["requests/1"] });
      const response = await asker.next(isEndOf(24), "the answer");
      checkEqual([response.subtype, response.items[2]], [subtype.response, "dialled"], "answer");
    },
  ),
  nodeCase(
    "requests/forwarding/another-answers",
    "BASE-248",
    "no answer goes to a node that is not the asker",
    async (stage) => {
      const node = await stage.open();
      const forwarder = await requestPeer(stage, node);
      const impostor = await stage.listen({ id: new Uint8Array(48).fill(6) });
      sendForward(forwarder, {
        asker: new Uint8Array(48).fill(5),
        addresses: [impostor.address],
        requestId: 25,
        type: "echo",
        data: "secret",
      });
      const peer = await impostor.accept();
      peer.sendHandshake({ network: stage.network, features: ["requests/1"] });
      await peer.nextEnd();
      checkEqual(peer.inbox.waiting(isEndOf(25)).length, 0, "answers to the impostor");
    },
  ),
  nodeCase(
    "requests/forwarding/few-addresses",
    "BASE-239",
    "no more than four addresses of an asker are tried for an answer",
    async (stage) => {
      const node = await stage.open();
      const forwarder = await requestPeer(stage, node);
      const impostors = [];
      for (let count = 0; count < 7; count += 1) impostors.push(await stage.listen());
      const addresses = impostors.map((one) => one.address);
      sendForward(forwarder, { asker: new Uint8Array(48).fill(5), addresses, requestId: 40, type: "echo", data: null });
      // Each is another node than the asker, and so left; the fourth ends the attempts.
      const left: unknown[] = [];
      for (const impostor of impostors) {
        const peer = impostor.accept();
        void peer
          .then((one) => {
            one.sendHandshake({ network: stage.network });
            return one.nextEnd();
          })
          .then(() => left.push(impostor))
          .catch(() => undefined);
      }
      await stage.eventually(async () => check(left.length >= 4, `${left.length} addresses were tried`));
      await fence(forwarder, node);
      await fence(forwarder, node);
      const dials = impostors.reduce((sum, one) => sum + one.count, 0);
      check(dials === 4, `${dials} addresses were tried`);
    },
  ),
  nodeCase(
    "requests/forwarding/no-dial-for-refusals",
    "BASE-245",
    "a refusal that no handler made does not cause a dial",
    async (stage) => {
      const node = await stage.open();
      const forwarder = await requestPeer(stage, node);
      const askerId = new Uint8Array(48).fill(5);
      const never = await stage.listen({ id: askerId });
      const later = await stage.listen({ id: askerId });
      const asker = { asker: askerId, addresses: [never.address] };
      sendForward(forwarder, { ...asker, requestId: 26, type: "nobody-takes-this", data: null });
      sendForward(forwarder, { ...asker, requestId: 27, type: "echo", data: null, path: [node.idBytes, forwarder.id] });
      for (let index = 0; index < 64; index += 1)
        sendForward(forwarder, { ...asker, requestId: 1000 + index, type: "silent", data: null });
      sendForward(forwarder, { ...asker, requestId: 28, type: "echo", data: null });
      await fence(forwarder, node);
      const other = await requestPeer(stage, node);
      sendForward(other, { asker: askerId, addresses: [later.address], requestId: 29, type: "echo", data: null });
      await later.accept();
      checkEqual(never.count, 0, "dials for refusals");
    },
  ),
  ...circles(),
  nodeCase(
    "requests/forwarding/path-without-sender",
    "BASE-247",
    "a path that does not end with its sender closes the connection",
    async (stage) => {
      const node = await stage.open();
      const asker = await requestPeer(stage, node);
      const forwarder = await requestPeer(stage, node);
      sendForward(forwarder, {
        asker: asker.id,
        requestId: 31,
        type: "echo",
        data: null,
        path: [forwarder.id, new Uint8Array(48).fill(9)],
      });
      await forwarder.nextClose(closeCode.protocol);
      checkEqual(asker.inbox.waiting(isEndOf(31)).length, 0, "answers");
    },
  ),
  nodeCase(
    "requests/forwarding/own-request",
    "BASE-249",
    "a forward of which the node is the asker is ignored",
    async (stage) => {
      const node = await stage.open();
      const forwarder = await requestPeer(stage, node);
      sendForward(forwarder, {
        asker: node.idBytes,
        addresses: node.addresses,
        requestId: 32,
        type: "echo",
        data: "mine",
      });
      sendForward(forwarder, { asker: node.idBytes, requestId: 33, type: "nobody-takes-this", data: null });
      await fence(forwarder, node);
      const ends = forwarder.inbox.waiting((message) => isEndOf(32)(message) || isEndOf(33)(message));
      checkEqual(ends.length, 0, "answers");
      const connected = node.seen("connected").length;
      check(connected === 1, `the node dialled itself: ${show(node.seen("connected"))}`);
    },
  ),
  nodeCase(
    "requests/forwarding/busy-forwarder",
    "BASE-232",
    "a forwarded request counts for the node that forwarded it",
    async (stage) => {
      const node = await stage.open();
      const asker = await requestPeer(stage, node);
      const forwarder = await requestPeer(stage, node);
      for (let requestId = 0; requestId < 64; requestId += 1) {
        sendForward(forwarder, { asker: asker.id, requestId, type: "silent", data: null });
      }
      sendForward(forwarder, { asker: asker.id, requestId: 64, type: "echo", data: null });
      const refusal = await asker.next(isEndOf(64), "the end of the 65th forward");
      checkEqual([refusal.subtype, refusal.items[2]], [subtype.error, "busy"], "answer to the 65th");
      sendRequest(asker, 65, "echo", "own");
      const response = await asker.next(isEndOf(65), "the answer to the asker's own request");
      checkEqual(response.items[2], "own", "answer to the asker's own request");
    },
  ),
];

function circles(): NodeCase[] {
  type PathOf = (ids: { node: Uint8Array; asker: Uint8Array; forwarder: Uint8Array }) => readonly Uint8Array[];
  const stranger = (fill: number): Uint8Array => new Uint8Array(48).fill(fill);
  const bad: readonly [string, PathOf][] = [
    ["names the receiver", ({ node, forwarder }) => [node, forwarder]],
    ["names the asker", ({ asker, forwarder }) => [asker, forwarder]],
    ["is longer than 4", ({ forwarder }) => [stranger(1), stranger(2), stranger(3), stranger(4), forwarder]],
  ];
  return bad.map(([what, pathOf]) =>
    nodeCase(
      `requests/forwarding/path-${what.replaceAll(" ", "-")}`,
      "BASE-246",
      `a forward whose path ${what} is refused`,
      async (stage) => {
        const node = await stage.open();
        const asker = await requestPeer(stage, node);
        const forwarder = await requestPeer(stage, node);
        const path = pathOf({ node: node.idBytes, asker: asker.id, forwarder: forwarder.id });
        sendForward(forwarder, { asker: asker.id, requestId: 30, type: "echo", data: null, path });
        const refusal = await asker.next(isEndOf(30), "the refusal");
        checkEqual([refusal.subtype, refusal.items[2]], [subtype.error, "bad-forward"], "answer");
      },
    ),
  );
}
