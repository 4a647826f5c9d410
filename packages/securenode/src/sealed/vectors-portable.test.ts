// Sealed things once more, over the primitives for runtimes that are not Node.
import { expect, test, vi } from "vitest";

vi.mock("#aead", () => import("../primitives/aead.js"));
vi.mock("#ed25519", () => import("../primitives/ed25519.js"));
vi.mock("#x25519", () => import("../primitives/x25519.js"));

await import("./vectors.test.js");

test("[SEC-003] it is the portable primitives that ran", async () => {
  expect((await import("#aead")).aeadKey).toBe((await import("../primitives/aead.js")).aeadKey);
  expect((await import("#ed25519")).signingKey).toBe((await import("../primitives/ed25519.js")).signingKey);
  expect((await import("#x25519")).dhKey).toBe((await import("../primitives/x25519.js")).dhKey);
});
