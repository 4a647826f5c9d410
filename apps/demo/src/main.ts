// A live mesh of real processes over TCP, told in the terminal.
import { name } from "@p2p/base";

process.stdout.write(`not written yet; built on ${name}\n`);
