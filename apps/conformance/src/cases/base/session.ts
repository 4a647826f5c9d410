// Messages of the session, liveness, and what breaks it.
import { codecZlib, compress, frame } from "../../reference/frame.js";
import { pack } from "../../reference/msgpack.js";
import { concat } from "../../reference/value.js";
import type { NodeCase } from "../../runner/case.js";
import { check, checkEqual } from "../../runner/expect.js";
import { closeCode, isMessage, isPing, isPong, subtype } from "../../stage/messages.js";
import { nodeCase } from "../define.js";
import { fence, settle } from "../fence.js";

export const sessionCases: readonly NodeCase[] = [
  nodeCase(
    "base/session/too-large",
    "BASE-028 WIRE-003",
    "a frame over the message limit is refused at its header",
    async (stage) => {
      const node = await stage.open();
      const peer = await stage.join(node);
      peer.sendPiece(Uint8Array.of(0, 0x10, 0, 1));
      await peer.nextClose(closeCode.tooLarge);
    },
  ),
  nodeCase(
    "base/session/bomb",
    "BASE-028",
    "a frame that inflates over the message limit is refused",
    async (stage) => {
      const node = await stage.open({ limits: { maxInflateRatio: 100_000 } });
      const peer = await stage.join(node);
      const body = pack([2, peer.id, peer.time(), subtype.message, "news", new Uint8Array(1_100_000)]);
      peer.sendBytes(frame(compress(body, codecZlib), codecZlib));
      await peer.nextClose(closeCode.tooLarge);
    },
  ),
  nodeCase("base/session/largest", "BASE-028", "a body of 1 MiB is taken", async (stage) => {
    const node = await stage.open();
    const peer = await stage.join(node);
    const bodyOf = (length: number): Uint8Array =>
      pack([2, peer.id, 1, subtype.message, "news", new Uint8Array(length)]);
    peer.sendBody(bodyOf(1_048_576 - bodyOf(100_000).length + 100_000));
    await fence(peer, node);
    checkEqual(node.seen("message").filter((report) => report.type === "news").length, 1, "deliveries");
  }),
  nodeCase(
    "base/session/unlisted-codec",
    "BASE-020",
    "a frame with a codec that the node does not list is refused",
    async (stage) => {
      const node = await stage.open({ codecs: [2] });
      const peer = await stage.join(node);
      const body = pack([2, peer.id, peer.time(), subtype.message, "news", "x".repeat(500)]);
      peer.sendBytes(frame(compress(body, codecZlib), codecZlib));
      await peer.nextClose(closeCode.badFrame);
    },
  ),
  nodeCase(
    "base/session/compressed",
    "BASE-020 WIRE-012",
    "a frame with a codec that the node lists is taken",
    async (stage) => {
      const node = await stage.open();
      const peer = await stage.join(node);
      for (const codec of [1, 2]) {
        const body = pack([2, peer.id, peer.time(), subtype.message, "news", "x".repeat(500)]);
        peer.sendBytes(frame(compress(body, codec), codec));
      }
      await fence(peer, node);
      checkEqual(node.seen("message").filter((report) => report.type === "news").length, 2, "deliveries");
    },
  ),
  nodeCase(
    "base/session/unknown-messages",
    "WIRE-049",
    "unknown main types and subtypes are ignored",
    async (stage) => {
      const node = await stage.open();
      const peer = await stage.join(node);
      peer.send(9, "of the future");
      peer.send(255, null);
      peer.send(1, [17]);
      for (const kind of [0x2f, 0x3f, 0x40, 4711, Number.MAX_SAFE_INTEGER]) peer.whisper(kind, "of the future");
      await fence(peer, node);
    },
  ),
  nodeCase(
    "base/session/further-items",
    "WIRE-088",
    "items behind those of a session message are ignored",
    async (stage) => {
      const node = await stage.open();
      const peer = await stage.join(node);
      peer.send(3, 5, "extra", [1]);
      const pong = await peer.next((message) => isPong(message) && message.items[0] === 5, "the pong");
      peer.send(4, 99, 1, "extra");
      checkEqual(pong.items[0], 5, "nonce");
      await fence(peer, node);
    },
  ),
  nodeCase(
    "base/session/pong",
    "BASE-040",
    "a ping is answered with its nonce and the time when it came",
    async (stage) => {
      const node = await stage.open({ clock: "manual" });
      const peer = await stage.join(node);
      await node.call({ do: "set-wall", ms: 1_900_000_000_000 });
      for (const nonce of [0, 1, 4_294_967_296, Number.MAX_SAFE_INTEGER]) {
        peer.send(3, nonce);
        const pong = await peer.next(isPong, "the pong");
        checkEqual(pong.items[0], nonce, "nonce of the pong");
        const came = Number(pong.items[1]);
        check(Math.abs(came - 1_900_000_000_000_000) < 1_000_000, `the time of the ping in the pong is ${came}`);
        checkEqual(pong.sender, node.idBytes, "sender of the pong");
      }
    },
  ),
  nodeCase("base/session/pings", "BASE-041", "a ping comes when a connection comes up and each 30 s", async (stage) => {
    const node = await stage.open({ clock: "manual" });
    const peer = await stage.join(node);
    await peer.next(isPing, "the first ping");
    for (let round = 0; round < 3; round += 1) {
      await settle(peer);
      check(peer.inbox.waiting(isPing).length === 0, "a ping came before its time");
      await node.advance(31_000);
      await peer.next(isPing, `the ping after ${round + 1} intervals`);
    }
  }),
  nodeCase(
    "base/session/silence",
    "BASE-042",
    "without a whole frame in 90 s the connection ends, single bytes are none",
    async (stage) => {
      const node = await stage.open({ clock: "manual" });
      const peer = await stage.join(node);
      peer.isAnsweringPings = false;
      await peer.next(isPing, "the first ping");
      await fence(peer, node);
      const whole = frame(pack([3, peer.id, peer.time(), 1]));
      for (let second = 0; second < 88; second += 11) {
        await node.advance(11_000);
        peer.sendPiece(whole.subarray(second / 11, second / 11 + 1));
        await peer.flushed();
      }
      check(!peer.hasEnded, "the connection ended before its time");
      await node.advance(5_000);
      await peer.nextClose(closeCode.idle);
    },
  ),
  nodeCase("base/session/alive", "BASE-042", "a peer that answers pings stays", async (stage) => {
    const node = await stage.open({ clock: "manual" });
    const peer = await stage.join(node);
    for (let round = 0; round < 8; round += 1) {
      await node.advance(29_000);
      await settle(peer);
    }
    await peer.checkAlive();
  }),
  nodeCase("base/session/unasked-pong", "BASE-044", "a pong that answers no open ping is ignored", async (stage) => {
    const node = await stage.open();
    const peer = await stage.join(node);
    const ping = await peer.next(isPing, "the first ping");
    const now = peer.time();
    for (const nonce of [12345, Number(ping.items[0]), 0]) peer.send(4, nonce, now);
    await fence(peer, node);
  }),
  nodeCase(
    "base/session/registered-numbers",
    "WIRE-087",
    "a node uses the numbers of the registry alone, each in its own form",
    async (stage) => {
      const node = await stage.open();
      const peer = await stage.join(node, { features: ["requests/1"] });
      await node.send(peer.name, "data");
      void node.ask(peer.name, "echo", "data");
      peer.whisper(subtype.request, 1, "echo", "data");
      peer.whisper(subtype.request, 2, "nobody-takes-this", "data");
      await fence(peer, node);
      peer.whisper(subtype.close, closeCode.normal, "bye");
      await peer.nextEnd();
      const forms: { readonly [name: string]: string } = {
        "2/5": "number object",
        "2/2": "number string string",
        "2/8": "number number string string",
        "2/10": "number number string",
        "2/49": "number number string string",
        "2/48": "number number string",
        "3": "number",
        "4": "number number",
      };
      const met = new Set<string>();
      for (const { type, items } of peer.inbox.all) {
        const name = type === 2 ? `2/${String(items[0])}` : String(type);
        met.add(name);
        checkEqual(items.map((item) => typeof item).join(" "), forms[name], `items of a message of type ${name}`);
      }
      checkEqual([...met].sort(), Object.keys(forms).sort(), "messages that the node sent");
    },
  ),
  nodeCase(
    "base/session/order",
    "BASE-070",
    "messages are delivered in the order of sending, both ways",
    async (stage) => {
      const node = await stage.open();
      const peer = await stage.join(node);
      const numbers = Array.from({ length: 500 }, (_, index) => index);
      const frames = numbers.map((index) =>
        frame(pack([2, peer.id, peer.time(), subtype.message, "news", index, "x".repeat(index % 7 === 0 ? 3000 : 1)])),
      );
      peer.sendBytes(concat(frames));
      await fence(peer, node);
      const reports = node.seen("message").filter((report) => report.type === "news");
      checkEqual(
        reports.map((report) => report.data),
        numbers,
        "messages in the order of delivery",
      );
      await Promise.all(numbers.map((index) => node.send(peer.name, index)));
      for (const index of numbers) {
        checkEqual((await peer.next(isMessage, `message ${index}`)).items[2], index, "message in the order of arrival");
      }
    },
  ),
  nodeCase(
    "base/session/any-time",
    "WIRE-048 BASE-142",
    "messages are taken whatever their time says",
    async (stage) => {
      const node = await stage.open();
      const peer = await stage.join(node);
      const times = [0, 1, 1_000_000, Date.now() * 1000 + 31_536_000_000_000, Number.MAX_SAFE_INTEGER, 5];
      for (const time of times) peer.sendBody(pack([2, peer.id, time, subtype.message, "news", time]));
      await fence(peer, node);
      const reports = node.seen("message").filter((report) => report.type === "news");
      checkEqual(
        reports.map((report) => report.data),
        times,
        "messages that were delivered",
      );
    },
  ),
  nodeCase("base/session/slow", "BASE-074", "a peer that takes nothing for 10 s is dropped as slow", async (stage) => {
    const node = await stage.open({ clock: "manual" });
    const peer = await stage.join(node);
    const other = await stage.join(node);
    peer.pause();
    const data = { text: [{ hex: "61", repeat: 200_000 }] };
    // One at a time, until one has to wait: more would be dropped for their number.
    let isWaiting = false;
    let last: Promise<void> = Promise.resolve();
    for (let sent = 0; sent < 300 && !isWaiting; sent += 1) {
      isWaiting = true;
      last = node.send(peer.name, data).then(
        () => {
          isWaiting = false;
        },
        () => undefined,
      );
      await fence(other, node);
      await fence(other, node);
    }
    check(isWaiting, "60 MB were taken for a peer that does not read");
    await node.advance(9_000);
    await fence(other, node);
    checkEqual(node.seen("disconnected").length, 0, "disconnections before the time");
    await node.advance(3_000);
    const report = await node.next("disconnected", (one) => one.peer === peer.name);
    checkEqual(report.code, closeCode.slow, "code of the disconnection");
    await last;
    await fence(other, node);
  }),
];
