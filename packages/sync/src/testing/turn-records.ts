// The records of turns as lists, whatever form they have on the wire.
import type { FullRecord } from "../messages/full-record.js";
import { PlainRun } from "../messages/plain-run.js";
import { RecordWriter } from "../messages/record-runs.js";

export function writerOf(records: Iterable<FullRecord>): RecordWriter {
  const writer = new RecordWriter();
  for (const record of records) writer.add(...record);
  return writer;
}

export function listOf(records: Iterable<FullRecord | PlainRun>): FullRecord[] {
  return [...records].flatMap((one) => (one instanceof PlainRun ? [...one.entries()] : [one]));
}
