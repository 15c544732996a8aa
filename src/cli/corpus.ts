/** `parlance corpus`: what the corpora of an experiment hold, what was left out of them and why. */
import { formatBytes, formatCount, formatPlural } from '../common/format.ts';
import { version } from '../common/version.ts';
import { type CorpusReport, splits } from '../corpus/documents/report.ts';
import type { Contamination } from '../corpus/similarity/contamination.ts';
import { withPassedOver } from '../corpus/sources/passed-over.ts';
import { TokenStore } from '../corpus/tokens/token-store.ts';
import { readExperiment } from '../experiments/config/configuration.ts';
import { type JsonOption, type StorageOption, storageOf, threadsOf } from '../experiments/config/settings.ts';
import { leftOutLines, reportOf } from '../experiments/execution/corpus-notes.ts';
import { type CorpusStages, namedCorpora } from '../experiments/execution/grid.ts';
import { prepareExperiment } from '../experiments/execution/prepare.ts';
import { inspectionNotes, inspectText } from '../experiments/execution/text-inspection.ts';
import { corporaOf } from '../methods/experiment-plan.ts';
import { readContamination } from '../methods/stages/contamination.ts';
import { runStage } from '../pipeline/runner.ts';
import { fingerprint, type Stage } from '../pipeline/stage.ts';
import type { ArtifactStore } from '../pipeline/store.ts';
import { writeJson } from './display/json.ts';
import { stopOnSignals } from './interruption.ts';

interface CorpusSummary {
  readonly report: CorpusReport;
  /** By split; absent before the corpus was tokenized. */
  readonly tokens: Readonly<Record<string, number>> | undefined;
  /** Documents that stand in the generic corpus; absent for the generic corpus itself. */
  readonly contamination: Contamination | undefined;
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
  const specifications = corporaOf(experiment.plan);
  try {
    const notes = inspectionNotes(await inspectText(experiment, signal));
    if (options.json) for (const note of notes) writeJson({ type: 'note', ...note });
    else if (notes.length > 0) process.stdout.write(`${notes.map(({ text }) => text).join('\n')}\n\n`);
    for (const [i, one] of namedCorpora(stages).entries()) {
      await runStage(one.corpus, { store: services.store, signal, onEvent: () => undefined });
      const contamination = contaminations.get(one.name);
      if (contamination !== undefined)
        await runStage(contamination, { store: services.store, signal, onEvent: () => undefined });
      const stored = await summarize(one, contamination, services.store);
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
  { name, corpus: documents, tokens }: CorpusStages & { readonly name: string },
  contamination: Stage | undefined,
  store: ArtifactStore,
): Promise<CorpusSummary> {
  const report = await reportOf(store.artifactFolder(fingerprint(documents)), name);
  const tokenized = await store.open(fingerprint(tokens));
  const compared = contamination && (await store.open(fingerprint(contamination)));
  return {
    report,
    tokens: tokenized && (await tokenCounts(tokenized.directory)),
    contamination: compared && (await readContamination(compared.directory)),
  };
}

async function tokenCounts(directory: string): Promise<Record<string, number>> {
  const store = await TokenStore.open(directory);
  const counts = Object.fromEntries(splits.map((split) => [split, store.totals(split).tokens]));
  store.close();
  return counts;
}

function summaryLines({ report, tokens, contamination }: CorpusSummary): string[] {
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
    `  duplicates  ${exact.documents} exact, ${near.copies} near, kept in one split (${formatPlural(across, 'pair')} would have been in two)`,
  );
  for (const { documents, explanation } of near.removed.reasons)
    lines.push(`  taken out   ${formatPlural(documents, 'document')}: ${explanation}`);
  if (near.keptInPart > 0)
    lines.push(
      `  in part     ${formatPlural(near.keptInPart, 'document')} ${near.keptInPart === 1 ? 'stays' : 'stay'} with 50 to 199 words of held-out or validation text`,
    );
  if (near.notLookedFor > 0)
    lines.push(
      `  not looked  ${formatPlural(near.notLookedFor, 'document')} for text in others: too much to look for`,
    );
  const shares = Object.entries(report.labels).filter(([, { files, documents }]) => files + documents > 0);
  const share = ([label, one]: (typeof shares)[number]) => `${label} ${(100 * one.share).toFixed(1)} %`;
  lines.push(`  labels      ${shares.map(share).join(', ')}`);
  lines.push(...leftOutLines(report).map((line) => `  left out    ${line}`));
  for (const { path, quote, reason } of report.lostPassages) {
    lines.push(`  lost label  ${path}: “${quote}” ${reason}`);
  }
  if (contamination !== undefined) lines.push(...contaminationLines(contamination));
  return lines;
}

function contaminationLines({ heldout, validation }: Contamination): string[] {
  const line = (name: string, documents: Contamination['heldout']['whole'], where: string): string[] => {
    if (documents.length === 0) return [];
    const first = documents.slice(0, 3).map(({ source, generic }) => `${source} (in ${generic})`);
    return [
      `  ${name.padEnd(12)}${formatPlural(documents.length, 'document')} ${where}: ${first.join(', ')}`,
    ];
  };
  return [
    ...line('held-out', heldout.whole, 'also in the generic corpus, not measured on'),
    ...line('held-out', heldout.part, 'in part in the generic corpus, measured on'),
    ...line('validation', validation.whole, 'also in the generic corpus'),
    ...line('validation', validation.part, 'in part in the generic corpus'),
  ];
}

function perDocument(tokens: number, documents: number): string {
  return documents === 0 ? '0' : formatCount(tokens / documents);
}
