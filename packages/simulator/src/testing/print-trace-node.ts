// The program of a fresh process: runs the scenario of a seed with the platform's time and randomness forbidden, prints.
import { forbidPlatform } from "./forbidden-platform-node.js";
import { meshPartition } from "./mesh-partition.js";

/** What stays of the platform once it is forbidden. */
const { argv, stdout } = globalThis.process;

const allow = forbidPlatform();
try {
  const { world, inboxes } = await meshPartition(Number(argv[2]));
  allow();
  stdout.write(`${world.trace.jsonl()}${JSON.stringify({ inboxes, fingerprint: world.trace.fingerprint })}\n`);
} finally {
  allow();
}
