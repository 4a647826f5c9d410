// How a holder takes writes of owned keys, and what becomes of who forges them (spec/chord-dictionary.md, section 12.1).

import { createHash } from "node:crypto";
import { seedOf } from "../../reference/secure/identity.js";
import { canonicalBytesOf, ownedKeyOf } from "../../reference/secure/owned.js";
import { toHex, type Value } from "../../reference/value.js";
import type { NodeCase } from "../../runner/case.js";
import { check, checkEqual } from "../../runner/expect.js";
import { ask, encoded, keyOf, plain, reason, reply, type Write, writeItems } from "../../stage/chord-dictionary.js";
import {
  clientOf,
  type OwnedAsking,
  type OwnedClient,
  openOwned,
  ownedName,
  ownedWriteOf,
  ownerId,
} from "../../stage/chord-owned.js";
import type { Message } from "../../stage/message.js";
import { closeCode, handshakeMap } from "../../stage/messages.js";
import { secureNetworkId } from "../../stage/secure/shake.js";
import type { Stage } from "../../stage/stage.js";
import { nodeCase } from "../define.js";

const day = 86_400_000;

const versionOf = (write: Write | undefined): unknown => write && [write.timeUs, toHex(write.origin)];
const contentOf = (write: Write | undefined): unknown => write && [write.timeUs, write.value && toHex(write.value)];

/** Writes that the owner of the key did not make, by what is wrong with them. */
function forgeries(stage: Stage): readonly (readonly [string, Write])[] {
  const good = ownedWriteOf(stage, { sequence: 9, value: "mine" });
  const of = (parts: Parameters<typeof ownedWriteOf>[1]["signed"]): Write =>
    ownedWriteOf(stage, { sequence: 9, value: "mine", ...(parts === undefined ? {} : { signed: parts }) });
  const { proof: _, ...unproven } = good;
  const other = ownedWriteOf(stage, { sequence: 9, value: "mine", signer: seedOf(42) });
  return [
    ["no proof", unproven],
    ["another's proof", other],
    ["another as origin", { ...other, origin: new Uint8Array(48).fill(3) }],
    ["another value", { ...good, value: encoded("forged") }],
    ["no value", { ...good, value: null }],
    ["another sequence", { ...good, timeUs: 10 }],
    ["a proof for another key", of({ key: `${ownedName}s` })],
    ["a proof for another network", of({ networkId: new Uint8Array(32) })],
    ["a proof for a table", of({ realm: "sync" })],
    ["a short proof", { ...good, proof: (good.proof as Uint8Array).subarray(0, 95) }],
    ["a value that is none", { ...good, value: Uint8Array.of(0xc1) }],
  ];
}

/** The node closes the link of who sends this. */
async function closesOn({ peer }: OwnedClient, kind: number, write: Write): Promise<void> {
  const [key, items] = [keyOf(ownedName), writeItems(write)];
  if (kind === ask.put) peer.question(kind, key, items);
  else peer.question(kind, [[key, items]]);
  await peer.link.nextClose(closeCode.protocol);
}

async function started(stage: Stage, write: Write): Promise<OwnedAsking & { readonly honest: OwnedClient }> {
  const staged = await openOwned(stage);
  const honest = await staged.client();
  checkEqual(await honest.put(write), [reply.taken], "the answer to what the owner wrote");
  return { ...staged, honest };
}

