// How long a neighbour is waited for, and what becomes of one that is silent (spec/chord.md, sections 4 and 6).
import type { NodeCase } from "../../runner/case.js";
import { check, checkEqual } from "../../runner/expect.js";
import { at } from "../../stage/chord-circle.js";
import { askBit, hasBit, isAsk, isProbe } from "../../stage/chord-messages.js";
import type { RingPeer } from "../../stage/chord-peer.js";
import { StagedRing } from "../../stage/chord-ring.js";
import type { Message } from "../../stage/message.js";
import { closeCode } from "../../stage/messages.js";
import { nodeCase } from "../define.js";
import { answeringRing, passedOn } from "./wide-ring.js";

const probesOf = ({ inbox }: RingPeer): readonly Message[] => inbox.all.filter(isProbe);
const stepMs = 100;

/**
 * Lets a silent peer answer each ask so late, until it has answered a walk; then there is none for a while.
 * @returns how many messages it had by the last answer
 */
async function answerLate(ring: StagedRing, peer: RingPeer, delayMs: number): Promise<number> {
  let seen = peer.inbox.all.length;
  const open: { readonly ask: Message; readonly dueMs: number }[] = [];
  let hasWalked = false;
  for (let nowMs = 0; nowMs < 12_000 || !hasWalked || open.length > 0; nowMs += stepMs) {
    check(nowMs < 120_000, "the node does not walk round a small ring");
    for (const ask of peer.inbox.all.slice(seen).filter(isAsk)) open.push({ ask, dueMs: nowMs + delayMs });
    seen = peer.inbox.all.length;
    hasWalked = false;
    while (open[0] !== undefined && open[0].dueMs <= nowMs) {
      const { ask } = open.shift() as (typeof open)[number]; // there is one
      peer.tell(ask);
      hasWalked = hasBit(ask, askBit.all);
    }
    await ring.pass(stepMs, stepMs);
  }
  return seen;
}

/** How long a silent head is waited for by the node's clock: until it is asked again, and from then until it is given up. */
async function waits(
  ring: StagedRing,
  head: RingPeer,
  before: number,
): Promise<readonly [firstMs: number, secondMs: number]> {
  const { link } = head;
  await ring.until(() => (link.hasEnded ? true : undefined), "the end of the link", 60_000, stepMs);
  const close = await link.nextClose(closeCode.idle);
  // A round and a walk may wait for it at the same time: who began first is the first to give it up.
  const asks = head.inbox.all.slice(before).filter((message) => isAsk(message) && !isProbe(message));
  const [first, second] = asks.filter((ask) => asks[0] && hasBit(ask, askBit.all) === hasBit(asks[0], askBit.all));
  check(first !== undefined && second !== undefined, "the head was not asked twice");
  return [(second.time - first.time) / 1_000, (close.time - second.time) / 1_000];
}

export const silenceCases: readonly NodeCase[] = [
  nodeCase(
    "chord/silent/asked",
    "CHORD-029",
    "who does not answer a lookup is asked for a sign of life, and chosen last until it gives one",
    async (stage) => {
      const { ring, near, half, quarter } = await answeringRing(stage);
      await ring.pass(20_000, 500);
      const find = async (fraction: number, to: RingPeer): Promise<void> => {
        near[0].find(at(ring.id, fraction));
        await passedOn(ring, to, at(ring.id, fraction));
      };
      const before = probesOf(half).length;
      half.isSilent = true;
      await find(0.6, half);
      await ring.until(() => (probesOf(half).length > before ? true : undefined), "an ask for a sign of life", 1_500);
      await find(0.61, quarter);
      half.isSilent = false;
      for (const probe of probesOf(half).slice(before)) half.tell(probe);
      await ring.settle();
      await find(0.62, half);
    },
  ),
  nodeCase(
    "chord/silent/closed",
    "CHORD-029",
    "who answers two asks for a sign of life by silence loses its link, and all others are asked for one",
    async (stage) => {
      const { ring, near, half } = await answeringRing(stage);
      await ring.pass(20_000, 500);
      const { link } = half;
      const others = ring.peers.filter((peer) => peer !== half);
      const before = new Map(ring.peers.map((peer) => [peer, probesOf(peer).length]));
      const probes = (peer: RingPeer): number => probesOf(peer).length - (before.get(peer) ?? 0);
      half.isSilent = true;
      near[0].find(at(ring.id, 0.6));
      await ring.until(() => (link.hasEnded ? true : undefined), "the end of the link", 30_000);
      await link.nextClose(closeCode.idle);
      checkEqual(probes(half), 2, "asks for a sign of life");
      await ring.until(
        () => (others.every((peer) => probes(peer) > 0) ? true : undefined),
        "asks to the others",
        1_000,
      );
    },
  ),
  nodeCase(
    "chord/silent/waits",
    "CHORD-047",
    "an answer is waited for as long as the peer takes, and twice as long after a timeout",
    async (stage) => {
      const told: number[] = [];
      for (const delayMs of [0, 1_500]) {
        // Pongs are signs of life, for which the node waits on.
        const ring = await StagedRing.of(stage, [0.3, 0.6], {
          limits: { pingIntervalMs: 600_000, deadAfterMs: 900_000, fingerMs: 8_000 },
        });
        const head = ring.peer(0);
        await ring.pass(2_000);
        head.isSilent = true;
        const before = await answerLate(ring, head, delayMs);
        const [firstMs, secondMs] = await waits(ring, head, before);
        check(secondMs >= 1.8 * firstMs && firstMs > 0, `${firstMs} ms were waited, and then ${secondMs} ms`);
        told.push(firstMs);
      }
      const [quick = 0, slow = 0] = told;
      check(slow >= 1_450 && slow <= 4_500, `for answers that take 1.5 s ${slow} ms were waited`);
      check(quick < slow - 400, `for answers at once ${quick} ms were waited, for late ones ${slow} ms`);
    },
  ),
];
