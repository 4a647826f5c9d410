// Checks a value against the part of JSON Schema that spec/vectors/schema.json uses; throws for a keyword it lacks.

export interface Schema {
  readonly [keyword: string]: unknown;
}

const silent = new Set(["$schema", "$defs", "title", "description", "default"]);

/** Complaints as `path: what is wrong`. */
export function checkSchema(value: unknown, schema: Schema, root: Schema = schema, path = "$"): string[] {
  const problems: string[] = [];
  const fail = (what: string): void => {
    problems.push(`${path}: ${what}`);
  };
  const passes = (one: unknown): boolean => checkSchema(value, one as Schema, root, path).length === 0;
  const at = (key: string | number, part: unknown, one: unknown): void => {
    problems.push(...checkSchema(part, one as Schema, root, `${path}.${key}`));
  };
  const object = typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Schema) : undefined;
  for (const [keyword, rule] of Object.entries(schema)) {
    if (silent.has(keyword) || keyword === "then") continue;
    if (keyword === "$ref") problems.push(...checkSchema(value, resolve(root, String(rule)), root, path));
    else if (keyword === "const") value === rule || fail(`not ${String(rule)}`);
    else if (keyword === "enum") (rule as unknown[]).includes(value) || fail(`not one of ${String(rule)}`);
    else if (keyword === "type")
      [rule].flat().some((one) => isType(value, String(one))) || fail(`not a ${String(rule)}`);
    else if (keyword === "pattern")
      typeof value !== "string" || new RegExp(String(rule)).test(value) || fail(`not ${String(rule)}`);
    else if (keyword === "minLength") typeof value !== "string" || value.length >= Number(rule) || fail("too short");
    else if (keyword === "minItems") !Array.isArray(value) || value.length >= Number(rule) || fail("too few items");
    else if (keyword === "maxItems") !Array.isArray(value) || value.length <= Number(rule) || fail("too many items");
    else if (keyword === "minimum") typeof value !== "number" || value >= Number(rule) || fail("too small");
    else if (keyword === "maximum") typeof value !== "number" || value <= Number(rule) || fail("too large");
    else if (keyword === "required") {
      for (const key of rule as string[]) if (object && !Object.hasOwn(object, key)) fail(`lacks ${key}`);
    } else if (keyword === "additionalProperties") {
      const known = Object.keys((schema.properties ?? {}) as Schema);
      for (const key of Object.keys(object ?? {})) if (!known.includes(key)) fail(`has ${key}`);
    } else if (keyword === "properties") {
      for (const [key, one] of Object.entries(rule as Schema))
        if (object && Object.hasOwn(object, key)) at(key, object[key], one);
    } else if (keyword === "items") {
      if (Array.isArray(value)) for (const [index, item] of value.entries()) at(index, item, rule);
    } else if (keyword === "allOf")
      for (const one of rule as unknown[]) problems.push(...checkSchema(value, one as Schema, root, path));
    else if (keyword === "anyOf") (rule as unknown[]).some(passes) || fail("fits none of anyOf");
    else if (keyword === "oneOf") (rule as unknown[]).filter(passes).length === 1 || fail("does not fit one of oneOf");
    else if (keyword === "if") {
      if (passes(rule)) problems.push(...checkSchema(value, (schema.then ?? {}) as Schema, root, path));
    } else throw new Error(`the check does not know the keyword ${keyword}`);
  }
  return problems;
}

function isType(value: unknown, type: string): boolean {
  if (type === "null") return value === null;
  if (type === "array") return Array.isArray(value);
  if (type === "integer") return Number.isInteger(value);
  if (type === "object") return typeof value === "object" && value !== null && !Array.isArray(value);
  return typeof value === type;
}

function resolve(root: Schema, reference: string): Schema {
  const keys = reference.replace(/^#\//, "").split("/");
  return keys.reduce<Schema>((schema, key) => schema[key] as Schema, root);
}
