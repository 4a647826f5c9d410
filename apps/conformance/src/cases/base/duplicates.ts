// Two connections between the same nodes: one stays, the same at both ends, and nothing in flight is lost.
import type { NodeCase } from "../../runner/case.js";
import { check, checkEqual } from "../../runner/expect.js";
import type { Message } from "../../stage/message.js";
import { closeCode, isClose, isMessage, isPing, subtype } from "../../stage/messages.js";
import type { RawPeer } from "../../stage/raw-peer.js";
import type { Stage } from "../../stage/stage.js";
import type { TestNode } from "../../stage/test-node.js";
import { nodeCase } from "../define.js";
import { fence, settle } from "../fence.js";

const boot = new Uint8Array(8).fill(1);
const otherBoot = new Uint8Array(8).fill(2);
const smallest = new Uint8Array(48).fill(0, 0, 47).fill(1, 47);
const largest = new Uint8Array(48).fill(0xff);

/** A connection that the node dialled to a peer with this id. */
async function dialledBy(stage: Stage, node: TestNode, id: Uint8Array): Promise<RawPeer> {
  const listener = await stage.listen({ id });
  void node.call({ do: "dial", address: listener.address }).catch(() => undefined);
  const peer = await listener.accept();
  await stage.shake(peer, { boot });
  return peer;
}

async function checkStays(node: TestNode, stays: RawPeer, goes: RawPeer): Promise<void> {
  await goes.nextClose(closeCode.duplicate);
  await fence(stays, node);
  checkEqual(
    (await node.peers()).map(({ id }) => id),
    [stays.name],
    "connections that are up",
  );
}

export const duplicateCases: readonly NodeCase[] = [
  nodeCase(
    "base/duplicates/new-boot",
    "BASE-061 BASE-060",
    "a peer that started anew takes the place of its old connection",
    async (stage) => {
      const node = await stage.open();
      const id = new Uint8Array(48).fill(4);
      const older = await stage.join(node, { id, boot, time: 2_000_000 });
      await fence(older, node);
      const newer = await stage.join(node, { id, boot: otherBoot, time: 1_000_000 });
      await checkStays(node, newer, older);
    },
  ),
  nodeCase(
    "base/duplicates/larger-dials-later",
    "BASE-062 BASE-060",
    "the connection of the larger id stays, the peer's",
    async (stage) => {
      const node = await stage.open();
      const outbound = await dialledBy(stage, node, largest);
      await fence(outbound, node);
      const inbound = await stage.join(node, { id: largest, boot });
      await checkStays(node, inbound, outbound);
    },
  ),
  nodeCase(
    "base/duplicates/larger-dialled-before",
    "BASE-062 BASE-060",
    "the connection of the larger id stays when it was first",
    async (stage) => {
      const node = await stage.open();
      const outbound = await dialledBy(stage, node, smallest);
      await fence(outbound, node);
      const inbound = await stage.join(node, { id: smallest, boot });
      await checkStays(node, outbound, inbound);
    },
  ),
  nodeCase(
    "base/duplicates/later-handshake",
    "BASE-063 BASE-060",
    "of two that the peer dialled the later handshake stays",
    async (stage) => {
      const node = await stage.open();
      const id = new Uint8Array(48).fill(4);
      const older = await stage.join(node, { id, boot, time: 1_000_000 });
      await fence(older, node);
      const newer = await stage.join(node, { id, boot, time: 2_000_000 });
      await checkStays(node, newer, older);
    },
  ),
  nodeCase(
    "base/duplicates/earlier-handshake",
    "BASE-063 BASE-060",
    "a handshake that comes later with an earlier time goes",
    async (stage) => {
      const node = await stage.open();
      const id = new Uint8Array(48).fill(4);
      const first = await stage.join(node, { id, boot, time: 2_000_000 });
      await fence(first, node);
      const second = await stage.join(node, { id, boot, time: 1_000_000 });
      await checkStays(node, first, second);
    },
  ),
  nodeCase(
    "base/duplicates/probe",
    "BASE-064 BASE-066",
    "the connection that is to stay is pinged, and without a sign of life in 5 s it ends as idle and the other stays",
    async (stage) => {
      const node = await stage.open({ clock: "manual" });
      const id = new Uint8Array(48).fill(4);
      const dead = await stage.join(node, { id, boot, time: 2_000_000 });
      await fence(dead, node);
      await dead.next(isPing, "the first ping");
      dead.isAnsweringPings = false;
      const other = await stage.join(node, { id, boot, time: 1_000_000 });
      await dead.next(isPing, "the probing ping");
      await other.barrier();
      check(!other.inbox.all.some(isClose), "the connection that stands by was closed before the other showed life");
      await node.advance(6_000);
      await dead.nextClose(closeCode.idle);
      await fence(other, node);
      await node.send(other.name, "still there");
      await other.next((message) => isMessage(message) && message.items[2] === "still there", "a message");
    },
  ),
  nodeCase(
    "base/duplicates/sends-meanwhile",
    "BASE-066",
    "the application can send while it is not settled which connection stays",
    async (stage) => {
      const node = await stage.open();
      const id = new Uint8Array(48).fill(4);
      const first = await stage.join(node, { id, boot, time: 2_000_000 });
      await fence(first, node);
      await first.next(isPing, "the first ping");
      first.isAnsweringPings = false;
      const second = await stage.join(node, { id, boot, time: 1_000_000 });
      await first.next(isPing, "the probing ping");
      await node.send(first.name, "meanwhile");
      const isThat = (message: Message): boolean => isMessage(message) && message.items[2] === "meanwhile";
      await Promise.any([first.next(isThat, "the message"), second.next(isThat, "the message")]).catch(
        (error: AggregateError) => {
          throw error.errors[0];
        },
      );
    },
  ),
  nodeCase(
    "base/duplicates/probe-answered",
    "BASE-064",
    "the connection that stays is kept when it answers",
    async (stage) => {
      const node = await stage.open({ clock: "manual" });
      const id = new Uint8Array(48).fill(4);
      const alive = await stage.join(node, { id, boot, time: 2_000_000 });
      await fence(alive, node);
      const refused = await stage.join(node, { id, boot, time: 1_000_000 });
      await refused.nextClose(closeCode.duplicate);
      await settle(alive);
      await node.advance(6_000);
      await fence(alive, node);
    },
  ),
  nodeCase(
    "base/duplicates/in-flight",
    "BASE-065",
    "what comes over the connection that goes is delivered up to its end",
    async (stage) => {
      const node = await stage.open();
      const id = new Uint8Array(48).fill(4);
      const older = await stage.join(node, { id, boot, time: 1_000_000, keepsOpen: true });
      await fence(older, node);
      const newer = await stage.join(node, { id, boot, time: 2_000_000 });
      await older.next(isClose, "the close of the older connection");
      for (const data of ["a", "b", "c"]) older.whisper(subtype.message, "news", data);
      older.end();
      for (const data of ["a", "b", "c"]) await node.next("message", (report) => report.data === data);
      await fence(newer, node);
      const data = node
        .seen("message")
        .filter((report) => report.type === "news")
        .map((report) => report.data);
      checkEqual(data, ["a", "b", "c"], "deliveries");
    },
  ),
];
