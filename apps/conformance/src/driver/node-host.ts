// Hosts nodes under test of this repository's packages.
import type { Command, Greeting, Report } from "./protocol.js";

export class NodeHost {
  readonly supports: Greeting["supports"] = ["codec"];
  readonly #tell: (report: Report) => void;

  constructor(tell: (report: Report) => void) {
    this.#tell = tell;
  }

  async run(command: Exclude<Command, { do: "codec" }>): Promise<unknown> {
    void this.#tell;
    throw new Error(`not yet: ${command.do}`);
  }
}
