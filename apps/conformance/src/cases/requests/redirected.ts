// Requests of the node under test that are passed on: who may answer them then.
import type { NodeCase } from "../../runner/case.js";
import { checkEqual } from "../../runner/expect.js";
import type { RawPeer } from "../../stage/raw-peer.js";
import { isRequest, requestIdOf, sendRedirected, sendResponse } from "../../stage/request-messages.js";
import { several } from "../../stage/several.js";
import type { Stage } from "../../stage/stage.js";
import type { AskEnd, TestNode } from "../../stage/test-node.js";
import { nodeCase } from "../define.js";
import { fence } from "../fence.js";
import { requestPeer } from "./links.js";

interface Scene {
  readonly node: TestNode;
  /** The node that was asked. */
  readonly first: RawPeer;
  readonly second: RawPeer;
  readonly third: RawPeer;
  readonly asked: Promise<AskEnd>;
  readonly requestId: number;
}

/** The node has asked `first`. */
async function scene(stage: Stage): Promise<Scene> {
  const node = await stage.open();
  const [first, second, third] = await several(3, () => requestPeer(stage, node));
  const asked = node.ask(first.name, "echo", null);
  const requestId = requestIdOf(await first.next(isRequest, "the request"));
  return { node, first, second, third, asked, requestId };
}

export const redirectedCases: readonly NodeCase[] = [
  nodeCase(
    "requests/redirected/followed",
    "BASE-220",
    "after a redirected only the node named there can answer",
    async (stage) => {
      const { node, first, second, third, asked, requestId } = await scene(stage);
      sendRedirected(first, requestId, second.id);
      sendResponse(first, requestId, "of the first");
      await fence(first, node);
      sendResponse(third, requestId, "of the third");
      await fence(third, node);
      sendResponse(second, requestId, "of the second");
      checkEqual((await asked).data, "of the second", "answer");
    },
  ),
  nodeCase("requests/redirected/chain", "BASE-220", "redirections are followed from node to node", async (stage) => {
    const { node, first, second, third, asked, requestId } = await scene(stage);
    sendRedirected(first, requestId, second.id);
    await fence(first, node);
    sendRedirected(second, requestId, third.id);
    await fence(second, node);
    sendResponse(second, requestId, "of the second");
    await fence(second, node);
    sendResponse(third, requestId, "of the third");
    checkEqual((await asked).data, "of the third", "answer");
  }),
  nodeCase(
    "requests/redirected/early",
    "BASE-221",
    "an answer that comes before its redirected counts when that comes",
    async (stage) => {
      const { node, first, second, asked, requestId } = await scene(stage);
      sendResponse(second, requestId, "early");
      await fence(second, node);
      sendRedirected(first, requestId, second.id);
      checkEqual((await asked).data, "early", "answer");
    },
  ),
  nodeCase(
    "requests/redirected/early-bound",
    "BASE-224",
    "no more than 8 early messages are kept for a request",
    async (stage) => {
      const { node, first, second, asked, requestId } = await scene(stage);
      for (let count = 0; count < 8; count += 1) {
        const stranger = await requestPeer(stage, node);
        sendResponse(stranger, requestId, "junk");
        await fence(stranger, node);
      }
      sendResponse(second, requestId, "the ninth");
      await fence(second, node);
      sendRedirected(first, requestId, second.id);
      await fence(first, node);
      sendResponse(second, requestId, "after it");
      checkEqual((await asked).data, "after it", "answer");
    },
  ),
  nodeCase(
    "requests/redirected/to-asker",
    "BASE-222 BASE-210",
    "a redirection to the asker ends the request",
    async (stage) => {
      const { node, first, asked, requestId } = await scene(stage);
      sendRedirected(first, requestId, node.idBytes);
      checkEqual((await asked).code, "bad-redirect", "end of the request");
    },
  ),
  nodeCase(
    "requests/redirected/to-itself",
    "BASE-222",
    "a redirection to the responsible node ends the request",
    async (stage) => {
      const { first, asked, requestId } = await scene(stage);
      sendRedirected(first, requestId, first.id);
      checkEqual((await asked).code, "bad-redirect", "end of the request");
    },
  ),
  nodeCase(
    "requests/redirected/circle",
    "BASE-222",
    "a redirection to a node that was responsible before ends the request",
    async (stage) => {
      const { node, first, second, asked, requestId } = await scene(stage);
      sendRedirected(first, requestId, second.id);
      await fence(first, node);
      sendRedirected(second, requestId, first.id);
      checkEqual((await asked).code, "bad-redirect", "end of the request");
    },
  ),
  nodeCase("requests/redirected/too-often", "BASE-222", "the fifth redirection ends the request", async (stage) => {
    const { node, first, second, third, asked, requestId } = await scene(stage);
    const chain = [
      first,
      second,
      third,
      await requestPeer(stage, node),
      await requestPeer(stage, node),
      await requestPeer(stage, node),
    ];
    for (const [index, peer] of chain.slice(0, 5).entries()) {
      const next = chain[index + 1];
      if (next) sendRedirected(peer, requestId, next.id);
      if (index < 4) await fence(peer, node);
    }
    checkEqual((await asked).code, "bad-redirect", "end of the request");
  }),
  nodeCase("requests/redirected/four-times", "BASE-220", "four redirections are followed", async (stage) => {
    const { node, first, second, third, asked, requestId } = await scene(stage);
    const last = await requestPeer(stage, node);
    const chain = [first, second, third, await requestPeer(stage, node), last];
    for (const [index, peer] of chain.slice(0, 4).entries()) {
      const next = chain[index + 1];
      if (next) sendRedirected(peer, requestId, next.id);
      await fence(peer, node);
    }
    sendResponse(last, requestId, "of the last");
    checkEqual((await asked).data, "of the last", "answer");
  }),
  nodeCase(
    "requests/redirected/connection-lost",
    "BASE-223",
    "the loss of a connection does not end a redirected request",
    async (stage) => {
      const { node, first, second, asked, requestId } = await scene(stage);
      sendRedirected(first, requestId, second.id);
      await fence(first, node);
      first.reset();
      await node.next("disconnected", (report) => report.peer === first.name);
      second.reset();
      await node.next("disconnected", (report) => report.peer === second.name);
      const back = await requestPeer(stage, node, { id: second.id });
      sendResponse(back, requestId, "by another way");
      checkEqual((await asked).data, "by another way", "answer");
    },
  ),
];
