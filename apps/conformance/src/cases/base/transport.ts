// Channels: bytes in any pieces, orderly and disorderly ends, peers that do not read.
import { connect, createServer } from "node:net";
import { frame } from "../../reference/frame.js";
import { pack } from "../../reference/msgpack.js";
import type { NodeCase } from "../../runner/case.js";
import { CaseFailure, check, checkEqual } from "../../runner/expect.js";
import { needOwnHost, ownHost } from "../../runner/own-network.js";
import { closeCode, handshakeItems, isClose, isMessage, subtype } from "../../stage/messages.js";
import { nodeCase } from "../define.js";
import { fence } from "../fence.js";

const bulk = { text: [{ hex: "61", repeat: 100_000 }] };

export const transportCases: readonly NodeCase[] = [
  nodeCase("base/transport/any-pieces", "BASE-104 WIRE-005", "messages are read alike in any pieces", async (stage) => {
    const node = await stage.open();
    const peer = await stage.connect(node);
    // A pong in the middle of a cut frame would be the suite's own fault.
    peer.isAnsweringPings = false;
    const say = (kind: number, ...items: Parameters<typeof pack>[0][]): Uint8Array =>
      frame(pack([2, peer.id, peer.time(), kind, ...items]));
    const handshake = say(subtype.handshake, ...handshakeItems({ network: stage.network }));
    for (const byte of handshake) peer.sendPiece(Uint8Array.of(byte));
    await peer.nextHandshake();
    const texts = Array.from({ length: 30 }, (_, index) => `message ${index}`);
    const stream = Buffer.concat(texts.map((text) => say(subtype.message, "news", text)));
    for (let at = 0, size = 1; at < stream.length; at += size, size = (size * 7) % 61) {
      peer.sendPiece(stream.subarray(at, at + size));
      if (size % 5 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await fence(peer, node);
    const reports = node.seen("message").filter((report) => report.type === "news");
    checkEqual(
      reports.map((report) => report.data),
      texts,
      "messages that were delivered",
    );
  }),
  nodeCase(
    "base/transport/stuck-reader",
    "BASE-106",
    "for a peer that does not read no more than the send buffer is held",
    async (stage) => {
      const node = await stage.open({ clock: "manual" });
      const stuck = await stage.join(node);
      const other = await stage.join(node);
      stuck.pause();
      let done = 0;
      const sends = Array.from({ length: 600 }, () =>
        node.send(stuck.name, bulk).then(
          () => (done += 1),
          () => undefined,
        ),
      );
      await fence(other, node);
      await fence(other, node);
      // The driver has begun all of them when it has answered what came after.
      for (let turn = 0; turn < 3; turn += 1) await node.peers();
      check(done < 450, `${done} messages of 100 kB were taken for a peer that does not read`);
      stuck.reset();
      await Promise.all(sends);
      await fence(other, node);
    },
  ),
  nodeCase(
    "base/transport/closes-in-order",
    "BASE-107",
    "what is queued goes before the close message",
    async (stage) => {
      const node = await stage.open();
      const peer = await stage.join(node);
      const sends = Array.from({ length: 40 }, (_, index) => node.send(peer.name, index));
      await node.call({ do: "send", to: peer.name, data: bulk });
      await Promise.all([...sends, node.call({ do: "hang-up", peer: peer.name })]);
      await peer.nextClose(closeCode.normal);
      const data = peer.inbox.all.filter(isMessage).map((message) => message.items[2]);
      checkEqual(
        data.slice(0, 40),
        Array.from({ length: 40 }, (_, index) => index),
        "messages before the close",
      );
      check(data.length === 41, `the long message did not come before the close: ${data.length} messages`);
      const last = peer.inbox.all.at(-1);
      check(last !== undefined && isClose(last), "the close message is not the last");
    },
  ),
  nodeCase(
    "base/transport/reset",
    "BASE-110",
    "a reset in the middle of a frame ends that connection alone",
    async (stage) => {
      const node = await stage.open();
      const peer = await stage.join(node);
      const other = await stage.join(node);
      const whole = frame(pack([2, peer.id, peer.time(), subtype.message, "news", "cut"]));
      peer.sendPiece(whole.subarray(0, whole.length - 3));
      await peer.flushed();
      peer.reset();
      const report = await node.next("disconnected");
      checkEqual(report.peer, peer.name, "peer of the report");
      check(report.reason !== "", "the report has no reason");
      await fence(other, node);
      checkEqual(node.seen("message").filter((one) => one.type === "news").length, 0, "deliveries of the cut message");
    },
  ),
  nodeCase(
    "base/transport/half-closed",
    "BASE-123",
    "what came before the peer ended its side is delivered",
    async (stage) => {
      const node = await stage.open();
      const peer = await stage.join(node);
      for (let index = 0; index < 20; index += 1) peer.whisper(subtype.message, "news", index);
      peer.end();
      await node.next("disconnected");
      const data = node.seen("message").map((report) => report.data);
      checkEqual(
        data,
        Array.from({ length: 20 }, (_, index) => index),
        "messages that were delivered",
      );
    },
  ),
  nodeCase(
    "base/transport/closed-node",
    "BASE-111",
    "the address of a closed node refuses, and its port is free",
    async (stage) => {
      const node = await stage.open();
      const peer = await stage.join(node);
      const { host, port } = node.endpoint;
      await node.call({ do: "close" });
      await peer.nextEnd();
      const socket = connect({ host, port });
      const outcome = await new Promise<string>((resolve) => {
        socket.once("connect", () => resolve("accepted"));
        socket.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? "error"));
      });
      socket.destroy();
      checkEqual(outcome, "ECONNREFUSED", "a connection to the closed node");
      const server = createServer();
      await new Promise<void>((resolve, reject) => {
        server.once("error", (error) => reject(new CaseFailure(`the port is not free: ${error.message}`)));
        server.listen(port, host, resolve);
      });
      await new Promise((resolve) => server.close(resolve));
    },
  ),
  nodeCase("base/transport/dial-errors", "BASE-113", "a failed dial names the address and why", async (stage) => {
    const node = await stage.open({ limits: { dialTimeoutMs: 500 } });
    needOwnHost(); // without a namespace, the second dial would leave the machine
    const gone = await stage.listen();
    gone.close();
    const refused = await node.refused({ do: "dial", address: gone.address });
    check(refused.message.includes(gone.address), `the error does not name the address: ${refused.message}`);
    const nowhere = "tcp://[100::1]:9";
    const unreachable = await node.refused({ do: "dial", address: nowhere });
    check(unreachable.message.includes("[100::1]:9"), `the error does not name the address: ${unreachable.message}`);
    check(unreachable.code !== refused.code, `refused and unreachable have one code: ${refused.code}`);
    const unknown = await node.refused({ do: "dial", address: "gopher://127.0.0.1:70" });
    check(unknown.code !== refused.code, `refused and an unknown scheme have one code: ${refused.code}`);
  }),
  nodeCase(
    "base/transport/wildcard",
    "BASE-121",
    "a node on a wildcard address accepts at every address",
    async (stage) => {
      const node = await stage.open({ listen: ["tcp://0.0.0.0:0"] });
      const { port } = node.endpoint;
      const host = ownHost();
      for (const at of ["127.0.0.1", "127.0.0.2", ...(host === undefined ? [] : [host])]) {
        const peer = await stage.connect(node, { at: { host: at, port } });
        await stage.shake(peer);
      }
    },
  ),
];
