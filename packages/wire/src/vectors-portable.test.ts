// Every vector of both profiles once more, over the implementations for runtimes that are not Node.
import { expect, test, vi } from "vitest";

vi.mock("#compression", () => import("./compression.js"));
vi.mock("#hash", () => import("./hash.js"));

await import("./vectors.test.js");
await import("./legacy/frame.test.js");
await import("./legacy/ids.test.js");

test("[WIRE-012] [WIRE-050] it is the portable implementations that ran", async () => {
  expect((await import("#compression")).inflateZlib).toBe((await import("./compression.js")).inflateZlib);
  expect((await import("#hash")).sha256).toBe((await import("./hash.js")).sha256);
});
