import fc from "fast-check";
import { expect, test } from "vitest";
import { PeerClock, type PingSample } from "./peer-clock.js";

/** A ping that takes `outUs` there and `backUs` back, to a peer whose clock is ahead by `offsetUs`. */
function ping(sentUs: number, outUs: number, backUs: number, offsetUs: number, heldUs = 10): PingSample {
  const peerReceivedUs = sentUs + outUs + offsetUs;
  return { sentUs, peerReceivedUs, peerSentUs: peerReceivedUs + heldUs, elapsedUs: outUs + heldUs + backUs };
}

test("[BASE-140] round trip and offset follow from one ping, whatever the peer held it", () => {
  const clock = new PeerClock();
  expect([clock.rttMs, clock.offsetMs]).toEqual([undefined, undefined]);
  clock.add(ping(1_000_000, 5_000, 5_000, -120_000_000, 700_000));
  expect([clock.rttMs, clock.offsetMs]).toEqual([10, -120_000]);
});

test("[BASE-140] a slow trip does not spoil a fast one", () => {
  const clock = new PeerClock();
  clock.add(ping(0, 1_000, 1_000, 50_000));
  clock.add(ping(30_000_000, 400_000, 1_000, 50_000));
  expect([clock.rttMs, clock.offsetMs]).toEqual([2, 50]);
});

test("[BASE-140] the true offset is within half a round trip, however unequal the ways", () => {
  const trip = fc.tuple(fc.nat(500_000), fc.nat(500_000));
  fc.assert(
    fc.property(
      fc.array(trip, { minLength: 1, maxLength: 30 }),
      fc.integer({ min: -1e12, max: 1e12 }),
      (trips, offsetUs) => {
        const clock = new PeerClock();
        for (const [index, [outUs, backUs]] of trips.entries())
          clock.add(ping(index * 30_000_000, outUs, backUs, offsetUs));
        const errorMs = Math.abs((clock.offsetMs ?? Number.NaN) - offsetUs / 1_000);
        expect(errorMs).toBeLessThanOrEqual((clock.rttMs ?? 0) / 2 + 0.001);
        const shortestMs = Math.min(...trips.slice(-8).map(([outUs, backUs]) => outUs + backUs)) / 1_000;
        expect(clock.rttMs).toBe(shortestMs);
      },
    ),
  );
});

test("[BASE-140] a clock that jumps is followed at once; a route that became slow after eight pings", () => {
  const clock = new PeerClock();
  for (let i = 0; i < 5; i++) clock.add(ping(i * 30_000_000, 1_000, 1_000, 0));
  clock.add(ping(180_000_000, 3_000, 3_000, 60_000_000));
  expect([clock.rttMs, clock.offsetMs]).toEqual([6, 60_000]);
  for (let i = 0; i < 8; i++) clock.add(ping(200_000_000 + i, 9_000, 9_000, 60_000_000));
  expect(clock.rttMs).toBe(18);
});

test("[BASE-140] impossible times are left aside", () => {
  const clock = new PeerClock();
  clock.add({ sentUs: 0, peerReceivedUs: 0, peerSentUs: 5_000, elapsedUs: 1_000 });
  clock.add({ sentUs: 0, peerReceivedUs: Number.NaN, peerSentUs: Number.NaN, elapsedUs: 1_000 });
  expect(clock.rttMs).toBeUndefined();
  clock.add({ sentUs: 0, peerReceivedUs: 1_000, peerSentUs: 0, elapsedUs: 1_000 });
  expect(clock.rttMs).toBe(1);
});
