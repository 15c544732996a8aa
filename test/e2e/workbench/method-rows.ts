/** The rows of methods in the Experiments view, held against what their runs left on disk. */
import assert from 'node:assert/strict';
import { formatPerplexity } from '../../../src/common/format.ts';
import { methodInWords } from '../../../src/methods/titles.ts';
import { until } from '../../support/waiting.ts';
import { newestRun } from './runs.ts';
import type { Workbench } from './workbench.ts';

/** Of the runs in a workspace folder. */
export function methodRows(workbench: Workbench, folder: string) {
  const row = async (method: string) =>
    (await workbench.rows('Experiments')).find((one) => one.includes(`(${method})`)) ?? '';
  /** What stands around the name: the state. */
  const shows = (method: string, words: RegExp) =>
    until(`${method} is ${words}`, async () =>
      words.test((await row(method)).replace(methodInWords(method), '')),
    );
  /** How far it is stands before the name. */
  const moves = (method: string) =>
    until(`${method} moves`, async () => /^(\S+ · )?\d+ % · .*\) running/.test(await row(method)));
  /** Its perplexity as the views write it. */
  const best = (method: string) => formatPerplexity(newestRun(folder, method).heldOut ?? Number.NaN);
  const finishes = async (method: string) => {
    await shows(method, / finished$/);
    assert.equal(await row(method), `${best(method)} · ${methodInWords(method)} finished`);
  };
  return { shows, moves, best, finishes };
}
