import { expect, test } from "vitest";
import { checkIds } from "./chapters.js";
import { extractRequirements } from "./extract.js";

const chapter = `# Wire

## 3.2 The \`length\` word

**[WIRE-014 MUST]** A frame MUST have a body
of at least one byte.

- **[WIRE-015 MUST NOT]** {profile=0.7 test=codec} An encoder MUST NOT write \`MUST\` twice.
- **[BASE-001 MAY]** {test=review} A node MAY rest. **[BASE-002 SHOULD]** It SHOULD wake up.

| **[WIRE-016 MUST]** It MUST stand in a table. |

\`\`\`
**[WIRE-099 MUST]** in a fence this is only text
\`\`\`
`;

test("a chapter gives its requirements with level, section, profile and test", () => {
  const { requirements, problems } = extractRequirements("wire.md", chapter);
  expect(problems).toEqual([]);
  expect(requirements).toEqual([
    {
      id: "WIRE-014",
      level: "MUST",
      file: "wire.md",
      section: "3.2 The length word",
      profile: "1.0",
      test: "codec",
      text: "A frame MUST have a body of at least one byte.",
    },
    expect.objectContaining({ id: "WIRE-015", level: "MUST NOT", profile: "0.7", test: "codec" }),
    expect.objectContaining({ id: "BASE-001", level: "MAY", test: "review", text: "A node MAY rest." }),
    expect.objectContaining({ id: "BASE-002", level: "SHOULD", test: "node", text: "It SHOULD wake up." }),
    expect.objectContaining({ id: "WIRE-016", text: "It MUST stand in a table." }),
  ]);
});

test.each([
  ["**[WIRE-1 MUST]** It MUST be.", "not written"],
  ["[WIRE-001 MUST] It MUST be.", "not written"],
  ["**[wire-001 MUST]** It MUST be.", "not written"],
  ["**[WIRE-001 SHALL]** It MUST be.", "no such level"],
  ["**[WIRE-001 MUST]** It SHOULD be.", "marked MUST but its text says SHOULD"],
  ["**[WIRE-001 MUST]** It MUST NOT be.", "marked MUST but its text says MUST NOT"],
  ["**[WIRE-001 MUST]** It is.", "0 normative verbs"],
  ["**[WIRE-001 MUST]** It MUST be, and MAY not be.", "2 normative verbs"],
  ["**[WIRE-001 MUST]** {test=hope} It MUST be.", "no such attribute"],
  ["**[WIRE-001 MUST]** {profile=0.8} It MUST be.", "no such attribute"],
])("a bad marker is told: %s", (text, complaint) => {
  const { problems } = extractRequirements("x.md", text);
  expect(problems.join("\n")).toContain(complaint);
  expect(problems[0]).toMatch(/^x\.md:1: /);
});

test("an id has one owner, stays out of use when retired, and cannot vanish", () => {
  const { requirements } = extractRequirements("x.md", "**[WIRE-001 MUST]** It MUST be.");
  const [one] = requirements;
  if (!one) throw new Error("nothing extracted");
  expect(checkIds([one], new Map(), [one])).toEqual([]);
  expect(checkIds([one, one], new Map(), [])).toEqual([expect.stringContaining("already used")]);
  expect(checkIds([one], new Map([["WIRE-001", "why"]]), [])).toEqual([expect.stringContaining("retired")]);
  expect(checkIds([], new Map(), [one])).toEqual([expect.stringContaining("gone from the spec")]);
  expect(checkIds([], new Map([["WIRE-001", "why"]]), [one])).toEqual([]);
});
