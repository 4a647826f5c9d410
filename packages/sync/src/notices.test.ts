import { expect, test } from "vitest";
import { Notices } from "./notices.js";

test("[SYNC-049] the same is told once in a while, and what is remembered is bounded", () => {
  const notices = new Notices(60_000);
  expect([0, 59_999, 60_000, 60_001].map((nowMs) => notices.isDue("key", nowMs))).toEqual([true, false, true, false]);
  expect(notices.isDue("other", 60_001)).toBe(true);
  for (let number = 0; number < 4_096; number += 1) notices.isDue(`key ${number}`, 60_002);
  // The one told longest ago was forgotten.
  expect([notices.isDue("key", 60_003), notices.isDue("key 4095", 60_003)]).toEqual([true, false]);
});
