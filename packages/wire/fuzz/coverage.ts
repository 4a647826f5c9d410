// Which blocks of the package ran: V8's own precise coverage, read through the inspector of this process.
import { type Profiler, Session } from "node:inspector";

/** Collects block coverage of scripts whose URL contains a text. Start it before they are imported. */
export class Coverage {
  readonly #session = new Session();
  readonly #urlPart: string;

  constructor(urlPart: string) {
    this.#urlPart = urlPart;
    this.#session.connect();
    this.#session.post("Profiler.enable");
    this.#session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
  }

  /** The blocks that ran since the last call, each with the magnitude of its count. */
  take(): Set<string> {
    const blocks = new Set<string>();
    for (const script of this.#read()) {
      if (!script.url.includes(this.#urlPart)) continue;
      for (const { ranges } of script.functions) {
        for (const { startOffset, endOffset, count } of ranges) {
          if (count > 0)
            blocks.add(`${script.scriptId}:${startOffset}:${endOffset}:${Math.min(4, Math.floor(Math.log2(count)))}`);
        }
      }
    }
    return blocks;
  }

  close(): void {
    this.#session.disconnect();
  }

  /** In the same thread the callback runs before `post` returns. */
  #read(): readonly Profiler.ScriptCoverage[] {
    let result: readonly Profiler.ScriptCoverage[] = [];
    this.#session.post("Profiler.takePreciseCoverage", (error, answer) => {
      if (error) throw error;
      result = answer.result;
    });
    return result;
  }
}
