// Messages that end a session: malformed, forged, or impossible to decode.
import { codecZlib, frame } from "../../reference/frame.js";
import { type Packable, pack } from "../../reference/msgpack.js";
import { concat, Raw } from "../../reference/value.js";
import type { NodeCase } from "../../runner/case.js";
import { check, checkEqual } from "../../runner/expect.js";
import { closeCode, isClose, subtype } from "../../stage/messages.js";
import { nodeCase } from "../define.js";
import { fence } from "../fence.js";

export const badMessageCases: readonly NodeCase[] = [...malformed(), ...otherSenders(), ...undecodable()];

function malformed(): NodeCase[] {
  const bad: readonly [string, number, readonly Packable[]][] = [
    ["ping with a text as nonce", 3, ["1"]],
    ["ping with a negative nonce", 3, [-1]],
    ["ping with a float as nonce", 3, [new Raw("cb3ff8000000000000")]],
    ["ping with nil as nonce", 3, [null]],
    ["pong without time", 4, [1]],
    ["pong with a text as nonce", 4, ["1", 1]],
    ["pong with a text as time", 4, [1, "1"]],
    ["pong with a negative time", 4, [1, -5]],
    ["close without code", 2, [subtype.close]],
    ["close without text", 2, [subtype.close, 0]],
    ["close with a text as code", 2, [subtype.close, "0", "bye"]],
    ["close with a negative code", 2, [subtype.close, -1, "bye"]],
    ["close with a number as text", 2, [subtype.close, 0, 1]],
  ];
  return bad.map(([what, type, items]) =>
    nodeCase(
      `base/session/malformed-${what.replaceAll(" ", "-")}`,
      "BASE-025",
      `a ${what} ends the connection`,
      async (stage) => {
        const node = await stage.open();
        const peer = await stage.join(node);
        peer.send(type, ...items);
        await peer.nextClose(closeCode.protocol);
      },
    ),
  );
}

function otherSenders(): NodeCase[] {
  const stranger = new Uint8Array(48).fill(8);
  const bad: readonly [string, number, readonly Packable[]][] = [
    ["ping", 3, [1]],
    ["pong", 4, [1, 1]],
    ["close", 2, [subtype.close, 0, "bye"]],
    ["message", 2, [subtype.message, "news", "forged"]],
    ["request", 2, [subtype.request, 1, "echo", null]],
    ["response", 2, [subtype.response, 1, null]],
  ];
  return bad.map(([what, type, items]) =>
    nodeCase(
      `base/session/forged-${what}`,
      "BASE-026",
      `a ${what} in the name of another ends the connection`,
      async (stage) => {
        const node = await stage.open();
        const peer = await stage.join(node);
        await fence(peer, node);
        peer.sendAs(stranger, type, ...items);
        await peer.nextClose(closeCode.protocol);
        checkEqual(node.seen("message").filter((report) => report.type === "news").length, 0, "deliveries");
      },
    ),
  );
}

function undecodable(): NodeCase[] {
  const sender = new Uint8Array(48).fill(1);
  const bad: readonly [string, Uint8Array][] = [
    ["empty frame", Uint8Array.of(0, 0, 0, 0)],
    ["unknown codec", Uint8Array.of(0x30, 0, 0, 1, 0)],
    ["no msgpack", frame(Uint8Array.of(0xc1))],
    ["no array", frame(pack("text"))],
    ["short array", frame(pack([2, sender, 1]))],
    ["cut body", frame(pack([2, sender, 1, 2, "news", "x"]).subarray(0, 55))],
    ["bytes behind the body", frame(concat([pack([3, sender, 1, 1]), Uint8Array.of(0)]))],
    ["text as main type", frame(pack(["2", sender, 1, 2, "news", "x"]))],
    ["short sender", frame(pack([2, sender.subarray(1), 1, 2, "news", "x"]))],
    ["text as sender", frame(pack([2, "x".repeat(48), 1, 2, "news", "x"]))],
    ["text as time", frame(pack([2, sender, "1", 2, "news", "x"]))],
    ["negative time", frame(pack([2, sender, -1, 2, "news", "x"]))],
    ["text as subtype", frame(pack([2, sender, 1, "2", "news", "x"]))],
    ["extension type", frame(pack([2, sender, 1, 2, "news", new Raw("d40100")]))],
    ["bad UTF-8", frame(pack([2, sender, 1, 2, "news", new Raw("a1ff")]))],
    ["key that is no text", frame(pack([2, sender, 1, 2, "news", new Raw("810101")]))],
    ["key twice", frame(pack([2, sender, 1, 2, "news", new Raw("82a16101a16101")]))],
    ["depth over 32", frame(pack([2, sender, 1, 2, "news", new Raw(`${"91".repeat(32)}00`)]))],
    ["2^32 entries", frame(pack([2, sender, 1, 2, "news", new Raw("ddffffffff")]))],
    ["damaged zlib", frame(concat([Uint8Array.of(0x78, 0x9c), sender]), codecZlib)],
  ];
  return bad.map(([what, bytes]) =>
    nodeCase(
      `base/session/undecodable-${what.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-")}`,
      "BASE-027 BASE-050 BASE-076",
      `${what}: the connection ends with badFrame, others stay`,
      async (stage) => {
        const node = await stage.open();
        const other = await stage.join(node);
        const peer = await stage.join(node);
        peer.sendBytes(bytes);
        const close = await peer.nextClose(closeCode.badFrame);
        checkEqual(peer.inbox.all.filter(isClose).length, 1, "close messages");
        check(peer.inbox.all.at(-1) === close, "the close is not the last frame");
        await fence(other, node);
      },
    ),
  );
}
