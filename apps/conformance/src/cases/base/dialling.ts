// Dials: what they end with, and how lost connections are dialled again.
import type { NodeCase } from "../../runner/case.js";
import { check, checkEqual } from "../../runner/expect.js";
import { closeCode, isPing, subtype } from "../../stage/messages.js";
import type { RawListener } from "../../stage/raw-listener.js";
import type { RawPeer } from "../../stage/raw-peer.js";
import type { Stage } from "../../stage/stage.js";
import type { TestNode } from "../../stage/test-node.js";
import { nodeCase } from "../define.js";
import { fence } from "../fence.js";

/** The node's own time until it dials again, in steps of 250 ms; undefined when it does not within `mostMs`. */
async function waitForDial(node: TestNode, listener: RawListener, mostMs: number): Promise<number | undefined> {
  const before = listener.count;
  for (let waited = 0; waited <= mostMs; waited += 250) {
    await node.peers();
    if (listener.count > before) return waited;
    await node.advance(250);
  }
  return undefined;
}

/** A node with a constant connection that is up. */
async function openKept(
  stage: Stage,
  limits: { readonly [name: string]: number } = {},
): Promise<{ readonly node: TestNode; readonly listener: RawListener; readonly peer: RawPeer }> {
  const node = await stage.open({ clock: "manual", limits });
  const listener = await stage.listen();
  const dialled = node.call({ do: "dial", address: listener.address, keep: true });
  const peer = await listener.accept();
  await stage.shake(peer);
  await dialled;
  return { node, listener, peer };
}

