/** The newest report of an experiment as it is configured now: what the editor shows beside measurements. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { methodFactsSchema, modelFactsSchema } from '../../budget/measurement.ts';
import { systemErrorCode } from '../../common/errors.ts';
import type { Json } from '../../common/json.ts';
import { jsonSchema } from '../../pipeline/manifest.ts';
import { domainHistogramsSchema } from '../results/selection-facts.ts';
import { resultsFit } from '../runs/comparable-runs.ts';

const reportSchema = z.object({
  configuration: jsonSchema,
  models: z.array(modelFactsSchema),
  methods: z.array(methodFactsSchema),
  selections: z.array(domainHistogramsSchema),
});
export type ReportFacts = z.infer<typeof reportSchema>;

/**
 * `undefined` when there is none; reports that cannot be read are passed over, since they can be made again. Histograms are those
 * of the newest that has any: a later run may have been of methods without clusters.
 */
export async function newestReport(folder: string, configuration: Json): Promise<ReportFacts | undefined> {
  let newest: ReportFacts | undefined;
  for (const path of await reportsNewestFirst(folder)) {
    const report = reportSchema.safeParse(await readJson(path));
    if (!report.success || !resultsFit(report.data.configuration, configuration)) continue;
    newest ??= report.data;
    if (report.data.selections.length > 0) return { ...newest, selections: report.data.selections };
  }
  return newest;
}

async function reportsNewestFirst(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (systemErrorCode(error) === 'ENOENT') return [];
    throw error;
  });
  const dated = await Promise.all(
    names.map(async (name) => {
      const path = join(folder, name, 'report.json');
      const modifiedMs = await stat(path).then(
        ({ mtimeMs }) => mtimeMs,
        () => undefined,
      );
      return modifiedMs === undefined ? [] : [{ path, modifiedMs }];
    }),
  );
  return dated
    .flat()
    .sort((a, b) => b.modifiedMs - a.modifiedMs)
    .map(({ path }) => path);
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch {
    return undefined;
  }
}
