import { expect, test } from "vitest";
import { Readiness, type RingPlace } from "./readiness.js";

const range = { after: new Uint8Array(48), upTo: new Uint8Array(48) };
const outside: RingPlace = { range: undefined, isAlone: true };
const alone: RingPlace = { range, isAlone: true };
const among: RingPlace = { range, isAlone: false };

test("[CHORD-211] a member among others is ready once its range is fetched, and not any more when it is none", () => {
  const readiness = new Readiness();
  expect(readiness.changed(outside)).toBe("same");
  expect(readiness.changed(among)).toBe("joined");
  expect(readiness.isReady).toBe(false);
  expect(readiness.changed(among)).toBe("same");
  readiness.fetched();
  expect(readiness.isReady).toBe(true);
  readiness.changed(outside);
  expect(readiness.isReady).toBe(false);
  readiness.fetched();
  expect(readiness.isReady).toBe(false);
});

test("[CHORD-218] who founds a ring has nothing to fetch; who is alone again after others is no founder", () => {
  const readiness = new Readiness();
  expect(readiness.changed(alone)).toBe("founded");
  expect(readiness.isReady).toBe(true);
  readiness.changed(outside);
  expect(readiness.changed(alone)).toBe("alone");
  expect(readiness.isReady).toBe(true);
});
