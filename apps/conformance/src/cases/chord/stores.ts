// What a node keeps on disk, and what it has again after a crash (spec/chord-dictionary.md, sections 1, 2 and 9).
import { toHex } from "../../reference/value.js";
import type { NodeCase } from "../../runner/case.js";
import { check, checkEqual } from "../../runner/expect.js";
import { atomic, plain, reply, writer } from "../../stage/chord-dictionary.js";
import { StagedRing } from "../../stage/chord-ring.js";
import { nodeCase } from "../define.js";
import { askingOf, openAsking } from "./asking.js";

export const storeCases: readonly NodeCase[] = [
  nodeCase(
    "dictionary/store/crash",
    "CHORD-235",
    "what was taken or promised is there again after a crash",
    async (stage) => {
      const before = await openAsking(stage, { store: stage.network });
      const { nowUs, ring } = before;
      await before.put(plain(nowUs, "value"));
      await before.put(atomic(nowUs, "held", [{ needed: 1, members: [ring.id] }]), "atomic");
      await before.promise(nowUs + 9, writer, "promised");
      await ring.node.call({ do: "crash" });
      const after = await openAsking(stage, { store: stage.network });
      checkEqual(after.ring.hex, ring.hex, "the id");
      checkEqual((await after.get())?.timeUs, nowUs, "the time of the plain write");
      const held = await after.get("atomic");
      checkEqual(
        held?.groups?.map(({ members }) => members.map(toHex)),
        [[ring.hex]],
        "the holders of the atomic write",
      );
      const old = plain(nowUs + 8, 1);
      checkEqual(await after.put(old, "promised"), [reply.stale, nowUs + 9, writer], "a write older than the promise");
    },
  ),
  nodeCase(
    "dictionary/store/times",
    "CHORD-202 CHORD-236",
    "no time is given twice, also by a node that starts again with its clock set back",
    async (stage) => {
      const before = await openAsking(stage, { store: stage.network });
      const times: number[] = [];
      const write = async ({ ring, get }: typeof before, key: string): Promise<void> => {
        await ring.during(ring.node.call({ do: "set", key, data: 1 }));
        times.push((await get(key))?.timeUs ?? 0);
      };
      await write(before, "a");
      await write(before, "b");
      await before.ring.node.call({ do: "set-wall", ms: before.nowUs / 1_000 - 600_000 });
      await write(before, "c");
      await before.ring.node.call({ do: "crash" });
      const ring = await StagedRing.open(stage, { store: stage.network });
      const after = await askingOf(ring, before.nowUs / 1_000 - 600_000);
      await write(after, "d");
      await write(after, "e");
      const isRising = times.every((time, index) => index === 0 || time > (times[index - 1] ?? 0));
      check(isRising, `the times were ${times.map((time) => time - before.nowUs).join(", ")} µs from the first clock`);
    },
  ),
  nodeCase(
    "dictionary/store/outdated",
    "CHORD-237",
    "records of a store that was out of use for more than a day are dropped",
    async (stage) => {
      const day = 86_400_000;
      for (const [agoMs, isKept] of [
        [day - 600_000, true],
        [day + 600_000, false],
      ] as const) {
        const store = `${stage.network} ${agoMs}`;
        const old = await StagedRing.open(stage, { store, wallMs: Date.now() - agoMs });
        const before = await askingOf(old, Date.now() - agoMs);
        await before.put(plain(before.nowUs, 1));
        await before.ring.pass(90_000, 5_000);
        await before.ring.node.call({ do: "crash" });
        const after = await openAsking(stage, { store });
        checkEqual((await after.get()) !== undefined, isKept, `whether records of ${agoMs} ms ago are there`);
      }
    },
  ),
];
