// How cases on nodes are written down: a path, the requirements, one sentence, the play.
import type { CodecCase, NodeCase } from "../runner/case.js";

/** `requirements` are ids with spaces between them. */
export function nodeCase(id: string, requirements: string, title: string, run: NodeCase["run"]): NodeCase {
  return { kind: "node", id, requirements: requirements.split(" "), title, run };
}

export function codecCase(id: string, requirements: string, title: string, run: CodecCase["run"]): CodecCase {
  return { kind: "codec", id, requirements: requirements.split(" "), title, run };
}
