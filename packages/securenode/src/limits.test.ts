// The limits of the chapter, as spec/registries/limits.json has them, are those of the code.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { maxHandshakeMessageBytes } from "./channel/handshake.js";
import { defaultRekeyLimits } from "./channel/noise.js";
import { defaultFreshnessMs } from "./signed/message-judge.js";
import { defaultReplaySenders, windowSize } from "./signed/replay-windows.js";

test("[SEC-035] [SEC-045] [SEC-075] [SEC-076] the registry and the code have the same limits", () => {
  const url = new URL("../../../spec/registries/limits.json", import.meta.url);
  const { limits } = JSON.parse(readFileSync(url, "utf8")) as {
    readonly limits: readonly { readonly name: string; readonly default: number; readonly chapter: string }[];
  };
  const ours = limits.filter(({ chapter }) => chapter === "securenode.md");
  expect(Object.fromEntries(ours.map((limit) => [limit.name, limit.default]))).toEqual({
    maxHandshakeMessageBytes,
    ...defaultRekeyLimits,
    freshnessMs: defaultFreshnessMs,
    replayWindow: windowSize,
    replaySenders: defaultReplaySenders,
  });
});
