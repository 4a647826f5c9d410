// The vitest configuration of a package: unit tests beside the code, with the package's own "#" imports read from src.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const fuzzSeconds = Number(process.env.FUZZ_SECONDS ?? 0);
const timedFastCheck = fileURLToPath(new URL("timed-fast-check.mjs", import.meta.url));

/**
 * Resolves "#name" to the source behind the "node" target of the package.json `imports`, instead of to dist.
 *
 * @param {string} root
 * @returns {import("vitest/config").Plugin}
 */
function sourceImports(root) {
  const { imports = {} } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  return {
    name: "source-imports",
    enforce: "pre",
    resolveId(/** @type {string} */ id) {
      const target = imports[id]?.node ?? imports[id];
      if (typeof target !== "string") return null;
      return join(root, target.replace(/^\.\/dist\/(.*)\.js$/, "src/$1.ts"));
    },
  };
}

/** @type {import("vitest/config").Plugin} */
const timedProperties = {
  name: "timed-properties",
  enforce: "pre",
  resolveId: (id, importer) => (id === "fast-check" && importer !== timedFastCheck ? timedFastCheck : null),
};

/** @param {string} configUrl `import.meta.url` of the package's vitest.config.ts */
export function packageConfig(configUrl) {
  const root = fileURLToPath(new URL(".", configUrl));
  const isFuzzing = fuzzSeconds > 0;
  return defineConfig({
    root,
    plugins: [sourceImports(root), ...(isFuzzing ? [timedProperties] : [])],
    test: {
      include: ["src/**/*.test.ts"],
      environment: "node",
      passWithNoTests: false,
      // Only ends what hangs: a busy machine takes its time. A test may hold several properties.
      testTimeout: isFuzzing ? fuzzSeconds * 10_000 : 120_000,
      hookTimeout: 120_000,
    },
  });
}
