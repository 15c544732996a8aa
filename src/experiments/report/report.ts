/** Writes an experiment's report: `report.html` to read, `report.md` to paste, `report.json` to compute with. */
import { join } from 'node:path';
import { requireWritable, writeFileAtomic } from '../../common/files.ts';
import { answersOf } from '../results/answer.ts';
import { answerJson } from '../results/answer-json.ts';
import type { ExperimentResults } from '../results/results.ts';
import { reportMarkdown } from './markdown.ts';
import { reportHtml } from './page.ts';

export interface ReportFiles {
  readonly html: string;
  readonly json: string;
  readonly markdown: string;
}

/**
 * Writes the three files into a folder, which is made if need be; each is written whole or not at all, and an
 * earlier report there is replaced. Returns their paths. Throws `ResourceError` when the folder cannot be written.
 */
export async function writeReport(results: ExperimentResults, directory: string): Promise<ReportFiles> {
  const files = {
    html: join(directory, 'report.html'),
    json: join(directory, 'report.json'),
    markdown: join(directory, 'report.md'),
  };
  await requireWritable(directory);
  const answers = answersOf(results, results.measurements).map(answerJson);
  await writeFileAtomic(files.json, `${JSON.stringify({ ...results, answers }, null, 2)}\n`);
  await writeFileAtomic(files.markdown, reportMarkdown(results));
  await writeFileAtomic(files.html, reportHtml(results));
  return files;
}
