import { packageConfig } from "../../scripts/vitest/package-config.mjs";

export default packageConfig(import.meta.url);
