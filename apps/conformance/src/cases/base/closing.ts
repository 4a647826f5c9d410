// How connections end: who says what, in which order, and for how long.
import type { NodeCase } from "../../runner/case.js";
import { check, checkEqual } from "../../runner/expect.js";
import { closeCode, isClose, isMessage, subtype } from "../../stage/messages.js";
import { nodeCase } from "../define.js";
import { fence } from "../fence.js";

export const closingCases: readonly NodeCase[] = [
  nodeCase(
    "base/closing/last-frame",
    "BASE-050 BASE-051",
    "a node that ends a connection says why, last, and ends its side",
    async (stage) => {
      const node = await stage.open();
      const peer = await stage.join(node);
      const sends = Array.from({ length: 20 }, (_, index) => node.send(peer.name, index));
      await Promise.all([...sends, node.call({ do: "hang-up", peer: peer.name })]);
      const close = await peer.nextClose(closeCode.normal);
      check(typeof close.items[2] === "string", "the close has no text");
      const frames = peer.inbox.all;
      check(frames.at(-1) === close, "the close is not the last frame");
      checkEqual(frames.filter(isMessage).length, 20, "messages before the close");
    },
  ),
  nodeCase(
    "base/closing/answered",
    "BASE-052 BASE-057",
    "a close is answered with its code, and told to the application",
    async (stage) => {
      const node = await stage.open();
      const peer = await stage.join(node);
      peer.whisper(subtype.close, closeCode.rejected, "you said bad things");
      const answer = await peer.nextClose(closeCode.rejected);
      checkEqual(peer.inbox.all.filter(isClose), [answer], "closes of the node");
      const report = await node.next("disconnected");
      checkEqual(
        [report.peer, report.code, report.reason],
        [peer.name, closeCode.rejected, "you said bad things"],
        "report",
      );
    },
  ),
  nodeCase(
    "base/closing/own",
    "BASE-057",
    "the application is told the code and text of its node's own close",
    async (stage) => {
      const node = await stage.open();
      const peer = await stage.join(node);
      peer.sendHandshake({ network: stage.network });
      const close = await peer.nextClose(closeCode.protocol);
      const report = await node.next("disconnected");
      checkEqual([report.code, report.reason], [closeCode.protocol, close.items[2]], "report");
    },
  ),
  nodeCase(
    "base/closing/unknown-code",
    "BASE-054",
    "an unknown close code ends the connection like any other",
    async (stage) => {
      const node = await stage.open();
      for (const code of [99, 254, 255, 70_000, Number.MAX_SAFE_INTEGER]) {
        const peer = await stage.join(node);
        peer.whisper(subtype.close, code, "of the future");
        await peer.nextEnd();
        await node.next("disconnected", (report) => report.peer === peer.name);
      }
    },
  ),
  nodeCase(
    "base/closing/never-255",
    "BASE-055",
    "255 is not sent: not when a connection was lost, not as an answer",
    async (stage) => {
      const node = await stage.open();
      const ended = await stage.join(node);
      ended.end();
      await ended.nextEnd();
      const answered = await stage.join(node);
      answered.whisper(subtype.close, 255, "lost");
      await answered.nextEnd();
      for (const peer of [ended, answered]) {
        const codes = peer.inbox.all.filter(isClose).map((message) => message.items[1]);
        check(!codes.includes(255), `close codes of the node: ${codes.join(", ")}`);
      }
    },
  ),
  nodeCase(
    "base/closing/lingering",
    "BASE-053",
    "a peer that does not end its side is dropped after 5 s",
    async (stage) => {
      const node = await stage.open({ clock: "manual" });
      const peer = await stage.join(node, { keepsOpen: true });
      const hung = node.call({ do: "hang-up", peer: peer.name });
      await peer.nextClose(closeCode.normal);
      await node.advance(3_000);
      check(!peer.isGone, "the channel was dropped before its time");
      await node.advance(3_000);
      await peer.gone();
      await hung;
    },
  ),
  nodeCase("base/closing/node-closes", "BASE-058", "a node that closes tells every peer normal", async (stage) => {
    const node = await stage.open();
    const peers = [await stage.join(node), await stage.join(node), await stage.join(node)];
    for (const peer of peers) await fence(peer, node);
    await Promise.all([node.call({ do: "close" }), ...peers.map((peer) => peer.nextClose(closeCode.normal))]);
  }),
];
