/** `parlance corpus`: what the corpora of an experiment hold, what was left out of them and why. */
import { formatBytes, formatCount, formatPlural } from '../../webview/charts/format.ts';
import { version } from '../common/version.ts';
import { DocumentStore, withPassedOver } from '../corpus/documents.ts';
import { type CorpusReport, splits } from '../corpus/report.ts';
import { TokenStore } from '../corpus/token-store.ts';
import { readExperiment } from '../experiments/configuration.ts';
import { leftOutLines } from '../experiments/corpus-notes.ts';
import type { CorpusStages } from '../experiments/grid.ts';
import { prepareExperiment } from '../experiments/run.ts';
import { type JsonOption, type StorageOption, storageOf, threadsOf } from '../experiments/settings.ts';
import { inspectionNotes, inspectText } from '../experiments/text-inspection.ts';
import { readContaminated } from '../methods/stages/corpora.ts';
import { runStage } from '../pipeline/runner.ts';
import { fingerprint, type Stage } from '../pipeline/stage.ts';
import type { ArtifactStore } from '../pipeline/store.ts';
import { writeJson } from './display/json.ts';
import { stopOnSignals } from './interruption.ts';

interface CorpusSummary {
  readonly report: CorpusReport;
  /** By split; absent before the corpus was tokenized. */
  readonly tokens: Readonly<Record<string, number>> | undefined;
  /** Held-out documents that stand in the generic corpus; absent before that was looked at. */
  readonly contaminated: readonly string[] | undefined;
}

export async function corpus(path: string, options: StorageOption & JsonOption): Promise<void> {
  const experiment = await readExperiment(path);
  const stopping = stopOnSignals(() => undefined);
  const storage = storageOf(path, options);
  const { signal } = stopping;
  const environment = { storage, threads: threadsOf({}), version, command: '', signal };
  const prepared = await prepareExperiment(experiment, environment);
  const { stages, services } = prepared;
  const contaminations = new Map(stages.domains.map(({ name, contamination }) => [name, contamination]));
  const specifications = [experiment.plan.generic, ...experiment.plan.domains];
  try {
    const notes = inspectionNotes(await inspectText(experiment, signal));
    if (options.json) for (const note of notes) writeJson({ type: 'note', ...note });
    else if (notes.length > 0) process.stdout.write(`${notes.map(({ text }) => text).join('\n')}\n\n`);
    const named = [{ name: 'generic', ...stages.generic }, ...stages.domains];
    for (const [i, one] of named.entries()) {
      await runStage(one.corpus, { store: services.store, signal, onEvent: () => undefined });
      const stored = await summarize(one, contaminations.get(one.name), services.store);
      const summary = { ...stored, report: await withPassedOver(stored.report, specifications[i], signal) };
      if (options.json) writeJson({ type: 'corpus', ...summary });
      else process.stdout.write(`${summaryLines(summary).join('\n')}\n\n`);
    }
  } finally {
    stopping.release();
    await prepared.dispose();
  }
}

async function summarize(
  { corpus: documents, tokens }: CorpusStages,
  contamination: Stage | undefined,
  store: ArtifactStore,
): Promise<CorpusSummary> {
  const { report } = await DocumentStore.open(store.artifactFolder(fingerprint(documents)));
  const tokenized = await store.open(fingerprint(tokens));
  const compared = contamination && (await store.open(fingerprint(contamination)));
  return {
    report,
    tokens: tokenized && (await tokenCounts(tokenized.directory)),
    contaminated: compared && (await contaminatedSources(compared.directory)),
  };
}

async function tokenCounts(directory: string): Promise<Record<string, number>> {
  const store = await TokenStore.open(directory);
  const counts = Object.fromEntries(splits.map((split) => [split, store.totals(split).tokens]));
  store.close();
  return counts;
}

async function contaminatedSources(directory: string): Promise<string[]> {
  return (await readContaminated(directory)).map(({ source }) => source);
}

function summaryLines({ report, tokens, contaminated }: CorpusSummary): string[] {
  const lines = [
    `${report.name} (${report.role}): ${formatPlural(report.files.read + report.files.reused, 'file')}`,
  ];
  for (const split of splits) {
    const { documents, bytes } = report.splits[split];
    const counted =
      tokens && `${formatCount(tokens[split])} tokens, ${perDocument(tokens[split], documents)} a document`;
    lines.push(
      `  ${split.padEnd(12)}${formatPlural(documents, 'document')}, ${formatBytes(bytes)}${counted ? `, ${counted}` : ''}`,
    );
  }
  const { nearDuplicates: near, exactDuplicates: exact } = report;
  const { acrossSplits } = near;
  const across = acrossSplits.trainHeldout + acrossSplits.trainValidation + acrossSplits.validationHeldout;
  lines.push(
    `  duplicates  ${exact.documents} exact, ${formatPlural(near.pairs, 'near pair')}, ${across} across splits (${near.removed.documents} taken out of training)`,
  );
  const shares = Object.entries(report.labels).filter(([, { files, documents }]) => files + documents > 0);
  const share = ([label, one]: (typeof shares)[number]) => `${label} ${(100 * one.share).toFixed(1)} %`;
  lines.push(`  labels      ${shares.map(share).join(', ')}`);
  lines.push(...leftOutLines(report).map((line) => `  left out    ${line}`));
  for (const { path, quote, reason } of report.lostPassages) {
    lines.push(`  lost label  ${path}: “${quote}” ${reason}`);
  }
  if (contaminated !== undefined && contaminated.length > 0) {
    lines.push(
      `  held-out    ${formatPlural(contaminated.length, 'document')} also in the generic corpus, not measured on: ${contaminated.slice(0, 3).join(', ')}`,
    );
  }
  return lines;
}

function perDocument(tokens: number, documents: number): string {
  return documents === 0 ? '0' : formatCount(tokens / documents);
}
