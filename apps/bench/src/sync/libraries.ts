// The libraries by name; each is loaded by the process that measures it alone, so that none weighs on another.
import type { TableLibrary, TableSideName } from "./side.js";

const libraries: Record<TableSideName, () => Promise<TableLibrary>> = {
  "@p2p/sync": async () => (await import("./sync-side.js")).sync,
  yjs: async () => (await import("./yjs.js")).yjs,
};

/** @throws TypeError for another name */
export function libraryNamed(name: string): Promise<TableLibrary> {
  const load = libraries[name as TableSideName] as (() => Promise<TableLibrary>) | undefined;
  if (load === undefined) throw new TypeError(`no library "${name}"`);
  return load();
}
