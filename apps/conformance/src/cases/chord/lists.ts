// What a member knows of its neighbours, and what it does when they come and go (spec/chord.md, sections 1, 2 and 4).
import type { Value } from "../../reference/value.js";
import type { NodeCase } from "../../runner/case.js";
import { check, checkEqual } from "../../runner/expect.js";
import { at } from "../../stage/chord-circle.js";
import { askBit, hasBit, isAnswer, isAsk, isHint, isNotice, isProbe, isStanding } from "../../stage/chord-messages.js";
import { hexes } from "../../stage/chord-peer.js";
import { StagedRing } from "../../stage/chord-ring.js";
import type { Message } from "../../stage/message.js";
import { closeCode, handshakeMap } from "../../stage/messages.js";
import { first } from "../../stage/several.js";
import { nodeCase } from "../define.js";

export const listCases: readonly NodeCase[] = [
  nodeCase("chord/feature", "CHORD-001", "the feature is listed, and peers without it refused", async (stage) => {
    const { node } = await StagedRing.open(stage);
    const sound = await stage.connect(node);
    sound.sendHandshake({ network: stage.network, features: ["chord/1", "requests/1"] });
    const features = handshakeMap(await sound.nextHandshake()).features as readonly string[];
    check(features.includes("chord/1"), `the features are ${features.join()}`);
    await sound.checkAlive();
    const other = await stage.connect(node);
    other.sendHandshake({ network: stage.network, features: ["requests/1"] });
    await other.nextClose(closeCode.featureMissing);
  }),
  nodeCase(
    "chord/standing",
    "CHORD-003",
    "the standing comes first on a new link, and again with each change",
    async (stage) => {
      const ring = await StagedRing.of(stage, [0.3, 0.6]);
      const [first] = ring.peer(0).inbox.all;
      check(first !== undefined && isStanding(first), "the first message of the ring is no standing");
      checkEqual(first.items[1], 2, "the standing of a member");
      await ring.during(ring.node.call({ do: "serve", serves: false }));
      const next = await ring.next(ring.peer(0), (one) => isStanding(one) && one !== first, "another standing");
      checkEqual(next.items[1], 0, "the standing of a client");
    },
  ),
  nodeCase(
    "chord/standing/seeking",
    "CHORD-003",
    "who seeks a place without founding the ring says 0",
    async (stage) => {
      const ring = await StagedRing.open(stage, { serve: false });
      const peer = await ring.add(0.5);
      peer.stand(0);
      await peer.dial(ring.node);
      const first = await ring.next(peer, isStanding, "a standing");
      checkEqual(first.items[1], 0, "the standing");
    },
  ),
  nodeCase(
    "chord/lists/order",
    "CHORD-011",
    "a list that is told in disorder is kept in the order of the circle",
    async (stage) => {
      const ring = await StagedRing.of(stage, [0.1, 0.2, 0.3, 0.4]);
      const [a, b, c, d] = first(ring.peers, 4);
      a.place(ring.contact, [c, b, c, a, ring.contact, d]);
      await ring.pass(8_000);
      const { successors } = await ring.told(b);
      const order = hexes(a, b, c, d);
      check(successors.length > 0 && successors[0] === a.hex, `the head is ${String(successors[0])}`);
      check(!successors.includes(ring.hex), "the list holds its holder");
      checkEqual(new Set(successors).size, successors.length, "different nodes");
      checkEqual(
        successors,
        order.filter((one) => successors.includes(one)),
        "the list",
      );
    },
  ),
  nodeCase(
    "chord/lists/adopted",
    "CHORD-021",
    "the list is the head and what it tells, up to the node",
    async (stage) => {
      const ring = await StagedRing.of(stage, [0.1, 0.2, 0.3, 0.4]);
      const [a, b, c, d] = first(ring.peers, 4);
      checkEqual((await ring.told(b)).successors, hexes(a, b, c, d), "the list");
      a.place(ring.contact, [c, d, ring.contact, b]);
      await ring.pass(8_000);
      checkEqual((await ring.told(b)).successors, hexes(a, c, d), "the list that the head tells now");
    },
  ),
  nodeCase("chord/lists/length", "CHORD-012", "a list has eight members in a small ring", async (stage) => {
    const ring = await StagedRing.of(
      stage,
      Array.from({ length: 10 }, (_, number) => (number + 1) / 11),
    );
    await ring.pass(8_000, 1_000);
    checkEqual((await ring.told()).successors, hexes(...ring.peers.slice(0, 8)), "the list");
  }),
  nodeCase("chord/lists/longest", "CHORD-012", "a list has 32 members in a ring that is dense", async (stage) => {
    const ring = await StagedRing.of(
      stage,
      Array.from({ length: 34 }, (_, number) => (number + 1) / 10_000_000),
    );
    ring.peer(0).isWhole = false;
    await ring.pass(8_000, 1_000);
    checkEqual((await ring.told()).successors, hexes(...ring.peers.slice(0, 32)), "the list");
  }),
  nodeCase(
    "chord/notified",
    "CHORD-023",
    "who notifies from nearer is taken; else the one there is is asked for a sign of life",
    async (stage) => {
      const ring = await StagedRing.of(stage, [0.2, 0.4, 0.6]);
      const [a, b, c] = first(ring.peers, 3);
      const nearer = await ring.add(0.8);
      await nearer.dial(ring.node);
      nearer.place(c, [ring.contact, a, b, c]);
      nearer.notify();
      await ring.settle();
      checkEqual((await ring.told(a)).predecessor, nearer.hex, "the predecessor after a notice from nearer");
      const before = nearer.inbox.all.length;
      b.notify();
      await ring.settle();
      checkEqual((await ring.told(a)).predecessor, nearer.hex, "the predecessor after a notice from farther");
      check(nearer.inbox.all.slice(before).some(isProbe), "the predecessor was not asked for a sign of life");
    },
  ),
  nodeCase("chord/notified/hint", "CHORD-024", "who was the predecessor gets a hint", async (stage) => {
    const ring = await StagedRing.of(stage, [0.2, 0.4]);
    const nearer = await ring.add(0.8);
    await nearer.dial(ring.node);
    nearer.notify();
    await ring.next(ring.peer(1), isHint, "a hint", 0);
  }),
  nodeCase(
    "chord/no-member",
    "CHORD-027",
    "who did not say that it is a member is nobody's neighbour",
    async (stage) => {
      const ring = await StagedRing.of(stage, [0.2, 0.4]);
      const [a, b] = first(ring.peers, 2);
      for (const place of [0.1, 0.9]) {
        const client = await ring.add(place);
        client.standing = 0;
        await client.dial(ring.node);
        client.place(ring.contact, [a, b, ring.contact]);
        client.notify();
      }
      a.place(ring.peer(2), [b, ring.contact]);
      await ring.pass(8_000);
      const { predecessor, successors } = await ring.told(a);
      checkEqual([predecessor, successors], [b.hex, hexes(a, b)], "the neighbours");
    },
  ),
  nodeCase(
    "chord/revision",
    "CHORD-028",
    "who has the revision gets it alone; it changes with what the answer holds",
    async (stage) => {
      const ring = await StagedRing.of(stage, [0.2, 0.4]);
      const [a, b] = first(ring.peers, 2);
      await ring.pass(10_000);
      const answerTo = async (revision: number): Promise<readonly unknown[]> => {
        const requestId = a.ask(0, revision);
        const answer = await a.inbox.next((one) => isAnswer(one) && one.items[1] === requestId, "an answer");
        return answer.items.slice(3);
      };
      const { revision } = await ring.told(a);
      checkEqual(await answerTo(revision), [revision], "the answer to who has the revision");
      const nearer = await ring.add(0.9);
      await nearer.dial(ring.node);
      nearer.place(b, [ring.contact, a, b]);
      nearer.notify();
      await ring.settle();
      const [changed, ...rest] = await answerTo(revision);
      check(changed !== revision, "the revision is the same after a change");
      checkEqual(rest.length, 3, "items of the answer to who has an old revision, beside the new one");
    },
  ),
  nodeCase(
    "chord/numbers",
    "CHORD-057",
    "a contact is told by its number only to who asks for it so, and has the answer that gave it",
    async (stage) => {
      const ring = await StagedRing.of(stage, [0.2, 0.4, 0.6]);
      const [a, , c] = first(ring.peers, 3);
      await ring.pass(10_000);
      const contactsTo = async (bits: number, revision: number): Promise<readonly Value[]> => {
        const requestId = a.ask(bits, revision);
        const { items } = await a.inbox.next((one) => isAnswer(one) && one.items[1] === requestId, "an answer");
        return [items[5] ?? null, ...(items[6] as readonly Value[])];
      };
      const { revision } = await ring.told(a);
      const before = await contactsTo(0, 0);
      const nearer = await ring.add(0.9);
      await nearer.dial(ring.node);
      nearer.place(c, [ring.contact, ...ring.peers.slice(0, 3)]);
      nearer.notify();
      await ring.settle();
      const whole = await contactsTo(0, revision);
      const isNumber = (one: Value): boolean => typeof one === "number";
      checkEqual(whole.filter(isNumber), [], "numbers told to who did not ask for them");
      const told = await contactsTo(askBit.numbers, revision);
      checkEqual(
        told.map((one) => (typeof one === "number" ? (before[one] ?? "nothing") : one)),
        whole,
        "what is told by numbers",
      );
      for (const [bits, known, what] of [
        [askBit.numbers, 0, "who has no answer"],
        [askBit.numbers, revision + 77, "who has another answer"],
      ] as const) {
        checkEqual((await contactsTo(bits, known)).filter(isNumber), [], `numbers told to ${what}`);
      }
    },
  ),
  nodeCase(
    "chord/nearer",
    "CHORD-022",
    "a nearer member that the head tells of is asked, and becomes the head",
    async (stage) => {
      const ring = await StagedRing.of(stage, [0.3, 0.6]);
      const [a, b] = first(ring.peers, 2);
      const nearer = await ring.add(0.1);
      nearer.place(ring.contact, [a, b, ring.contact]);
      a.place(nearer, [b, ring.contact]);
      await ring.next(
        nearer,
        (one) => isAsk(one) && hasBit(one, askBit.notifies),
        "a notice to the nearer one",
        15_000,
      );
      await ring.settle();
      checkEqual((await ring.told(b)).successors, hexes(nearer, a, b), "the list");
    },
  ),
  nodeCase("chord/rounds", "CHORD-020", "rounds come every 5 s, and sooner after a change", async (stage) => {
    const ring = await StagedRing.of(stage, [0.3, 0.6]);
    const [a, b] = first(ring.peers, 2);
    /** The next notices, by the node's clock, in ms. */
    const rounds = async (count: number, stepMs: number): Promise<number[]> => {
      const before = a.inbox.all.filter(isNotice).length;
      const come = (): Message[] => a.inbox.all.filter(isNotice).slice(before);
      await ring.until(() => (come().length >= count ? true : undefined), `${count} rounds`, count * 20_000, stepMs);
      return come().map(({ time }) => time / 1_000);
    };
    const gaps = (times: readonly number[]): number[] =>
      times.slice(1).map((time, index) => time - (times[index] ?? 0));
    await ring.pass(30_000, 500);
    const calm = gaps(await rounds(4, 100));
    const isCalm = calm.every((ms) => ms >= 2_400 && ms <= 7_600);
    check(isCalm, `the rounds were ${calm.join(", ")} ms apart`);
    const nearer = await ring.add(at(ring.id, 0.9));
    await nearer.dial(ring.node);
    nearer.place(b, [ring.contact, a, b]);
    nearer.notify();
    await ring.settle();
    const changedAt = Math.max(...nearer.inbox.all.map(({ time }) => time)) / 1_000;
    const hurried = gaps([changedAt, ...(await rounds(3, 50))]);
    const most = [800, 1_600, 3_100];
    check(
      hurried.every((ms, index) => ms <= (most[index] ?? 0)),
      `after a change, rounds were ${hurried.join(", ")} ms apart`,
    );
  }),
];
