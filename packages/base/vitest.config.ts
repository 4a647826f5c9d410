import { fileURLToPath } from "node:url";
import { mergeConfig } from "vitest/config";
import { packageConfig } from "../../scripts/vitest/package-config.mjs";

// The examples import the package by its name: in tests that is its source, as for everything else.
const source = fileURLToPath(new URL("src/index.ts", import.meta.url));

export default mergeConfig(packageConfig(import.meta.url), {
  resolve: { alias: [{ find: /^@p2p\/base$/, replacement: source }] },
});