export const diallingCases: readonly NodeCase[] = [
  nodeCase(
    "base/dialling/refused",
    "BASE-082 BASE-057",
    "a dial that is refused has code and text of the close",
    async (stage) => {
      const node = await stage.open();
      const listener = await stage.listen();
      const refused = node.refused({ do: "dial", address: listener.address });
      const peer = await listener.accept();
      await peer.nextHandshake();
      peer.whisper(subtype.close, closeCode.refused, "we are not at home");
      const error = await refused;
      check(error.message.includes("we are not at home"), `the error has not the text: ${error.message}`);
      checkEqual(error.reasonCode, closeCode.refused, "close code of the error");
    },
  ),
  nodeCase(
    "base/dialling/refused-before-handshake",
    "BASE-082 BASE-002",
    "a close in place of a handshake is understood",
    async (stage) => {
      const node = await stage.open();
      const listener = await stage.listen();
      const refused = node.refused({ do: "dial", address: listener.address });
      const peer = await listener.accept();
      peer.whisper(subtype.close, closeCode.busy, "too many");
      checkEqual((await refused).reasonCode, closeCode.busy, "close code of the error");
    },
  ),
  nodeCase(
    "base/dialling/same-address",
    "BASE-083",
    "a second dial to an address gives the connection that is up",
    async (stage) => {
      const node = await stage.open();
      const listener = await stage.listen();
      const dialled = node.call({ do: "dial", address: listener.address });
      const peer = await listener.accept();
      await stage.shake(peer);
      const first = await dialled;
      checkEqual(await node.call({ do: "dial", address: listener.address }), first, "result of the second dial");
      await fence(peer, node);
      checkEqual(listener.count, 1, "connections");
    },
  ),
  nodeCase(
    "base/dialling/unanswered",
    "BASE-081 BASE-007",
    "a dial that nobody answers fails in time",
    async (stage) => {
      const node = await stage.open({ clock: "manual" });
      const listener = await stage.listen();
      const refused = node.refused({ do: "dial", address: listener.address });
      const peer = await listener.accept();
      await peer.nextHandshake();
      await node.advance(21_000);
      await refused;
    },
  ),
  nodeCase(
    "base/dialling/again",
    "BASE-150",
    "a constant connection is dialled again after about 1, 5, 15 and 60 s",
    async (stage) => {
      const { node, listener, peer } = await openKept(stage);
      await fence(peer, node);
      peer.reset();
      await node.next("disconnected");
      for (const wantedMs of [1_000, 5_000, 15_000, 60_000]) {
        const waited = await waitForDial(node, listener, wantedMs * 1.5 + 500);
        check(waited !== undefined, `no dial within ${wantedMs * 1.5} ms`);
        check(waited >= wantedMs * 0.5 - 500, `a dial after ${waited} ms where about ${wantedMs} are due`);
        const attempt = listener.links.at(-1);
        attempt?.reset();
        await attempt?.ended;
        // The loss has reached the node when its driver has answered a few times.
        for (let turn = 0; turn < 5; turn += 1) await node.peers();
      }
    },
  ),
  nodeCase(
    "base/dialling/stable",
    "BASE-152",
    "the delays go on after a connection that was up for a moment, and start anew after a minute",
    async (stage) => {
      const { node, listener, peer: first } = await openKept(stage);
      let peer = first;
      // Up for a moment, for a moment again, then for longer than a minute.
      for (const [upMs, wantedMs] of [
        [5_000, 1_000],
        [5_000, 5_000],
        [70_000, 1_000],
      ] as const) {
        for (let up = 0; up < upMs; up += 5_000) {
          await node.advance(5_000);
          await fence(peer, node);
        }
        peer.reset();
        await node.next("disconnected");
        const waited = await waitForDial(node, listener, wantedMs * 1.5 + 500);
        check(waited !== undefined, `no dial within ${wantedMs * 1.5} ms of a connection that was up for ${upMs} ms`);
        check(waited >= wantedMs * 0.5 - 500, `a dial after ${waited} ms where about ${wantedMs} are due`);
        peer = await listener.accept();
        await stage.shake(peer);
        await fence(peer, node);
      }
    },
  ),
  nodeCase(
    "base/dialling/gives-up",
    "BASE-153",
    "after its last attempt the node gives up and tells so",
    async (stage) => {
      const { node, listener, peer } = await openKept(stage, { maxReconnectAttempts: 2 });
      await fence(peer, node);
      listener.close();
      peer.reset();
      await node.next("disconnected");
      for (let seconds = 0; seconds < 60 && node.seen("gave-up").length === 0; seconds += 1) await node.advance(1_000);
      checkEqual((await node.next("gave-up")).address, listener.address, "address of the report");
    },
  ),
  nodeCase(
    "base/dialling/not-again",
    "BASE-150",
    "a constant connection that was refused for good is not dialled again",
    async (stage) => {
      const { node, listener, peer } = await openKept(stage);
      peer.whisper(subtype.close, closeCode.refused, "go away");
      await node.next("disconnected");
      checkEqual(await waitForDial(node, listener, 10_000), undefined, "time until a further dial");
    },
  ),
  nodeCase(
    "base/dialling/round-trip",
    "BASE-140",
    "a round trip is measured by a clock that does not jump, less what the peer held",
    async (stage) => {
      const node = await stage.open({ clock: "manual" });
      const peer = await stage.join(node);
      peer.isAnsweringPings = false;
      await peer.next(isPing, "the first ping");
      await node.advance(30_500);
      const ping = await peer.next(isPing, "a ping");
      const [nonce] = ping.items;
      await node.advance(200);
      await node.call({ do: "set-wall", ms: Date.now() + 86_400_000 });
      const came = peer.time();
      // The peer says that it held the ping for 150 ms of the 200 that have passed since.
      peer.sendBodyOf(4, came + 150_000, nonce ?? 0, came);
      await fence(peer, node);
      const [facts] = await node.peers();
      const rttMs = facts?.rttMs ?? Number.NaN;
      check(rttMs > 20 && rttMs < 600, `round trip of ${rttMs} ms`);
    },
  ),
  nodeCase(
    "base/dialling/negative-round-trip",
    "BASE-140",
    "a pong by which the round trip is negative is ignored",
    async (stage) => {
      const node = await stage.open({ clock: "manual" });
      const peer = await stage.join(node);
      peer.isAnsweringPings = false;
      const ping = await peer.next(isPing, "the first ping");
      const came = peer.time();
      peer.sendBodyOf(4, came + 3_600_000_000, ping.items[0] ?? 0, came);
      await fence(peer, node);
      const [facts] = await node.peers();
      check(
        facts?.rttMs === null || facts?.rttMs === undefined || facts.rttMs >= 0,
        `round trip of ${facts?.rttMs} ms`,
      );
    },
  ),
];
