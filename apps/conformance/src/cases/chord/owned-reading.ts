// How owned keys are read and written where others lie about them (spec/chord-dictionary.md, section 12.2).

import { positionsOf } from "../../reference/positions.js";
import { itemOf } from "../../reference/range-print.js";
import { seedOf } from "../../reference/secure/identity.js";
import { ownedKeyOf } from "../../reference/secure/owned.js";
import { isSameBytes, toHex, type Value } from "../../reference/value.js";
import type { NodeCase } from "../../runner/case.js";
import { check, checkEqual } from "../../runner/expect.js";
import { ownersOf } from "../../stage/chord-circle.js";
import {
  ask,
  encoded,
  isAskFor,
  keyOf,
  readWrite,
  reply,
  type Write,
  writeItems,
} from "../../stage/chord-dictionary.js";
import type { Holder } from "../../stage/chord-holder.js";
import {
  nodeSeed,
  type OwnedRing,
  openHolders,
  ownedName,
  ownedWriteOf,
  ownerId,
  ownerSeed,
  secured,
} from "../../stage/chord-owned.js";
import type { QuestionAnswer } from "../../stage/chord-peer.js";
import { nowhere, StagedRing } from "../../stage/chord-ring.js";
import { closeCode } from "../../stage/messages.js";
import { SecureRingPeer } from "../../stage/secure/secure-ring-peer.js";
import { first } from "../../stage/several.js";
import type { Stage } from "../../stage/stage.js";
import { nodeCase } from "../define.js";

/** Far above all clocks, and a number that every encoder writes the same. */
const far = 2 ** 52;

