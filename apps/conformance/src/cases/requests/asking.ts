// Requests of the node under test, answered by raw peers.
import type { NodeCase } from "../../runner/case.js";
import { check, checkEqual, show } from "../../runner/expect.js";
import { subtype } from "../../stage/messages.js";
import { isRequest, requestIdOf, sendRefusal, sendResponse } from "../../stage/request-messages.js";
import { several } from "../../stage/several.js";
import { nodeCase } from "../define.js";
import { fence } from "../fence.js";
import { requestPeer } from "./links.js";

export const askingCases: readonly NodeCase[] = [
  nodeCase(
    "requests/asking/any-order",
    "BASE-210 BASE-213",
    "answers are matched by id, whatever their order",
    async (stage) => {
      const node = await stage.open();
      const peer = await requestPeer(stage, node);
      const asked = ["a", "b", "c"].map((data) => node.ask(peer.name, "echo", data));
      const requests = [];
      for (const _ of asked) requests.push(await peer.next(isRequest, "a request"));
      for (const request of requests.reverse())
        sendResponse(peer, requestIdOf(request), `for ${String(request.items[3])}`);
      const ends = await Promise.all(asked);
      checkEqual(
        ends.map((end) => end.data),
        ["for a", "for b", "for c"],
        "answers",
      );
    },
  ),
  nodeCase("requests/asking/request-form", "BASE-210", "a request has an id, the type and the data", async (stage) => {
    const node = await stage.open();
    const peer = await requestPeer(stage, node);
    const asked = node.ask(peer.name, "sum", [1, 2]);
    const request = await peer.next(isRequest, "the request");
    const [kind, requestId, type, data] = request.items;
    checkEqual([kind, type, data], [subtype.request, "sum", [1, 2]], "items of the request");
    check(typeof requestId === "number" && requestId >= 0, `request id: ${show(requestId)}`);
    sendResponse(peer, requestId, 3);
    checkEqual((await asked).data, 3, "answer");
  }),
  nodeCase(
    "requests/asking/refused",
    "BASE-240 BASE-210",
    "code and text of a refusal reach the application",
    async (stage) => {
      const node = await stage.open();
      const peer = await requestPeer(stage, node);
      const asked = node.ask(peer.name, "buy", null);
      const request = await peer.next(isRequest, "the request");
      sendRefusal(peer, requestIdOf(request), "out-of-stock", "nothing left — né?");
      const end = await asked;
      checkEqual([end.code, end.message], ["out-of-stock", "nothing left — né?"], "refusal at the application");
    },
  ),
  nodeCase(
    "requests/asking/once",
    "BASE-210 BASE-218",
    "a second answer changes nothing and costs nothing",
    async (stage) => {
      const node = await stage.open();
      const peer = await requestPeer(stage, node);
      const asked = node.ask(peer.name, "echo", 1);
      const requestId = requestIdOf(await peer.next(isRequest, "the request"));
      sendResponse(peer, requestId, "first");
      sendResponse(peer, requestId, "second");
      sendRefusal(peer, requestId, "late", "late");
      checkEqual((await asked).data, "first", "answer");
      await fence(peer, node);
    },
  ),
  nodeCase(
    "requests/asking/not-open",
    "BASE-218",
    "answers to what was not asked leave the connection as it is",
    async (stage) => {
      const node = await stage.open();
      const peer = await requestPeer(stage, node);
      sendResponse(peer, 12345, "nobody asked");
      sendRefusal(peer, 12346, "code", "nobody asked");
      peer.whisper(subtype.redirected, 12347, new Uint8Array(48).fill(3));
      await fence(peer, node);
      await peer.checkAlive();
    },
  ),
  nodeCase(
    "requests/asking/limit",
    "BASE-212 BASE-216",
    "64 requests are open to a peer at most; giving one up frees its place",
    async (stage) => {
      const node = await stage.open();
      const peer = await requestPeer(stage, node);
      const asked = Array.from({ length: 65 }, (_, index) => node.ask(peer.name, "echo", index, `tag-${index}`));
      const over = await asked[64];
      check(over?.code === "too-many-requests", `the 65th request: ${show(over)}`);
      await peer.barrier();
      checkEqual(peer.inbox.waiting(isRequest).length, 64, "requests that reached the peer");
      await node.call({ do: "give-up", tag: "tag-7" });
      const again = node.ask(peer.name, "echo", "again");
      const request = await peer.next(
        (message) => isRequest(message) && message.items[3] === "again",
        "the request in the freed place",
      );
      sendResponse(peer, requestIdOf(request), "done");
      checkEqual((await again).data, "done", "answer");
    },
  ),
  nodeCase("requests/asking/ids-differ", "BASE-219", "open requests to two nodes have different ids", async (stage) => {
    const node = await stage.open();
    const peers = await several(2, () => requestPeer(stage, node));
    const asked = peers.flatMap((peer) => Array.from({ length: 20 }, (_, index) => node.ask(peer.name, "echo", index)));
    const ids = new Set<number>();
    for (const peer of peers) {
      for (let count = 0; count < 20; count += 1) {
        const requestId = requestIdOf(await peer.next(isRequest, "a request"));
        check(!ids.has(requestId), `request id ${requestId} is used for two open requests`);
        ids.add(requestId);
      }
    }
    for (const peer of peers)
      for (const request of peer.inbox.all.filter(isRequest)) sendResponse(peer, requestIdOf(request), null);
    await Promise.all(asked);
  }),
  nodeCase(
    "requests/asking/no-feature",
    "BASE-208",
    "a neighbour that does not list the feature is sent no request",
    async (stage) => {
      const node = await stage.open();
      const peer = await requestPeer(stage, node, { features: [] });
      const asked = node.ask(peer.name, "echo", "anybody?").catch(() => undefined);
      await peer.barrier();
      checkEqual(peer.inbox.all.filter(isRequest).length, 0, "requests");
      await node.call({ do: "hang-up", peer: peer.name });
      await asked;
    },
  ),
  nodeCase(
    "requests/asking/deadline",
    "BASE-214 BASE-210",
    "a request without an end is given up after 30 s",
    async (stage) => {
      const node = await stage.open({ clock: "manual" });
      const peer = await requestPeer(stage, node);
      let isOver = false;
      const asked = node.ask(peer.name, "echo", null).finally(() => {
        isOver = true;
      });
      await peer.next(isRequest, "the request");
      await node.advance(29_000);
      await fence(peer, node);
      check(!isOver, "the request was given up before its deadline");
      await node.advance(2_000);
      checkEqual((await asked).code, "request-timeout", "end of the request");
    },
  ),
  nodeCase(
    "requests/asking/connection-lost",
    "BASE-215 BASE-210",
    "a request ends when the connection to its answerer is lost",
    async (stage) => {
      const node = await stage.open();
      const peer = await requestPeer(stage, node);
      const asked = node.ask(peer.name, "echo", null);
      await peer.next(isRequest, "the request");
      peer.reset();
      checkEqual((await asked).code, "connection-lost", "end of the request");
    },
  ),
  nodeCase(
    "requests/asking/restarted",
    "BASE-225",
    "a request ends when the node that was asked is started anew and connects again",
    async (stage) => {
      const node = await stage.open();
      const id = new Uint8Array(48).fill(7);
      const before = await requestPeer(stage, node, { id, boot: new Uint8Array(8).fill(1) });
      const asked = node.ask(before.name, "echo", null);
      await before.next(isRequest, "the request");
      await requestPeer(stage, node, { id, boot: new Uint8Array(8).fill(2) });
      checkEqual((await asked).code, "connection-lost", "end of the request");
    },
  ),
  nodeCase(
    "requests/asking/stranger",
    "BASE-217",
    "an answer of another node than the one asked is ignored",
    async (stage) => {
      const node = await stage.open();
      const peer = await requestPeer(stage, node);
      const stranger = await requestPeer(stage, node);
      const asked = node.ask(peer.name, "echo", null);
      const requestId = requestIdOf(await peer.next(isRequest, "the request"));
      sendResponse(stranger, requestId, "forged");
      sendRefusal(stranger, requestId, "forged", "forged");
      stranger.whisper(subtype.redirected, requestId, stranger.id);
      await fence(stranger, node);
      sendResponse(peer, requestId, "true");
      checkEqual((await asked).data, "true", "answer");
    },
  ),
];
