// Application messages to one node.
import type { NodeCase } from "../../runner/case.js";
import { checkEqual } from "../../runner/expect.js";
import { isMessage, subtype } from "../../stage/messages.js";
import { nodeCase } from "../define.js";
import { fence } from "../fence.js";
import { requestPeer } from "./links.js";

export const messageCases: readonly NodeCase[] = [
  nodeCase(
    "requests/messages/received",
    "BASE-200 BASE-205",
    "a message is handed over once, as it was sent, from its sender",
    async (stage) => {
      const node = await stage.open();
      const peer = await requestPeer(stage, node);
      peer.whisper(subtype.message, "news", { list: [1, 2.5, "é"], none: null });
      await fence(peer, node);
      const reports = node.seen("message").filter((report) => report.type === "news");
      checkEqual(reports.length, 1, "times that the message was delivered");
      const wanted = {
        map: [
          ["list", [1, 2.5, "é"]],
          ["none", null],
        ],
      };
      checkEqual(reports[0]?.data, wanted, "data that was delivered");
      checkEqual(reports[0]?.from, peer.name, "sender that the application sees");
    },
  ),
  nodeCase("requests/messages/equal", "BASE-200", "two equal messages are two messages", async (stage) => {
    const node = await stage.open();
    const peer = await requestPeer(stage, node);
    for (let count = 0; count < 3; count += 1) peer.whisper(subtype.message, "news", "same");
    await fence(peer, node);
    checkEqual(node.seen("message").filter((report) => report.type === "news").length, 3, "deliveries");
  }),
  nodeCase(
    "requests/messages/sent",
    "BASE-200",
    "a message of the application reaches the neighbour as it was given",
    async (stage) => {
      const node = await stage.open();
      const peer = await requestPeer(stage, node);
      await node.send(peer.name, { map: [["a", { bin: "00ff" }]] }, "news");
      const message = await peer.next(isMessage, "the message");
      checkEqual(message.items, [subtype.message, "news", { a: Uint8Array.of(0, 255) }], "items of the message");
      checkEqual(message.sender, node.idBytes, "sender of the message");
    },
  ),
  nodeCase(
    "requests/messages/no-handler",
    "BASE-207",
    "a type that nobody takes leaves the connection as it is",
    async (stage) => {
      const node = await stage.open();
      const peer = await requestPeer(stage, node);
      peer.whisper(subtype.message, "nobody-takes-this", null);
      await peer.checkAlive();
      await fence(peer, node);
    },
  ),
  nodeCase("requests/messages/types", "BASE-206", "types differ by letter case and by Unicode form", async (stage) => {
    const node = await stage.open();
    const peer = await requestPeer(stage, node);
    for (const type of ["news", "News", "\u00e9", "e\u0301"]) peer.whisper(subtype.message, type, type);
    await fence(peer, node);
    for (const type of ["news", "News", "\u00e9", "e\u0301"]) {
      const reports = node.seen("message").filter((report) => report.type === type);
      checkEqual(
        reports.map((report) => report.data),
        [type],
        `messages of type ${JSON.stringify(type)}`,
      );
    }
  }),
];
