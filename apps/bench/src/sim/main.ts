// Entry of the process of `pnpm bench sim`.
import { simulate } from "./simulate.js";

const [nodes = 0, broadcasts = 0] = process.argv.slice(2).map(Number);
const report = await simulate(nodes, broadcasts);
process.send?.(report, () => process.exit());
