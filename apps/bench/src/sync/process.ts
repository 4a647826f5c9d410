// Entry of a process that holds a table of one library, named by its first argument, and answers the driver.
import { collectGarbage, cpuMs, goOn, serve } from "../process/serve.js";
import type { TableCommands } from "./command.js";
import { timedJoin } from "./join.js";
import { libraryNamed } from "./libraries.js";
import { Reader } from "./reader.js";
import { Writer } from "./writer.js";

const [name = "", listening] = process.argv.slice(2);
const library = await libraryNamed(name);
const reader = new Reader();
const { side, address } = await library.start({ listens: listening === "listens", onUpdate: reader.onUpdate });
const writer = new Writer(side);

serve<TableCommands>({
  address: async () => ({ address }),
  dial: async (args) => {
    await side.dial(args.address);
    return {};
  },
  neighbour: async () => {
    await side.hasNeighbour();
    return {};
  },
  fill: async ({ keys }) => {
    await writer.fill(keys);
    collectGarbage();
    return { size: side.size };
  },
  flood: async ({ kind, durationMs }) => {
    goOn(writer.flood(kind, durationMs));
    return {};
  },
  stop: async () => ({ written: writer.stop() }),
  count: ({ warmUpMs, durationMs }) => reader.count(warmUpMs, durationMs),
  join: (args) => {
    collectGarbage();
    return timedJoin(library, args.address);
  },
  cpu: async () => ({ cpuMs: cpuMs() }),
});
