// Checks any implementation of the p2p protocol against spec/.
import { name } from "@p2p/wire";

process.stdout.write(`not written yet; built on ${name}\n`);
