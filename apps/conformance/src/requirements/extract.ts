// Reads the requirements out of a chapter of the spec and reports every marker that breaks the syntax of spec/README.md.
import type { Level, Profile, Requirement, Testability } from "./requirement.js";
import { levels, profiles, testabilities } from "./requirement.js";

export interface Extraction {
  readonly requirements: readonly Requirement[];
  /** Complaints as `file:line: what is wrong`. */
  readonly problems: readonly string[];
}

interface Marker {
  readonly id: string;
  readonly level: Level;
  readonly line: number;
  readonly section: string;
  readonly rest: string;
}

const marker = /\*\*\[([A-Z]+-[0-9]{3}) ([A-Z ]+)\]\*\*/g;
const suspicious = /\[[A-Za-z]+-[0-9]+[^\]]*\b(?:MUST|SHOULD|MAY)[^\]]*\]/gi;
const verb = /\b(MUST NOT|MUST|SHALL NOT|SHALL|SHOULD NOT|SHOULD|MAY|REQUIRED|RECOMMENDED|OPTIONAL)\b/g;

/** Extracts the requirements of one chapter in the order of its text. `file` is used in the records and complaints. */
export function extractRequirements(file: string, text: string): Extraction {
  const problems: string[] = [];
  const requirements: Requirement[] = [];
  for (const paragraph of paragraphs(text)) {
    const complain = (line: number, what: string): void => {
      problems.push(`${file}:${line}: ${what}`);
    };
    const found = markersOf(paragraph, complain);
    for (const one of found) {
      const attributes = readAttributes(one, complain);
      const sentence = attributes.text;
      checkVerb(one, sentence, complain);
      requirements.push({
        id: one.id,
        level: one.level,
        file,
        section: one.section,
        profile: attributes.profile,
        test: attributes.test,
        text: sentence,
      });
    }
  }
  return { requirements, problems };
}

interface Paragraph {
  readonly text: string;
  readonly line: number;
  readonly section: string;
}

/** Splits at blank lines, list items, table rows and headings; code fences are left out. */
function* paragraphs(text: string): Generator<Paragraph> {
  let section = "";
  let lines: string[] = [];
  let start = 1;
  let isFenced = false;
  const rows = text.split("\n");
  for (let index = 0; index <= rows.length; index += 1) {
    const row = rows[index] ?? "";
    const isFence = /^\s*(```|~~~)/.test(row);
    const heading = isFenced ? null : /^#{1,6}\s+(.*?)\s*$/.exec(row);
    const isBreak =
      index === rows.length ||
      isFence ||
      isFenced ||
      heading !== null ||
      row.trim() === "" ||
      /^\s*([-*+]|\d+\.|\|)\s/.test(row);
    if (isBreak && lines.length > 0) {
      yield { text: lines.join("\n"), line: start, section };
      lines = [];
    }
    if (isFence) isFenced = !isFenced;
    else if (heading) section = (heading[1] ?? "").replaceAll(/[`*]/g, "");
    else if (!isFenced && row.trim() !== "" && index < rows.length) {
      if (lines.length === 0) start = index + 1;
      lines.push(row);
    }
  }
}

type Complain = (line: number, what: string) => void;

function markersOf(paragraph: Paragraph, complain: Complain): Marker[] {
  const matches = [...paragraph.text.matchAll(marker)];
  const strangers = [...paragraph.text.matchAll(suspicious)].length - matches.length;
  if (strangers > 0) complain(paragraph.line, "a marker is not written **[CHAPTER-000 LEVEL]**");
  const found: Marker[] = [];
  matches.forEach((match, index) => {
    const line = paragraph.line + paragraph.text.slice(0, match.index).split("\n").length - 1;
    const [whole, id = "", level = ""] = match;
    const until = matches[index + 1]?.index ?? paragraph.text.length;
    if (!isOneOf(levels, level)) {
      complain(line, `${id}: no such level: ${level}`);
      return;
    }
    const rest = paragraph.text.slice(match.index + whole.length, until);
    found.push({ id, level, line, section: paragraph.section, rest });
  });
  return found;
}

interface Attributes {
  readonly profile: Profile;
  readonly test: Testability;
  readonly text: string;
}

function readAttributes(one: Marker, complain: Complain): Attributes {
  const match = /^\s*\{([^}]*)\}/.exec(one.rest);
  let profile: Profile = "1.0";
  let test: Testability | undefined;
  for (const pair of match?.[1]?.trim().split(/\s+/) ?? []) {
    const [key, value = ""] = pair.split("=");
    if (key === "profile" && isOneOf(profiles, value)) profile = value;
    else if (key === "test" && isOneOf(testabilities, value)) test = value;
    else complain(one.line, `${one.id}: no such attribute: ${pair}`);
  }
  const text = one.rest
    .slice(match?.[0].length ?? 0)
    .replaceAll(/\s+/g, " ")
    .replace(/\s*\|\s*$/, "")
    .trim();
  return { profile, test: test ?? (one.id.startsWith("WIRE-") ? "codec" : "node"), text };
}

function checkVerb(one: Marker, text: string, complain: Complain): void {
  const plain = text.replaceAll(/`[^`]*`/g, "");
  const verbs = [...plain.matchAll(verb)].map((match) => match[0]);
  if (verbs.length !== 1) {
    complain(one.line, `${one.id}: ${verbs.length} normative verbs, one is wanted: ${verbs.join(", ") || "none"}`);
  } else if (verbs[0] !== one.level) {
    complain(one.line, `${one.id}: marked ${one.level} but its text says ${verbs[0]}`);
  }
}

function isOneOf<const T extends string>(list: readonly T[], text: string): text is T {
  return (list as readonly string[]).includes(text);
}
