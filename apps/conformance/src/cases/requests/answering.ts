// Requests that reach the node under test: answered, refused or ignored.
import { randomBytes } from "node:crypto";
import { Raw } from "../../reference/value.js";
import type { NodeCase } from "../../runner/case.js";
import { check, checkEqual, show } from "../../runner/expect.js";
import { closeCode, handshakeMap, subtype } from "../../stage/messages.js";
import { isEndOf, isRefusal, isResponse, sendRequest } from "../../stage/request-messages.js";
import { nodeCase } from "../define.js";
import { fence, settle } from "../fence.js";
import { requestPeer } from "./links.js";

export const answeringCases: readonly NodeCase[] = [
  nodeCase(
    "requests/answering/echo",
    "BASE-230 BASE-231 BASE-238",
    "a request is answered once, with its id, over its connection",
    async (stage) => {
      const node = await stage.open();
      const peer = await requestPeer(stage, node);
      for (const requestId of [0, 77, 2 ** 48 + 1, Number.MAX_SAFE_INTEGER]) {
        sendRequest(peer, requestId, "echo", { text: "héllo", list: [1, null, 1.5] });
        const response = await peer.next((message) => isResponse(message), "the response");
        checkEqual(response.items[1], requestId, "request id of the response");
        checkEqual(response.items[2], { text: "héllo", list: [1, null, 1.5] }, "data of the response");
      }
      await fence(peer, node);
      checkEqual(
        peer.inbox.waiting((message) => isResponse(message) || isRefusal(message)).length,
        0,
        "further answers",
      );
    },
  ),
  nodeCase("requests/answering/extra-items", "BASE-201", "items after the known ones are ignored", async (stage) => {
    const node = await stage.open();
    const peer = await requestPeer(stage, node);
    peer.whisper(subtype.request, 5, "echo", "data", "extra", { more: true });
    const response = await peer.next(isEndOf(5), "the response");
    checkEqual([response.subtype, response.items[2]], [subtype.response, "data"], "answer");
    peer.whisper(subtype.message, "message", "data", 1, [2]);
    await node.next("message", (report) => report.data === "data");
  }),
  nodeCase(
    "requests/answering/no-handler",
    "BASE-241 BASE-206",
    "a type without a handler is refused; types compare byte by byte",
    async (stage) => {
      const node = await stage.open();
      const peer = await requestPeer(stage, node);
      for (const [index, type] of [
        "Echo",
        "ECHO",
        "echo ",
        "e\u0301cho",
        "\ufeffecho",
        "nobody-takes-this",
      ].entries()) {
        sendRequest(peer, 100 + index, type, null);
        const refusal = await peer.next(isEndOf(100 + index), `the end of a request of type ${JSON.stringify(type)}`);
        checkEqual(
          [refusal.subtype, refusal.items[2]],
          [subtype.error, "no-handler"],
          `answer to ${JSON.stringify(type)}`,
        );
        check(typeof refusal.items[3] === "string", "a refusal has a text");
      }
    },
  ),
  nodeCase(
    "requests/answering/handler-fails",
    "BASE-242",
    "nothing of a handler's failure leaves the node",
    async (stage) => {
      const node = await stage.open();
      const peer = await requestPeer(stage, node);
      const texts: unknown[] = [];
      for (const requestId of [1, 2]) {
        const secret = `secret-${randomBytes(8).toString("hex")}`;
        sendRequest(peer, requestId, "fail", secret);
        const refusal = await peer.next(isEndOf(requestId), "the refusal");
        checkEqual([refusal.subtype, refusal.items[2]], [subtype.error, "handler-failed"], "answer");
        check(!show(refusal.items).includes(secret), `the refusal tells the failure: ${show(refusal.items)}`);
        texts.push(refusal.items[3]);
      }
      checkEqual(texts[1], texts[0], "text of the refusal");
    },
  ),
  nodeCase("requests/answering/twice", "BASE-234", "a handler that answers twice sends one answer", async (stage) => {
    const node = await stage.open();
    const peer = await requestPeer(stage, node);
    sendRequest(peer, 9, "twice", "x");
    await peer.next(isEndOf(9), "the answer");
    await fence(peer, node);
    checkEqual(peer.inbox.waiting(isEndOf(9)).length, 0, "second answers");
  }),
  nodeCase(
    "requests/answering/same-id",
    "BASE-233 BASE-234",
    "a request is ignored while one with its id is open",
    async (stage) => {
      const node = await stage.open();
      const peer = await requestPeer(stage, node);
      sendRequest(peer, 9, "hold", "first");
      sendRequest(peer, 9, "hold", "second");
      sendRequest(peer, 9, "echo", "third");
      await fence(peer, node);
      checkEqual(peer.inbox.waiting(isEndOf(9)).length, 0, "answers while the request is held");
      await node.call({ do: "release" });
      const response = await peer.next(isEndOf(9), "the answer");
      checkEqual(response.items[2], "first", "data of the answer");
      await fence(peer, node);
      checkEqual(peer.inbox.waiting(isEndOf(9)).length, 0, "answers to the repeated request");
    },
  ),
  nodeCase(
    "requests/answering/busy",
    "BASE-232",
    "the 65th open request of a peer is refused, another peer is served",
    async (stage) => {
      const node = await stage.open();
      const peer = await requestPeer(stage, node);
      const other = await requestPeer(stage, node);
      for (let requestId = 0; requestId < 64; requestId += 1) sendRequest(peer, requestId, "silent", null);
      await fence(peer, node);
      checkEqual(peer.inbox.waiting(isRefusal).length, 0, "refusals of the first 64");
      sendRequest(peer, 64, "echo", null);
      const refusal = await peer.next(isEndOf(64), "the end of the 65th request");
      checkEqual([refusal.subtype, refusal.items[2]], [subtype.error, "busy"], "answer to the 65th");
      sendRequest(other, 1, "echo", "served");
      const response = await other.next(isEndOf(1), "the answer to the other peer");
      checkEqual(response.items[2], "served", "data of the answer to the other peer");
    },
  ),
  nodeCase(
    "requests/answering/asker-leaves",
    "BASE-236",
    "requests of an asker that left are dropped and their handlers told",
    async (stage) => {
      const node = await stage.open();
      const peer = await requestPeer(stage, node);
      sendRequest(peer, 3, "hold", "held");
      await fence(peer, node);
      peer.reset();
      await node.next("dropped", (report) => report.type === "hold");
    },
  ),
  nodeCase(
    "requests/answering/timeout",
    "BASE-237",
    "a request that no handler finished in 60 s is refused",
    async (stage) => {
      const node = await stage.open({ clock: "manual" });
      const peer = await requestPeer(stage, node);
      sendRequest(peer, 3, "silent", null);
      await fence(peer, node);
      await node.advance(59_000);
      await settle(peer);
      checkEqual(peer.inbox.waiting(isEndOf(3)).length, 0, "answers before 60 s");
      await node.advance(2_000);
      const refusal = await peer.next(isEndOf(3), "the refusal");
      checkEqual([refusal.subtype, refusal.items[2]], [subtype.error, "timeout"], "answer");
    },
  ),
  nodeCase("requests/answering/feature", "BASE-209", "a node that answers requests names requests/1", async (stage) => {
    const node = await stage.open();
    const peer = await stage.connect(node);
    peer.sendHandshake({ network: stage.network, features: ["requests/1"] });
    const { features } = handshakeMap(await peer.nextHandshake());
    check(Array.isArray(features) && features.includes("requests/1"), `features of the node: ${show(features)}`);
  }),
  ...malformed(),
];

