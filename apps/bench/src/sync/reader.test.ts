import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Reader } from "./reader.js";

describe("Reader", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("counts the writes of the window, also those of which only a later one was told", async () => {
    const reader = new Reader();
    const counting = reader.count(100, 1_000);
    reader.onUpdate(0);
    vi.advanceTimersByTime(100);
    reader.onUpdate(1_000);
    vi.advanceTimersByTime(500);
    reader.onUpdate(1_500);
    reader.onUpdate(1_400);
    vi.advanceTimersByTime(500);
    reader.onUpdate(3_000);
    reader.onUpdate(9_000);
    expect(await counting).toMatchObject({ written: 2_000, elapsedMs: 1_000 });
  });
});
