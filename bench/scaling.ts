/**
 * `npm run bench:scaling`: what experiments of all sizes would take, calculated from the program's own cost model. It prints the
 * tables of docs/scaling.md, and writes them there with `--write`. Nothing is trained or measured.
 */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { writeFileAtomic } from '../src/common/files.ts';
import { CASES } from './scaling/cases.ts';
import { withTable } from './scaling/document.ts';
import { markdown, tables } from './scaling/tables.ts';

const DOCUMENT = fileURLToPath(new URL('../docs/scaling.md', import.meta.url));

let page = await readFile(DOCUMENT, 'utf8');
for (const table of tables(CASES)) {
  process.stdout.write(`${markdown(table)}\n\n`);
  page = withTable(page, table);
}
if (process.argv.includes('--write')) await writeFileAtomic(DOCUMENT, page);