/** The holders of a key: who owns a position, with how many. */
function ownersIn(
  { ring, holders }: OwnedRing,
  key: string,
): readonly { readonly holder: Holder; readonly count: number }[] {
  const owners = positionsOf(keyOf(key)).map((position) => ownersOf(ring.peers, position)[0]?.hex);
  return holders
    .map((holder) => ({ holder, count: owners.filter((hex) => hex === holder.peer.hex).length }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => a.count - b.count);
}

/** A key of this identity with at least three holders, and the one of fewest positions, which are one or two. */
function keyWithMinority(
  staged: OwnedRing,
  seed: Uint8Array,
): { readonly key: string; readonly liar: Holder; readonly honest: readonly Holder[] } {
  for (let number = 0; ; number += 1) {
    const key = ownedKeyOf(seed, `name ${number}`);
    const [first, ...others] = ownersIn(staged, key);
    if (first === undefined || others.length < 2 || first.count > 2) continue;
    return { key, liar: first.holder, honest: staged.holders.filter((holder) => holder !== first.holder) };
  }
}

function says(kind: number, answer: QuestionAnswer): Holder["says"] {
  return ([asked]) => (asked === kind ? { answer } : undefined);
}

const lastPut = ({ peer }: Holder, key: string): Write | undefined =>
  readWrite(peer.inbox.all.findLast(isAskFor(ask.put, keyOf(key)))?.items[4]);

/** Members that all took what the node wrote, at once. */
function putOf(staged: OwnedRing, key: string): Write {
  const writes = staged.holders.map((holder) => lastPut(holder, key)).filter((write) => write !== undefined);
  check(writes.length > 0, "the node wrote nothing");
  return writes.reduce((newest, write) => (write.timeUs > newest.timeUs ? write : newest));
}

async function checkLiarLoses(staged: OwnedRing, liar: Holder): Promise<void> {
  check(
    staged.ring.peers.some(({ hex }) => hex === liar.peer.hex),
    "the liar is none of the ring",
  );
  await staged.ring.settle();
  check(liar.peer.links[0]?.hasEnded === true, "the link of who lied is still up");
  await liar.peer.links[0]?.nextClose(closeCode.protocol);
}

export const ownedReadingCases: readonly NodeCase[] = [
  nodeCase(
    "dictionary/owned/read",
    "CHORD-272 CHORD-278",
    "what a holder forges counts as no answer, and costs it the link",
    async (stage) => {
      const staged = await openHolders(stage);
      const { key, liar, honest } = keyWithMinority(staged, ownerSeed);
      for (const holder of honest) holder.keep(keyOf(key), ownedWriteOf(stage, { sequence: 5, value: "genuine", key }));
      const genuine = ownedWriteOf(stage, { sequence: 9, value: "genuine", key });
      const forged = { ...genuine, timeUs: far, value: encoded("forged") };
      liar.says = says(ask.get, [reply.has, writeItems(forged), true, 31, 31]);
      const read = staged.ring.node.call({ do: "get", key });
      checkEqual(await staged.ring.during(read), { data: "genuine" }, "what is read");
      await checkLiarLoses(staged, liar);
    },
  ),
  nodeCase(
    "dictionary/owned/read-highest",
    "CHORD-278",
    "what is told without a proof is not read, and the genuine write with the highest sequence is",
    async (stage) => {
      const staged = await openHolders(stage);
      const { key, liar, honest } = keyWithMinority(staged, ownerSeed);
      for (const holder of honest) holder.keep(keyOf(key), ownedWriteOf(stage, { sequence: 5, value: "old", key }));
      honest[0]?.keep(keyOf(key), ownedWriteOf(stage, { sequence: 7, value: "new", key }));
      const { proof: _, ...unproven } = ownedWriteOf(stage, { sequence: far, value: "forged", key });
      liar.says = says(ask.get, [reply.has, writeItems(unproven), true, 31, 31]);
      const { data } = (await staged.ring.during(staged.ring.node.call({ do: "get", key }))) as {
        readonly data?: unknown;
      };
      check(data === "old" || data === "new", `it read ${JSON.stringify(data)}`);
    },
  ),
  nodeCase(
    "dictionary/owned/write",
    "CHORD-280",
    "an owner writes with the time of its clock, with more each time, and with a proof",
    async (stage) => {
      const staged = await openHolders(stage);
      const { ring, nowUs } = staged;
      const key = ownedKeyOf(nodeSeed, "name");
      const sequences: number[] = [];
      for (const value of ["a", "b", "c"]) {
        await ring.during(ring.node.call({ do: "set", key, data: value }));
        const write = putOf(staged, key);
        const { proof } = { ...ownedWriteOf(stage, { sequence: write.timeUs, value, key, signer: nodeSeed }) };
        checkEqual(toHex(write.proof ?? new Uint8Array(0)), toHex(proof ?? new Uint8Array(0)), "its proof");
        check(isSameBytes(write.origin, ring.id), "its origin is another than the owner");
        sequences.push(write.timeUs);
      }
      check((sequences[0] ?? 0) >= nowUs, `its first sequence is ${sequences[0]}, its clock ${nowUs}`);
      check(
        sequences.every((sequence, at) => at === 0 || sequence > (sequences[at - 1] ?? 0)),
        `it gave ${sequences.join(", ")}`,
      );
    },
  ),
  nodeCase(
    "dictionary/owned/write-again",
    "CHORD-280",
    "an owner that is told of a higher sequence of its own writes above it",
    async (stage) => {
      const staged = await openHolders(stage);
      const key = ownedKeyOf(nodeSeed, "name");
      const mine = (sequence: number): Write => ({
        ...ownedWriteOf(stage, { sequence, value: "of before", key, signer: nodeSeed }),
        origin: staged.ring.id,
      });
      for (const holder of staged.holders) {
        holder.says = ([kind, , write]) => {
          const told = mine(far);
          const isOld = kind === ask.put && (readWrite(write)?.timeUs ?? 0) <= far;
          return isOld ? { answer: [reply.stale, told.timeUs, told.origin, writeItems(told)] } : undefined;
        };
      }
      await staged.ring.during(staged.ring.node.call({ do: "set", key, data: "of now" }));
      checkEqual(putOf(staged, key).timeUs, far + 1, "the sequence of its write");
      await staged.ring.during(staged.ring.node.call({ do: "set", key, data: "of later" }));
      check(putOf(staged, key).timeUs > far + 1, "the next write is not above the last");
    },
  ),
  ...(
    [
      ["unshown", "without showing it", () => [reply.stale, far, ownerId]],
      [
        "forged",
        "and shows what it did not write",
        (write: Write) => [reply.stale, far, write.origin, writeItems({ ...write, timeUs: far })],
      ],
      ["atomic", "or that others decide", () => [reply.atomic]],
    ] as const
  ).map(([name, how, lie]) =>
    nodeCase(
      `dictionary/owned/stale-${name}`,
      "CHORD-278",
      `who tells an owner that there is something newer ${how}, tells nothing`,
      async (stage) => {
        const staged = await openHolders(stage);
        const { key, liar } = keyWithMinority(staged, nodeSeed);
        const shown = ownedWriteOf(stage, { sequence: 9, value: "of before", key, signer: nodeSeed });
        liar.says = says(ask.put, lie({ ...shown, origin: staged.ring.id }));
        await staged.ring.during(staged.ring.node.call({ do: "set", key, data: "of now" }));
        check(putOf(staged, key).timeUs < far, `its sequence is ${putOf(staged, key).timeUs}`);
      },
    ),
  ),
  nodeCase(
    "dictionary/owned/not-owner",
    "CHORD-282",
    "writes of keys that another node owns are refused where they are made",
    async (stage) => {
      const staged = await openHolders(stage);
      const { ring, holders } = staged;
      const key = ownedKeyOf(ownerSeed, "name");
      for (const command of [
        { do: "set", key, data: "mine" },
        { do: "delete", key },
        { do: "cas", key, to: { data: "mine" } },
        { do: "pop", key },
      ] as const) {
        const error = await ring.during(ring.node.refused(command));
        checkEqual(error.code, "not-owner", `the error of ${command.do}`);
      }
      await ring.settle();
      const asked = holders.flatMap(({ peer }) => peer.inbox.all.filter((message) => isAskFor(ask.put)(message)));
      checkEqual(asked.length, 0, "writes that it sent");
    },
  ),
  nodeCase(
    "dictionary/owned/walk-forged",
    "CHORD-284",
    "a walk gives no value of an owned key that its owner did not write",
    async (stage) => {
      const staged = await openHolders(stage);
      const { key, liar } = keyWithMinority(staged, ownerSeed);
      const genuine = ownedWriteOf(stage, { sequence: 5, value: "genuine", key });
      for (const holder of staged.holders) {
        const tells = (value: Uint8Array): QuestionAnswer => [
          reply.keys,
          [[keyOf(key), value, 5, genuine.proof ?? null]],
          null,
        ];
        const value = holder === liar ? encoded("forged") : (genuine.value as Uint8Array);
        holder.says = says(ask.walk, tells(value));
      }
      const walk = staged.ring.during(staged.ring.node.call({ do: "entries" }));
      const entries = (await walk) as readonly (readonly [Value, Value])[];
      check(entries.length > 0, "the walk met nothing");
      for (const [, value] of entries) checkEqual(value, "genuine", "a value that the walk gave");
    },
  ),
  nodeCase(
    "dictionary/owned/fetched",
    "CHORD-271 CHORD-272",
    "a new member keeps of its range nothing that the owners of the keys did not write",
    async (stage) => {
      const genuine = ownedWriteOf(stage, { sequence: 5, value: "genuine" });
      const { ring, head } = await joined(stage, { ...genuine, value: encoded("forged") });
      await ring.until(() => (head.links[0]?.hasEnded === true ? true : undefined), "the end of the liar's link");
      await head.links[0]?.nextClose(closeCode.protocol);
      checkEqual((await ring.facts()).records, 0, "keys that it holds");
    },
  ),
  nodeCase("dictionary/owned/fetched-genuine", "CHORD-271", "a new member keeps what they did write", async (stage) => {
    const { ring } = await joined(stage, ownedWriteOf(stage, { sequence: 5, value: "genuine" }));
    await ring.until(async () => ((await ring.facts()).records === 1 ? true : undefined), "a key that it holds");
  }),
];

/** A node that joins a ring of two, and whose successor has a record to tell it. */
async function joined(
  stage: Stage,
  write: Write,
): Promise<{ readonly ring: StagedRing; readonly head: SecureRingPeer }> {
  const ring = await StagedRing.open(stage, { ...secured, bootstrap: [nowhere] });
  const peers = [50, 51].map((number) => new SecureRingPeer(stage, seedOf(number)));
  for (const peer of peers) await peer.listen();
  const [head, other] = first(ownersOf(peers, ring.id), 2);
  ring.peers.push(head, other);
  ring.arrange({ withNode: false });
  const item = itemOf({ key: keyOf(ownedName), ...write });
  head.onQuestion = ([kind]) => {
    if (kind === ask.compare) return [reply.differs, Uint8Array.of(0), item];
    return kind === ask.fetch ? [reply.records, [[keyOf(ownedName), writeItems(write)]]] : 1;
  };
  await head.dial(ring.node);
  await ring.until(async () => ((await ring.facts()).role === "member" ? true : undefined), "a member");
  return { ring, head };
}