export const ownedCases: readonly NodeCase[] = [
  nodeCase(
    "dictionary/owned/feature",
    "CHORD-270",
    "`owned/1` is listed and needed under security, and not listed without",
    async (stage) => {
      const { ring } = await openOwned(stage);
      const line = await stage.connectLine(ring.node);
      const peer = stage.peerOf(line, await stage.shakeLine(line, "dialler"));
      const net = secureNetworkId(stage.network, false);
      peer.sendHandshake({ network: stage.network, net, features: ["chord/1", "requests/1"] });
      checkEqual(
        featuresOf(await peer.nextHandshake()).includes("owned/1"),
        true,
        "whether a node under security lists it",
      );
      await peer.nextClose(closeCode.featureMissing);
      const plainly = await stage.open({ kind: "chord" });
      const dialled = await stage.connect(plainly);
      dialled.sendHandshake({ network: stage.network, features: ["chord/1", "requests/1"] });
      checkEqual(
        featuresOf(await dialled.nextHandshake()).includes("owned/1"),
        false,
        "whether a node without security lists it",
      );
    },
  ),
  nodeCase(
    "dictionary/owned/sequence",
    "CHORD-274 CHORD-277",
    "the genuine write with the highest sequence is kept, and told to who comes with a lower one",
    async (stage) => {
      const newest = ownedWriteOf(stage, { sequence: 7, value: "new" });
      const { honest } = await started(stage, ownedWriteOf(stage, { sequence: 5, value: "old" }));
      checkEqual(await honest.put(newest), [reply.taken], "the answer to a higher one");
      const stale = [reply.stale, 7, ownerId, writeItems(newest)];
      for (const sequence of [5, 6]) {
        checkEqual(
          await honest.put(ownedWriteOf(stage, { sequence, value: "old" })),
          stale,
          "the answer to a lower one",
        );
      }
      checkEqual(await honest.put(newest), [reply.taken], "the answer to the same");
      checkEqual(contentOf(await honest.get()), [7, toHex(encoded("new"))], "what it has");
    },
  ),
  nodeCase(
    "dictionary/owned/content",
    "CHORD-274",
    "of two genuine writes of one sequence that with the greater content is kept, in whatever order they come",
    async (stage) => {
      const { client } = await openOwned(stage);
      const { put, get } = await client();
      // `sort` leaves what is undefined to the end.
      const values = [undefined, 1, "a", "b", ["a"], { a: 1 }].map((value) => ({ value, bytes: canonical(value) }));
      const sorted = values.sort((a, b) => compare(a.bytes, b.bytes)).map(({ value }) => value);
      for (const [at, less] of sorted.entries()) {
        for (const more of sorted.slice(at + 1)) {
          for (const isFirst of [true, false]) {
            const key = ownedKeyOf(seedOf(41), `${JSON.stringify([less ?? "-", more])} ${isFirst}`);
            const [small, great] = [less, more].map((value) => ownedWriteOf(stage, { sequence: 7, value, key }));
            if (small === undefined || great === undefined) continue;
            await put(isFirst ? small : great, key);
            await put(isFirst ? great : small, key);
            checkEqual(contentOf(await get(key)), contentOf(great), `what it has of ${key}`);
          }
        }
      }
    },
  ),
  nodeCase(
    "dictionary/owned/forged-put",
    "CHORD-271 CHORD-272",
    "who puts what the owner did not write loses the link, and nothing is kept",
    async (stage) => {
      const { honest, client } = await started(stage, ownedWriteOf(stage, { sequence: 5, value: "mine" }));
      for (const [what, write] of forgeries(stage)) {
        await closesOn(await client(), ask.put, write);
        checkEqual(contentOf(await honest.get()), [5, toHex(encoded("mine"))], `what it has after ${what}`);
      }
    },
  ),
  nodeCase(
    "dictionary/owned/forged-copies",
    "CHORD-271 CHORD-272",
    "who sends copies of what the owner did not write loses the link, and nothing is kept",
    async (stage) => {
      const { client } = await openOwned(stage);
      const honest = await client();
      for (const [what, write] of forgeries(stage)) {
        await closesOn(await client(), ask.copies, write);
        checkEqual(await honest.get(), undefined, `what it has after ${what}`);
      }
      const copies = [[keyOf(ownedName), writeItems(ownedWriteOf(stage, { sequence: 5, value: "mine" }))]];
      checkEqual(
        await honest.ask(ask.copies, copies),
        [reply.copied, Uint8Array.of(1)],
        "the answer to a genuine copy",
      );
    },
  ),
  nodeCase(
    "dictionary/owned/distrust",
    "CHORD-273",
    "what a forger brings is not believed for 60 s, and is after that",
    async (stage) => {
      const genuine = ownedWriteOf(stage, { sequence: 9, value: "mine" });
      const { client, ring, honest } = await started(stage, ownedWriteOf(stage, { sequence: 5, value: "mine" }));
      const forger = await client();
      await closesOn(forger, ask.put, { ...genuine, value: encoded("forged") });
      await closesOn(await clientOf(stage, ring, forger.peer.seed), ask.put, genuine);
      checkEqual((await honest.get())?.timeUs, 5, "the sequence of what it has");
      await ring.node.advance(61_000);
      const again = await clientOf(stage, ring, forger.peer.seed);
      checkEqual(await again.put(genuine), [reply.taken], "the answer 61 s later");
    },
  ),
  nodeCase(
    "dictionary/owned/clock",
    "CHORD-275",
    "a sequence far ahead of all clocks is taken, and sets none",
    async (stage) => {
      const { ring, nowUs, client } = await openOwned(stage);
      const { put, get } = await client();
      const far = ownedWriteOf(stage, { sequence: Number.MAX_SAFE_INTEGER, value: "for good" });
      checkEqual(await put(far), [reply.taken], "the answer to the last sequence there is");
      await ring.during(ring.node.call({ do: "set", key: "plain", data: 1 }));
      const timeUs = (await get("plain"))?.timeUs ?? 0;
      check(timeUs < nowUs + 60_000_000, `the node wrote at ${timeUs}, with its clock at ${nowUs}`);
      checkEqual(
        await put(plain(Number.MAX_SAFE_INTEGER, 1), "k"),
        [reply.refused, reason.clockAhead],
        "a plain write",
      );
    },
  ),
  nodeCase(
    "dictionary/owned/no-votes",
    "CHORD-276",
    "nobody votes on an owned key, and nobody proves a write of a key that is not owned",
    async (stage) => {
      const { ring, nowUs, client } = await openOwned(stage);
      const { peer, ask: asked, get } = await client();
      const ballot = await asked(ask.promise, keyOf(ownedName), nowUs, ownerId);
      checkEqual(ballot, [reply.refused, reason.owned], "the answer to a ballot");
      checkEqual((await ring.facts()).records, 0, "what it holds after that");
      const key = "@bob/x";
      const [status] = await ring.answer(
        peer,
        ask.put,
        keyOf(key),
        writeItems(ownedWriteOf(stage, { sequence: 5, value: 1, key })),
      );
      check(status !== 0, "a write with a proof of a key that nobody owns is answered");
      checkEqual(await get(key), undefined, "what it has of that");
    },
  ),
  nodeCase(
    "dictionary/owned/delete",
    "CHORD-279",
    "a delete is kept for as long as a value, so that what was deleted does not come back",
    async (stage) => {
      const { ring, nowUs, honest } = await started(stage, ownedWriteOf(stage, { sequence: 5, value: "mine" }));
      const gone = ownedWriteOf(stage, { sequence: 6, value: undefined });
      checkEqual(await honest.put(gone), [reply.taken], "the answer to the delete");
      await ring.node.call({ do: "set-wall", ms: nowUs / 1_000 + 400 * day });
      await ring.pass(60_000, 5_000);
      const again = await honest.put(ownedWriteOf(stage, { sequence: 5, value: "mine" }));
      checkEqual(again, [reply.stale, 6, ownerId, writeItems(gone)], "the answer to the old value");
    },
  ),
  nodeCase(
    "dictionary/owned/room",
    "CHORD-285",
    "owned keys fill no more than half of the room, deleted ones as well, and others find room then",
    async (stage) => {
      const { client } = await openOwned(stage, { limits: { maxStoredBytes: 200_000 } });
      const { put } = await client();
      const value = "x".repeat(5_000);
      const owned = (number: number, content: Value | undefined): ReturnType<typeof put> => {
        const key = `${ownedName} ${number}`;
        return put(ownedWriteOf(stage, { sequence: 5, value: content, key }), key);
      };
      let taken = 0;
      for (let number = 0; number < 40; number++) if ((await owned(number, value))[0] === reply.taken) taken += 1;
      check(taken > 8 && taken <= 20, `${taken} owned values of 5,000 bytes in 200,000`);
      for (let number = 40; number < 400; number++) await owned(number, undefined);
      checkEqual(await owned(400, undefined), [reply.refused, reason.full], "the answer to one delete more");
      for (let number = 0; number < 12; number++) {
        checkEqual(await put(plain(5, value), `plain ${number}`), [reply.taken], `the answer to plain write ${number}`);
      }
    },
  ),
  nodeCase(
    "dictionary/owned/store",
    "CHORD-271 CHORD-279",
    "a store that was out of use gives back what is owned, and no forgeries are stored",
    async (stage) => {
      const ago = Date.now() - 3 * day;
      const store = `${stage.network} owned`;
      const before = await openOwned(stage, { store, wallMs: ago });
      const first = await before.client();
      await first.put(ownedWriteOf(stage, { sequence: 5, value: "mine" }));
      await first.put(plain(ago * 1_000, 1), "plain");
      const gone = `${ownedName} gone`;
      await first.put(ownedWriteOf(stage, { sequence: 6, value: undefined, key: gone }), gone);
      await before.ring.pass(90_000, 5_000);
      await before.ring.node.call({ do: "crash" });
      const { client } = await openOwned(stage, { store });
      const { get } = await client();
      checkEqual(contentOf(await get()), [5, toHex(encoded("mine"))], "the value of three days ago");
      checkEqual(contentOf(await get(gone)), [6, null], "the delete of three days ago");
      checkEqual(await get("plain"), undefined, "a plain write of three days ago");
    },
  ),
  nodeCase(
    "dictionary/owned/item",
    "CHORD-283",
    "where ranges are compared, the last byte of an owned record tells of its content",
    async (stage) => {
      const { ring, honest } = await started(stage, ownedWriteOf(stage, { sequence: 5, value: { a: 1 } }));
      const lastByte = async (): Promise<unknown> => {
        const [, , items] = await honest.ask(ask.compare, ring.id, ring.id, new Uint8Array(512));
        check(items instanceof Uint8Array && items.length >= 16, "there are no items");
        return items[15];
      };
      checkEqual(await lastByte(), hashOf({ a: 1 }), "the last byte for a value");
      await honest.put(ownedWriteOf(stage, { sequence: 6, value: undefined }));
      checkEqual(await lastByte(), 0, "the last byte for none");
    },
  ),
  nodeCase("dictionary/owned/walk", "CHORD-281", "a walk for values is told what proves them", async (stage) => {
    const write = ownedWriteOf(stage, { sequence: 5, value: "mine" });
    const { ring, honest } = await started(stage, write);
    const told = await honest.ask(ask.walk, ring.id, ring.id, true);
    checkEqual(
      told,
      [reply.keys, [[keyOf(ownedName), write.value, 5, write.proof ?? null]], null],
      "the answer to a walk",
    );
    checkEqual(versionOf(await honest.get()), [5, toHex(ownerId)], "what it has");
  }),
];

function featuresOf(handshake: Message): readonly Value[] {
  return handshakeMap(handshake).features as readonly Value[];
}

function canonical(value: Value | undefined): Uint8Array | undefined {
  return value === undefined ? undefined : canonicalBytesOf(value);
}

function compare(a: Uint8Array | undefined, b: Uint8Array | undefined): number {
  if (a === undefined || b === undefined) return a === b ? 0 : a === undefined ? -1 : 1;
  return Buffer.compare(a, b);
}

function hashOf(value: Value): number | undefined {
  return createHash("sha256").update(canonicalBytesOf(value)).digest().at(-1);
}