/** Each message has one item that is absent, of a wrong type, or out of bounds. */
function malformed(): NodeCase[] {
  const id = new Uint8Array(48).fill(7);
  const { message, request, response, error, forward, redirected } = subtype;
  const path = [id];
  const missing: readonly [string, readonly unknown[]][] = [
    ["message without data", [message, "message"]],
    ["message without type", [message]],
    ["message with a number as type", [message, 1, "x"]],
    ["request without data", [request, 1, "echo"]],
    ["request with a text as id", [request, "1", "echo", null]],
    ["request with a float as id", [request, 1.5, "echo", null]],
    ["request with nil as type", [request, 1, null, null]],
    ["response without data", [response, 1]],
    ["response with a byte string as id", [response, id, null]],
    ["refusal without text", [error, 1, "code"]],
    ["refusal with a number as code", [error, 1, 2, "text"]],
    ["refusal with a list as text", [error, 1, "code", []]],
    ["forward without path", [forward, id, [], 1, "echo", null]],
    ["forward with a text as asker", [forward, "asker", [], 1, "echo", null, path]],
    ["forward with a short asker", [forward, id.subarray(1), [], 1, "echo", null, path]],
    ["forward with text for addresses", [forward, id, "tcp://127.0.0.1:1", 1, "echo", null, path]],
    ["forward with a number for an address", [forward, id, [1], 1, "echo", null, path]],
    ["forward with a map as path", [forward, id, [], 1, "echo", null, {}]],
    ["forward with a text in its path", [forward, id, [], 1, "echo", null, ["x"]]],
    ["redirected without node", [redirected, 1]],
    ["redirected with a text as node", [redirected, 1, "node"]],
    ["redirected with a long node", [redirected, 1, new Uint8Array(49)]],
  ];
  const outside: readonly [string, readonly unknown[]][] = [
    ["message with an empty type", [message, "", null]],
    ["message with a type of 256 bytes", [message, "t".repeat(256), null]],
    ["message with a type of 128 letters in 256 bytes", [message, "é".repeat(128), null]],
    ["request with an empty type", [request, 1, "", null]],
    ["request with a type of 256 bytes", [request, 1, "t".repeat(256), null]],
    ["request with an id of 2^53", [request, new Raw("cf0020000000000000"), "echo", null]],
    ["request with a negative id", [request, -1, "echo", null]],
    ["refusal with an empty code", [error, 1, "", "text"]],
    ["refusal with a code of 65 bytes", [error, 1, "c".repeat(65), "text"]],
    ["refusal with a text of 1025 bytes", [error, 1, "code", "t".repeat(1025)]],
    ["forward with 17 addresses", [forward, id, new Array(17).fill("tcp://127.0.0.1:1"), 1, "echo", null, path]],
    ["forward with an empty address", [forward, id, [""], 1, "echo", null, path]],
    ["forward with an address of 513 bytes", [forward, id, ["a".repeat(513)], 1, "echo", null, path]],
    ["forward with an empty path", [forward, id, [], 1, "echo", null, []]],
    ["forward with a path of 17", [forward, id, [], 1, "echo", null, new Array(17).fill(id)]],
  ];
  const toCase =
    (requirement: string) =>
    ([what, items]: readonly [string, readonly unknown[]]): NodeCase =>
      nodeCase(
        `requests/malformed/${what.replaceAll(/[^a-z0-9]+/g, "-")}`,
        requirement,
        `a ${what} closes the connection`,
        async (stage) => {
          const node = await stage.open();
          const peer = await requestPeer(stage, node);
          // The items are of any type on purpose: this is what the case is about.
          peer.send(2, ...(items as Parameters<typeof peer.send>[1][]));
          await peer.nextClose(closeCode.protocol);
        },
      );
  return [...missing.map(toCase("BASE-203")), ...outside.map(toCase("BASE-204"))];
}
