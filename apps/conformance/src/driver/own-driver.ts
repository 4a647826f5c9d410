// How the driver of this repository's packages is started.
import { fileURLToPath } from "node:url";

export const ownDriverCommand: string = `"${process.execPath}" "${fileURLToPath(new URL("node-under-test.js", import.meta.url))}"`;
