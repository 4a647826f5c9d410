// The program of a fresh process: runs the scenarios of a seed with the platform's time and randomness forbidden, prints.
import { Node } from "@p2p/base";
import { World } from "../index.js";
import { forbidPlatform } from "./forbidden-platform-node.js";
import { meshPartition } from "./mesh-partition.js";
import { mixedFaults } from "./mixed-faults.js";

/** What stays of the platform once it is forbidden. */
const { argv, stdout } = globalThis.process;

/** A node that was not given the seams of its world: to prove that such a leak is noticed. */
async function leak(seam: string): Promise<void> {
  const open = async (node: Node): Promise<void> => {
    await node.open();
    await node.dial("sim://nobody:1");
  };
  await new World({ seed: 1 }).start("leaky", ({ address, clock, random, transports }) => {
    const others = { network: "leaky", listen: [address], transports };
    return open(new Node(seam === "random" ? { ...others, clock } : { ...others, random }));
  });
}

const allow = forbidPlatform();
try {
  if (argv[3] !== undefined) await leak(argv[3]);
  const seed = Number(argv[2]);
  const { world, inboxes } = await meshPartition(seed);
  const mixed = await mixedFaults(seed);
  allow();
  stdout.write(
    `${mixed.trace.jsonl()}${world.trace.jsonl()}${JSON.stringify({ inboxes, fingerprint: world.trace.fingerprint })}\n`,
  );
} finally {
  allow();
}
