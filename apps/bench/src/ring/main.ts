// Entry of the process of `pnpm bench ring`.
import { simulateRing } from "./simulate-ring.js";

const [nodes = 0, lookups = 0] = process.argv.slice(2).map(Number);
const report = await simulateRing(nodes, lookups, (line) => process.stderr.write(`${line}\n`));
process.send?.(report, () => process.exit());
