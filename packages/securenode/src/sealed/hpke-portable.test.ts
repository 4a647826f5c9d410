// The vectors of HPKE once more, over the primitives for runtimes that are not Node.
import { expect, test, vi } from "vitest";

vi.mock("#aead", () => import("../primitives/aead.js"));
vi.mock("#x25519", () => import("../primitives/x25519.js"));

await import("./hpke.test.js");

test("[SEC-003] it is the portable primitives that ran", async () => {
  expect((await import("#aead")).aeadKey).toBe((await import("../primitives/aead.js")).aeadKey);
  expect((await import("#x25519")).dhKey).toBe((await import("../primitives/x25519.js")).dhKey);
});
