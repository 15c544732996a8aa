/**
 * What is passed over now because it is no text or git ignores it, and patterns that match nothing. It is reported beside the stored
 * report and is no part of it: such files come and go all the time, and a corpus must not count as changed for them.
 */
import { InputError } from '../../common/errors.ts';
import { type CorpusReport, SkipTally } from '../documents/report.ts';
import { isOnlyTold } from './found-file.ts';
import { listFiles } from './sources.ts';
import type { CorpusSpecification } from './specification.ts';

/** A stored report with what is passed over at this moment; as it is when the sources are gone meanwhile. */
export async function withPassedOver(
  report: CorpusReport,
  { sources }: Pick<CorpusSpecification, 'sources'>,
  signal?: AbortSignal,
): Promise<CorpusReport> {
  const tally = new SkipTally();
  try {
    const { notRead } = await listFiles(sources, signal);
    for (const { path, reason } of notRead.filter(isOnlyTold)) tally.add(reason, path, [], 1);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
  }
  return { ...report, skipped: [...report.skipped, ...tally.list()] };
}
