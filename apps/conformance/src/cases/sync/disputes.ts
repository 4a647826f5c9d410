// What a table tells those whose writes it refuses, and who is blamed for them (spec/sync.md, sections 1 and 3).
import type { NodeCase } from "../../runner/case.js";
import { check, checkEqual } from "../../runner/expect.js";
import { closeCode, isWhisper, subtype } from "../../stage/messages.js";
import type { RawPeer } from "../../stage/raw-peer.js";
import { nodeCase } from "../define.js";
import { meshFence } from "../mesh/links.js";
import { lowId, nextUpdateOf, openTable, second, sendUpdate, tablePeer } from "./tables.js";

const isClockAhead = isWhisper(subtype.clockAhead);
const isContender = isWhisper(subtype.contender);

const told = (peer: RawPeer, isIt: typeof isContender): number => peer.inbox.all.filter(isIt).length;

export const disputeCases: readonly NodeCase[] = [
  nodeCase(
    "sync/updates/told-ahead",
    "SYNC-013",
    "the neighbour that brought a record from the future is told, at most once a minute",
    async (stage) => {
      const { node, nowUs } = await openTable(stage);
      const peer = await tablePeer(stage, node);
      const origin = lowId(2);
      const write = async (stampUs: number): Promise<void> => {
        sendUpdate(peer, { origin, stampUs, entries: [["ahead", 0, 1]] });
        await meshFence(peer, node);
      };
      const farUs = nowUs + 7_200 * second;
      for (const afterUs of [0, 1, 2]) await write(farUs + afterUs);
      const { items } = await peer.next(isClockAhead, "a word about the clock");
      checkEqual(items.slice(0, 3), [subtype.clockAhead, origin, farUs], "subtype, origin and stamp");
      checkEqual(told(peer, isClockAhead), 1, "words about the clock within a minute");
      await node.advance(61_000);
      await write(farUs + 3);
      checkEqual(told(peer, isClockAhead), 2, "words about the clock after a minute");
    },
  ),
  nodeCase(
    "sync/leases/shown-to-owner",
    "SYNC-049",
    "the owner of a lease is shown who else claims the key, at most once a minute",
    async (stage) => {
      const { node, nowUs } = await openTable(stage);
      const owner = await tablePeer(stage, node, { id: lowId(2) });
      const rude = await tablePeer(stage, node, { id: lowId(3) });
      sendUpdate(owner, { stampUs: nowUs - 10 * second, entries: [["k", 0, "theirs"]] });
      await nextUpdateOf(rude, "k");
      const claim = async (afterUs: number): Promise<void> => {
        sendUpdate(rude, { stampUs: nowUs + afterUs, entries: [["k", 0, "rude"]] });
        await meshFence(rude, node);
        await owner.barrier();
      };
      for (const afterUs of [0, 1, 2]) await claim(afterUs);
      const { items } = await owner.next(isContender, "a contender");
      checkEqual((items[2] as readonly unknown[])[0], "k", "the key");
      checkEqual(told(owner, isContender), 1, "contenders within a minute");
      await node.advance(61_000);
      await claim(61 * second);
      checkEqual(told(owner, isContender), 2, "contenders after a minute");
      checkEqual(await node.table(), { k: "theirs" }, "the table");
    },
  ),
  nodeCase(
    "sync/leases/stubborn",
    "SYNC-054",
    "a neighbour that goes on to write over a lease that it was shown 10 s ago loses its link, and not before",
    async (stage) => {
      const { node, nowUs } = await openTable(stage);
      await node.call({ do: "set", key: "k", data: "ours" });
      const peer = await tablePeer(stage, node, { id: lowId(3) });
      let count = 0;
      const overwrite = async (): Promise<void> => {
        count += 1;
        sendUpdate(peer, { stampUs: nowUs + count * second, entries: [["k", 0, "rude", 7]] });
        await peer.barrier();
      };
      for (let second = 0; second < 9; second++) {
        await overwrite();
        await node.advance(1_000);
      }
      check(told(peer, isContender) > 0, "the neighbour was not shown the lease");
      await peer.checkAlive();
      await node.advance(1_000);
      for (let more = 0; more < 20 && !peer.hasEnded; more++) await overwrite().catch(() => undefined);
      await peer.nextClose(closeCode.rejected);
      checkEqual(await node.table(), { k: "ours" }, "the table");
    },
  ),
];
