// What members do by themselves with what they hold (spec/chord-dictionary.md, sections 6.1 and 7).
import { itemOf, type Kept, placesIn, printsOf } from "../../reference/range-print.js";
import { isSameBytes, toHex, type Value } from "../../reference/value.js";
import type { NodeCase } from "../../runner/case.js";
import { check, checkEqual } from "../../runner/expect.js";
import { at, isIn, way } from "../../stage/chord-circle.js";
import { ask, atomic, isAskFor, keyOf, plain, readWrite, reply, writer } from "../../stage/chord-dictionary.js";
import { Holder } from "../../stage/chord-holder.js";
import { nowhere, StagedRing } from "../../stage/chord-ring.js";
import { first } from "../../stage/several.js";
import { nodeCase } from "../define.js";
import { askingOf, joiningRing, openAsking } from "./asking.js";
import { between, findKey, firstPosition } from "./keys.js";

export const upkeepCases: readonly NodeCase[] = [
  nodeCase(
    "dictionary/joined/ready",
    "CHORD-211",
    "a new member is not ready before it has claimed its range and compared it with the member after it",
    async (stage) => {
      const ring = await joiningRing(stage);
      const isReady = async (): Promise<Value | undefined> => (await ring.answer(ring.peer(1), ask.get, keyOf("k")))[3];
      checkEqual(await isReady(), false, "readiness before the comparison");
      const claim = await ring.next(ring.peer(0), isAskFor(ask.claim), "a claim", 1_000);
      ring
        .peer(0)
        .say(
          0x4a,
          claim.items[1] as number,
          0,
          reply.given,
          claim.items[3] as Uint8Array,
          claim.items[3] as Uint8Array,
        );
      const question = await ring.next(ring.peer(0), isAskFor(ask.compare), "a comparison", 1_000);
      checkEqual(
        [question.items[3], question.items[4]].map((one) => toHex(one as Uint8Array)),
        [ring.last.hex, ring.hex],
        "the range",
      );
      ring.peer(0).say(0x4a, question.items[1] as number, 0, reply.differs, new Uint8Array(0), new Uint8Array(0));
      await ring.settle();
      checkEqual(await isReady(), true, "readiness after the comparison");
    },
  ),
  nodeCase(
    "dictionary/sure/founder",
    "CHORD-218",
    "who founded the ring would know of every key; who joins and has compared nothing, of none",
    async (stage) => {
      const { promise, nowUs } = await openAsking(stage);
      checkEqual((await promise(nowUs))[2], 31, "the positions that a founder is sure of");
      const ring = await StagedRing.open(stage, { bootstrap: [nowhere] });
      for (const fraction of [0.2, 0.4]) await ring.add(fraction);
      ring.arrange({ withNode: false });
      for (const peer of ring.peers) peer.onQuestion = () => undefined;
      await ring.peer(0).dial(ring.node);
      await ring.until(async () => ((await ring.facts()).role === "member" ? true : undefined), "a member");
      const own = findKey((positions) => between(ring, 0.41, 0.99)(firstPosition(positions)));
      const joined = await ring.answer(ring.peer(0), ask.promise, keyOf(own), Date.now() * 1_000, writer);
      checkEqual(joined[3], 0, "the positions that a new member is sure of");
    },
  ),
  ...[false, true].map((hasTold) =>
    nodeCase(
      `dictionary/sure/${hasTold ? "told" : "taken-over"}`,
      "CHORD-218",
      hasTold
        ? "who compared its range before it vanished leaves no doubt"
        : "who takes a range over from who vanished is not sure of it, for a while",
      async (stage) => {
        const ring = await StagedRing.of(stage, [0.2, 0.6, 0.9], { limits: { abandonMs: 60_000 } });
        const [a, b, last] = first(ring.peers, 3);
        for (const peer of ring.peers) new Holder(peer);
        await ring.pass(2_000);
        const theirs = findKey((positions) => between(ring, 0.61, 0.89)(firstPosition(positions)));
        const own = findKey((positions) => between(ring, 0.91, 0.99)(firstPosition(positions)));
        if (hasTold) await ring.answer(last, ask.compare, b.id, last.id, new Uint8Array(512));
        last.die();
        await ring.until(async () => ((await ring.facts()).predecessor === null ? true : undefined), "no predecessor");
        b.notify();
        await ring.settle();
        const isSure = async (key: string): Promise<boolean> => {
          const answer = await ring.answer(a, ask.promise, keyOf(key), Date.now() * 1_000, writer);
          return (Number(answer[3]) & 1) !== 0;
        };
        checkEqual([await isSure(own), await isSure(theirs)], [true, hasTold], "what it is sure of: its own, theirs");
        await ring.pass(61_000, 1_000);
        checkEqual(await isSure(theirs), true, "what it is sure of in the end");
      },
    ),
  ),
  nodeCase(
    "dictionary/compare/answer",
    "CHORD-233",
    "who is asked to compare answers with what it has in parts that differ",
    async (stage) => {
      const { ring, nowUs, ask: asked, put } = await openAsking(stage);
      const records = Array.from(
        { length: 30 },
        (_, number): Kept => ({
          key: keyOf(`key ${number}`),
          timeUs: nowUs + number,
          origin: writer,
        }),
      );
      for (const [number, { timeUs }] of records.entries()) await put(plain(timeUs, number), `key ${number}`);
      for (const [after, upTo] of [
        [ring.id, ring.id],
        [at(ring.id, 0.1), at(ring.id, 0.4)],
      ] as const) {
        const places = placesIn({ after, upTo }, records, isIn);
        const prints = printsOf(places);
        const empty = new Uint8Array(0);
        checkEqual(
          await asked(ask.compare, after, upTo, prints),
          [reply.differs, empty, empty],
          "the answer to the same",
        );
        const part = places[7]?.part ?? 0;
        const other = prints.slice();
        other[part * 8] = (other[part * 8] ?? 0) ^ 1;
        const [, parts, items] = await asked(ask.compare, after, upTo, other);
        checkEqual(parts, Uint8Array.of(part), "the parts that differ");
        const cut = Array.from({ length: (items as Uint8Array).length / 16 }, (_, index) =>
          toHex((items as Uint8Array).slice(index * 16, index * 16 + 16)),
        );
        const wanted = places.filter((place) => place.part === part).map(({ item }) => toHex(item));
        checkEqual(cut.sort(), wanted.sort(), "the items in that part");
      }
      const [, copies] = await asked(ask.fetch, ring.id, ring.id, itemOf(records[3] as Kept).subarray(0, 8));
      checkEqual((copies as readonly Value[]).length, 1, "records that are fetched");
    },
  ),
  nodeCase(
    "dictionary/compare/question",
    "CHORD-233",
    "who compares tells the fingerprints of its range",
    async (stage) => {
      const ring = await StagedRing.of(stage, [0.3, 0.6]);
      for (const peer of ring.peers) new Holder(peer);
      const { put, nowUs } = await askingOf(ring);
      const records: Kept[] = [];
      for (let number = 0; number < 20; number++) {
        const record = { key: keyOf(`key ${number}`), timeUs: nowUs + number, origin: writer };
        records.push(record);
        await put(plain(record.timeUs, number), `key ${number}`);
      }
      const seen = ring.peer(0).inbox.all.length;
      const question = await ring.until(
        () => ring.peer(0).inbox.all.slice(seen).find(isAskFor(ask.compare)),
        "a comparison",
        60_000,
        1_000,
      );
      const [, , , after, upTo, prints] = question.items as readonly Uint8Array[];
      const range = { after: after as Uint8Array, upTo: upTo as Uint8Array };
      checkEqual([toHex(range.after), toHex(range.upTo)], [ring.last.hex, ring.hex], "the range");
      const wanted = printsOf(placesIn(range, records, isIn));
      check(
        wanted.some((byte) => byte !== 0),
        "no record is in the range",
      );
      check(prints !== undefined && isSameBytes(prints, wanted), "the fingerprints are others");
    },
  ),
  nodeCase(
    "dictionary/drop",
    "CHORD-215",
    "a record is dropped when the owners of all its positions have it, and not before",
    async (stage) => {
      const ring = await StagedRing.of(stage, [0.25, 0.5, 0.75], { limits: { auditMs: 1_000 } });
      const [a, b] = first(
        ring.peers.map((peer) => new Holder(peer)),
        2,
      );
      const { put, nowUs } = await askingOf(ring);
      const isNear = between(ring, 0.001, 0.499);
      const key = findKey(
        (positions) =>
          positions.every((position) => isNear(position)) &&
          positions.some((position) => way(ring.id, position) > way(ring.id, a.peer.id)) &&
          positions.some((position) => way(ring.id, position) < way(ring.id, a.peer.id)),
      );
      b.says = ([kind]) =>
        kind === ask.have || kind === ask.copies ? { answer: [reply.copied, Uint8Array.of(0)] } : undefined;
      await put(plain(nowUs, "v"), key);
      await ring.pass(15_000, 500);
      check(a.write(keyOf(key)) !== undefined, "the other owner did not get the record");
      checkEqual((await ring.facts()).records, 1, "records while one owner does not have it");
      b.says = () => undefined;
      await ring.until(async () => ((await ring.facts()).records === 0 ? true : undefined), "no record", 30_000, 500);
      check(b.write(keyOf(key)) !== undefined, "the record was dropped before the owner had it");
    },
  ),
  nodeCase(
    "dictionary/abandon",
    "CHORD-229",
    "a key whose holders are gone gets others after ten minutes, and not before",
    async (stage) => {
      const ring = await StagedRing.of(stage, [0.25, 0.5, 0.75], { limits: { auditMs: 5_000, abandonMs: 120_000 } });
      const holders = ring.peers.map((peer) => new Holder(peer));
      const { put, nowUs } = await askingOf(ring);
      await ring.pass(5_000, 500);
      const text = findKey((positions) => between(ring, 0.76, 0.99)(firstPosition(positions)));
      const gone = [1, 2].map((byte) => new Uint8Array(48).fill(byte));
      const write = atomic(nowUs, "v", [{ needed: 2, members: [ring.id, ...gone] }]);
      await put(write, text);
      const others = (): boolean =>
        holders.some(({ peer }) =>
          peer.inbox.all.filter(isAskFor(ask.put, keyOf(text))).some(({ items }) => {
            const members = readWrite(items[4])?.groups?.flatMap((group) => group.members) ?? [];
            return members.some((member) => ring.peers.some(({ id }) => isSameBytes(id, member)));
          }),
        );
      await ring.pass(100_000, 2_000);
      checkEqual(others(), false, "whether the key got others after 100 s");
      await ring.until(() => (others() ? true : undefined), "other holders", 120_000, 2_000);
    },
  ),
];
