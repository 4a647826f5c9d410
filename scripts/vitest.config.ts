// Runs the tests of the scripts themselves.
import { defineConfig } from "vitest/config";

export default defineConfig({ test: { include: ["**/*.test.ts"], environment: "node" } });
