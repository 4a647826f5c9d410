// The defaults are those of the registry, and what cannot be is refused. [SYNC-090] [SYNC-091]
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { defaultSyncLimits, resolveLeases, resolveSyncLimits, type SyncOptions } from "./options.js";
import { maxKeyBytes, maxLeaseMs, maxValueBytes, usualLeaseMs } from "./record/limits.js";
import { Sync } from "./sync.js";

interface Registry {
  readonly limits: readonly { readonly name: string; readonly default: number; readonly chapter: string }[];
}

describe("limits", () => {
  test("[SYNC-090] [SYNC-091] are those of the registry", () => {
    const file = new URL("../../../spec/registries/limits.json", import.meta.url);
    const { limits } = JSON.parse(readFileSync(file, "utf8")) as Registry;
    const own = limits.filter(({ chapter }) => chapter === "sync.md");
    expect(Object.fromEntries(own.map((limit) => [limit.name, limit.default]))).toEqual(defaultSyncLimits);
    expect(defaultSyncLimits).toMatchObject({ maxKeyBytes, maxValueBytes });
  });

  test("unknown names and values out of bounds are refused", () => {
    expect(() => resolveSyncLimits({ noSuchLimit: 1 } as object)).toThrow(TypeError);
    expect(() => resolveSyncLimits({ maxKeyBytes: 1_025 })).toThrow(RangeError);
    expect(() => resolveSyncLimits({ maxTableBytes: 0.5 })).toThrow(RangeError);
    expect(() => resolveSyncLimits({ tombstoneMs: 7_200_000 })).toThrow(RangeError);
    expect(resolveSyncLimits({ reconcileMs: 5 }).reconcileMs).toBe(5);
  });

  test.each([
    [{ lease: true }, 'there is no option "lease" of a table; the nearest is "leases"'],
    [{ bootstap: [] }, 'there is no option "bootstap" of a table; the nearest is "bootstrap"'],
    [{ leases: { defaultms: 1 } }, 'there is no option "defaultms" of `leases`; the nearest is "defaultMs"'],
    [{ syncLimits: { maxkeys: 1 } }, 'there is no limit "maxkeys" of a table; the nearest is "maxKeyBytes"'],
  ])("a misspelt option is told: %o", (options, message) => {
    expect(() => new Sync({ network: "test", ...options } as SyncOptions)).toThrow(new TypeError(message));
  });

  test("an event that there is not is told", () => {
    const message = 'there is no event "updates" of a table; the nearest is "update"';
    expect(() => new Sync({ network: "test" }).on("updates" as never, () => {})).toThrow(new TypeError(message));
  });

  test("leases are an hour, at most a day, or none", () => {
    expect(resolveLeases(undefined, defaultSyncLimits)).toBe(usualLeaseMs);
    expect(resolveLeases(false, defaultSyncLimits)).toBeUndefined();
    expect(resolveLeases({ defaultMs: maxLeaseMs }, defaultSyncLimits)).toBe(86_400_000);
    expect(() => resolveLeases({ defaultMs: maxLeaseMs + 1 }, defaultSyncLimits)).toThrow(RangeError);
    expect(() => resolveLeases({ defaultMs: 0 }, defaultSyncLimits)).toThrow(RangeError);
  });
});
