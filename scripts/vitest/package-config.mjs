// The vitest configuration of a package: unit tests beside the code, with the package's own "#" imports read from src.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

/** Resolves "#name" to the source behind the "node" target of the package.json `imports`, instead of to dist. */
function sourceImports(root) {
  const { imports = {} } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  return {
    name: "source-imports",
    enforce: "pre",
    resolveId(id) {
      const target = imports[id]?.node ?? imports[id];
      if (typeof target !== "string") return null;
      return join(root, target.replace(/^\.\/dist\/(.*)\.js$/, "src/$1.ts"));
    },
  };
}

/** @param {string} configUrl `import.meta.url` of the package's vitest.config.ts */
export function packageConfig(configUrl) {
  const root = fileURLToPath(new URL(".", configUrl));
  return defineConfig({
    root,
    plugins: [sourceImports(root)],
    test: {
      include: ["src/**/*.test.ts"],
      environment: "node",
      passWithNoTests: false,
    },
  });
}
