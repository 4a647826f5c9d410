// How one node's record of a key takes writes and ballots (spec/chord-dictionary.md, sections 1 and 2).
import type { Packable } from "../../reference/msgpack.js";
import { toHex, type Value } from "../../reference/value.js";
import type { NodeCase } from "../../runner/case.js";
import { check, checkEqual } from "../../runner/expect.js";
import {
  ask,
  atomic,
  keyOf,
  plain,
  readWrite,
  reason,
  reply,
  writeItems,
  writer,
} from "../../stage/chord-dictionary.js";
import { nowhere } from "../../stage/chord-ring.js";
import { nodeCase } from "../define.js";
import { openAsking, versionOf } from "./asking.js";

const second = 1_000_000;
const low = new Uint8Array(48).fill(1);
const high = new Uint8Array(48).fill(200);

export const recordCases: readonly NodeCase[] = [
  nodeCase("dictionary/questions", "CHORD-200", "a member answers each of the questions", async (stage) => {
    const { ring, nowUs, ask: asked, put, promise, get } = await openAsking(stage);
    const key = keyOf("k");
    const write = plain(nowUs, "v");
    const all: readonly Packable[] = [ring.id, ring.id];
    checkEqual(await asked(ask.get, key), [reply.has, null, true], "the answer to get");
    checkEqual(await put(write), [reply.taken], "the answer to put");
    checkEqual((await promise(nowUs + 1))[0], reply.promised, "the answer to promise");
    checkEqual(versionOf(await get()), versionOf(write), "what it has");
    const copies = [[keyOf("copied"), writeItems(write)]];
    checkEqual(await asked(ask.copies, copies), [reply.copied, Uint8Array.of(1)], "the answer to copies");
    checkEqual(await asked(ask.have, key, nowUs, writer), [reply.copied, Uint8Array.of(1)], "the answer to have");
    checkEqual(
      await asked(ask.have, key, nowUs + 1, writer),
      [reply.copied, Uint8Array.of(0)],
      "have of a newer version",
    );
    checkEqual((await asked(ask.compare, ...all, new Uint8Array(512)))[0], reply.differs, "the answer to compare");
    const [kind, keys, next] = await asked(ask.walk, ...all, true);
    checkEqual([kind, next], [reply.keys, null], "the answer to walk");
    checkEqual((keys as readonly Value[]).length, 2, "the keys that a walk meets");
  }),
  nodeCase(
    "dictionary/record/newest",
    "CHORD-203",
    "the newest plain write is kept, in whatever order writes come",
    async (stage) => {
      const { nowUs, put, get } = await openAsking(stage);
      const [first, middle, last] = [plain(nowUs, 1), plain(nowUs + 1, 2), plain(nowUs + 2, 3)] as const;
      checkEqual(await put(middle), [reply.taken], "the answer to the first");
      checkEqual(await put(last), [reply.taken], "the answer to a newer one");
      checkEqual(await put(first), [reply.stale, last.timeUs, writer], "the answer to an older one");
      checkEqual(await put(middle), [reply.stale, last.timeUs, writer], "the answer to the first again");
      checkEqual(await put(last), [reply.taken], "the answer to the newest again");
      checkEqual(versionOf(await get()), versionOf(last), "what it has");
    },
  ),
  nodeCase("dictionary/record/order", "CHORD-204", "at one time, the bytes of the ids decide", async (stage) => {
    const { nowUs, put, get, promise } = await openAsking(stage);
    checkEqual(await put(plain(nowUs, "low", low)), [reply.taken], "the answer to the lower one");
    checkEqual(await put(plain(nowUs, "high", high)), [reply.taken], "the answer to the higher one");
    checkEqual(await put(plain(nowUs, "low", low)), [reply.stale, nowUs, high], "the answer to the lower one again");
    checkEqual(versionOf(await get()), [nowUs, toHex(high)], "what it has");
    checkEqual((await promise(nowUs + 5, high))[0], reply.promised, "the answer to a ballot");
    checkEqual(await promise(nowUs + 5, low), [reply.stale, nowUs + 5, high], "the answer to a lower ballot");
  }),
  nodeCase(
    "dictionary/record/promises",
    "CHORD-221",
    "a ballot is promised if it is newer than the write and not older than the promise",
    async (stage) => {
      const { nowUs, put, promise } = await openAsking(stage);
      await put(plain(nowUs, 1));
      for (const timeUs of [nowUs - 1, nowUs]) {
        checkEqual(await promise(timeUs), [reply.stale, nowUs, writer], "the answer to a ballot that is not newer");
      }
      for (const timeUs of [nowUs + 5, nowUs + 5, nowUs + 6]) {
        const [kind, write] = await promise(timeUs);
        checkEqual(
          [kind, versionOf(readWrite(write))],
          [reply.promised, [nowUs, toHex(writer)]],
          "the answer to a ballot",
        );
      }
      checkEqual(
        await promise(nowUs + 5),
        [reply.stale, nowUs + 6, writer],
        "the answer to a ballot older than the promise",
      );
    },
  ),
  nodeCase(
    "dictionary/record/atomic",
    "CHORD-222 CHORD-224",
    "an atomic write is taken if it is newer than the write and not older than the promise",
    async (stage) => {
      const { ring, nowUs, put, promise, get } = await openAsking(stage);
      const groups = [{ needed: 1, members: [ring.id] }];
      await promise(nowUs + 5);
      checkEqual(
        await put(atomic(nowUs + 4, 1, groups)),
        [reply.stale, nowUs + 5, writer],
        "one older than the promise",
      );
      checkEqual(await put(atomic(nowUs + 5, 2, groups)), [reply.taken], "the one that was promised");
      checkEqual(await put(atomic(nowUs + 5, 2, groups)), [reply.taken], "the same again");
      checkEqual(await put(atomic(nowUs + 3, 3, groups)), [reply.stale, nowUs + 5, writer], "one older than the write");
      checkEqual(await put(plain(nowUs + 9, 4)), [reply.atomic], "a plain one that is newer");
      checkEqual(await put(plain(nowUs + 1, 4)), [reply.atomic], "a plain one that is older");
      checkEqual(await put(atomic(nowUs + 8, 5, groups)), [reply.taken], "a newer one");
      checkEqual(versionOf(await get()), [nowUs + 8, toHex(writer)], "what it has");
    },
  ),
  nodeCase(
    "dictionary/record/plain-after-promise",
    "CHORD-223",
    "a plain write older than the promise is not taken",
    async (stage) => {
      const { nowUs, put, promise, get } = await openAsking(stage);
      await promise(nowUs + 5);
      checkEqual(await put(plain(nowUs + 4, 1)), [reply.stale, nowUs + 5, writer], "one older than the promise");
      checkEqual(await get(), undefined, "what it has");
      checkEqual(await put(plain(nowUs + 6, 1)), [reply.taken], "one newer than the promise");
    },
  ),
  nodeCase(
    "dictionary/clock-ahead",
    "CHORD-252",
    "what is more than 30 minutes ahead is refused, and moves no clock",
    async (stage) => {
      const { ring, nowUs, put, promise, get } = await openAsking(stage);
      const ahead = nowUs + 1_801 * second;
      checkEqual(await put(plain(ahead, 1)), [reply.refused, reason.clockAhead], "a write far ahead");
      checkEqual(await promise(ahead), [reply.refused, reason.clockAhead], "a ballot far ahead");
      await ring.during(ring.node.call({ do: "set", key: "ours", data: 1 }));
      const ours = await get("ours");
      check(ours !== undefined && ours.timeUs < nowUs + 600 * second, `the node's own time is ${String(ours?.timeUs)}`);
      checkEqual(await put(plain(nowUs + 1_790 * second, 1)), [reply.taken], "a write less far ahead");
    },
  ),
  nodeCase("dictionary/full", "CHORD-230", "what would take more room than there is, is refused", async (stage) => {
    const { nowUs, put, promise, get } = await openAsking(stage, { limits: { maxStoredBytes: 5_000 } });
    checkEqual(await put(plain(nowUs, "x".repeat(3_000)), "first"), [reply.taken], "one that fits");
    const large = plain(nowUs, "x".repeat(3_000));
    checkEqual(await put(large, "second"), [reply.refused, reason.full], "one that does not fit");
    for (let number = 0; number < 10; number++) await promise(nowUs, writer, `ballot ${number}`);
    checkEqual(await promise(nowUs, writer, "too many"), [reply.refused, reason.full], "a ballot without room");
    check((await get("first")) !== undefined, "what fitted is gone");
  }),
  nodeCase(
    "dictionary/rate",
    "CHORD-251",
    "of one peer 50,000 writes at once are taken, 5,000 a second after that, and reads always",
    async (stage) => {
      const { ring, nowUs, ask: asked, put, promise, get } = await openAsking(stage);
      const copy = [keyOf("k"), writeItems(plain(nowUs, 1))];
      const copies = async (count: number): Promise<Value | undefined> =>
        (await asked(ask.copies, new Array<Packable>(count).fill(copy)))[0];
      for (let left = 49_999; left > 0; left -= 500)
        checkEqual(await copies(Math.min(500, left)), reply.copied, "the kind of the answer to copies");
      checkEqual(await put(plain(nowUs + 1, 1)), [reply.taken], "the answer to the last that is allowed");
      const refused = [reply.refused, reason.rate];
      checkEqual(await put(plain(nowUs + 2, 1)), refused, "the answer to a write more");
      checkEqual(await promise(nowUs + 2), refused, "the answer to a ballot more");
      const range = [ring.id, ring.id] as const;
      checkEqual(await asked(ask.compare, ...range, new Uint8Array(512)), refused, "the answer to a comparison more");
      checkEqual(await asked(ask.walk, ...range, false), refused, "the answer to a walk more");
      checkEqual(versionOf(await get()), [nowUs + 1, toHex(writer)], "what is read nonetheless");
      await ring.node.advance(1_000);
      for (let left = 4_500; left > 0; left -= 500)
        checkEqual(await copies(500), reply.copied, "the kind of the answer a second later");
      const late = await Promise.all(Array.from({ length: 4 }, () => copies(500)));
      checkEqual(late.at(-1), reply.refused, "the kind of the answer to more than 5,000 in a second");
    },
  ),
  nodeCase(
    "dictionary/rate/looks",
    "CHORD-251",
    "who has a node look through many records pays for that",
    async (stage) => {
      const { ring, nowUs, ask: asked } = await openAsking(stage);
      // Deletes, which a walk looks at and does not tell of.
      const copies = (from: number): Packable[] =>
        Array.from({ length: 500 }, (_, at) => [keyOf(`k${(from + at) % 3_000}`), writeItems(plain(nowUs, undefined))]);
      for (let from = 0; from < 46_000; from += 500)
        checkEqual((await asked(ask.copies, copies(from)))[0], reply.copied, "the kind of the answer to copies");
      const walk = async (): Promise<Value | undefined> => (await asked(ask.walk, ring.id, ring.id, false))[0];
      // Each looks at 3,000 records five times: 234 for that, and one.
      for (let number = 0; number < 16; number++)
        checkEqual(await walk(), reply.keys, "the kind of the answer to a walk");
      await walk();
      await walk();
      checkEqual(await walk(), reply.refused, "the kind of the answer to the 19th walk, with a right to 4,000");
    },
  ),
  nodeCase(
    "dictionary/no-member",
    "CHORD-231",
    "who is no member refuses what it does not hold by name",
    async (stage) => {
      const { ring, nowUs, put, promise } = await openAsking(stage);
      const groups = [{ needed: 1, members: [ring.id] }];
      await put(atomic(nowUs, 1, groups), "bound");
      // It has no ring to be a client of, so it waits.
      void ring.node.call({ do: "serve", serves: false }).catch(() => undefined);
      await ring.until(async () => ((await ring.facts()).role === "seeking" ? true : undefined), "no member");
      checkEqual(await put(plain(nowUs, 1)), [reply.refused, reason.noMember], "a write");
      checkEqual(await promise(nowUs), [reply.refused, reason.noMember], "a ballot");
      checkEqual(await put(atomic(nowUs + 1, 2, groups), "bound"), [reply.taken], "a write of what it holds by name");
      checkEqual((await promise(nowUs + 2, writer, "bound"))[0], reply.promised, "a ballot for what it holds by name");
      const client = await openAsking(stage, { bootstrap: [nowhere], serve: false });
      checkEqual(await client.put(plain(nowUs, 1)), [reply.refused, reason.noMember], "a write, to who never was one");
    },
  ),
  nodeCase(
    "dictionary/deletes",
    "CHORD-232",
    "a delete is remembered for 24 hours, and not for much longer",
    async (stage) => {
      const { ring, nowUs, put, get } = await openAsking(stage);
      await put(plain(nowUs - 1, 1));
      await put(plain(nowUs, undefined));
      const hour = 3_600_000;
      await ring.node.call({ do: "set-wall", ms: nowUs / 1_000 + 23 * hour });
      await ring.pass(60_000, 5_000);
      checkEqual(versionOf(await get()), [nowUs, toHex(writer)], "what it has after 23 hours");
      await ring.node.call({ do: "set-wall", ms: nowUs / 1_000 + 24.1 * hour });
      await ring.pass(60_000, 5_000);
      checkEqual(await get(), undefined, "what it has after 24 hours");
    },
  ),
];
