// Speed and memory of the p2p packages beside other libraries, in one run.
import { name } from "@p2p/wire";

process.stdout.write(`not written yet; built on ${name}\n`);
