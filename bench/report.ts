/** The results as data, as one Markdown table, and as a marked block of a Markdown file. */
import { InputError } from '../src/common/errors.ts';
import type { EditorBench } from './editor.ts';
import type { GenerationSpeed } from './generation.ts';
import type { MachineFacts } from './machine.ts';
import type { TokenizerBenchResult } from './tokenizer.ts';
import type { Ceiling } from './training/matrix-products.ts';
import type { TimeToPerplexity } from './training/time-to-perplexity.ts';
import type { TrainingSpeed } from './training/training-speed.ts';

/** The share of the best matrix-product rate that training should reach. */
const UTILIZATION_TARGET = 0.75;
const BEGIN = '<!-- bench:begin -->';
const END = '<!-- bench:end -->';

export interface BenchReport {
  readonly machine: MachineFacts;
  /** (a), and our rates for (b). */
  readonly training: readonly TrainingSpeed[];
  readonly ceiling: Ceiling | undefined;
  readonly timeToPerplexity: TimeToPerplexity | undefined;
  readonly tokenizer: TokenizerBenchResult | undefined;
  readonly editor: EditorBench | undefined;
  readonly generation: readonly GenerationSpeed[];
  /** Our engine on PyTorch. */
  readonly pytorch: readonly TrainingSpeed[];
  /** What was asked for and not measured, with the reason. */
  readonly skipped: readonly string[];
  readonly tookSeconds: number;
}

type Row = readonly [measure: string, ours: string, peer: string, ratio: string, target: string];

export function markdown(report: BenchReport): string {
  const { training, ceiling, timeToPerplexity, tokenizer, editor, generation } = report;
  const rows: Row[] = [
    ...training.flatMap((speed) => speedRow('(a) training', speed)),
    ...(ceiling ? training.map((speed) => utilizationRow(speed, ceiling)) : []),
    ...(timeToPerplexity ? timeRows(timeToPerplexity) : []),
    ...(tokenizer ? tokenizerRows(tokenizer) : []),
    ...(editor ? editorRows(editor) : []),
    ...generation.flatMap(generationRows),
    ...report.pytorch.flatMap((speed) => speedRow('(g) training with the engine pytorch', speed)),
  ];
  const head: Row = ['Measure', 'Parlance', 'Peer', 'Ratio', 'Target'];
  const lines = [head, ['---', '---:', '---:', '---:', '---:'], ...rows].map(
    (row) => `| ${row.join(' | ')} |`,
  );
  const notes = report.skipped.map((reason) => `\n\nNot measured: ${reason}.`);
  return `${lines.join('\n')}\n\n${provenance(report)}${notes.join('')}`;
}

function speedRow(what: string, { name, tokensPerSecond, peer, ratioRange, target }: TrainingSpeed): Row[] {
  if (peer === undefined || ratioRange === undefined) return [];
  const range = ratioRange.map((ratio) => ratio.toFixed(2)).join(' to ');
  return [
    [
      `${what}, size ${name}, tokens/s`,
      whole(tokensPerSecond),
      `${whole(peer.tokensPerSecond)} (PyTorch)`,
      `${peer.ratio.toFixed(2)} (rounds ${range})`,
      `≥ ${target}`,
    ],
  ];
}

function utilizationRow({ name, modelFlopsPerSecond }: TrainingSpeed, ceiling: Ceiling): Row {
  const share = modelFlopsPerSecond / ceiling.flopsPerSecond;
  return [
    `(b) model GFLOP/s, size ${name}, of the best matrix product`,
    giga(modelFlopsPerSecond),
    `${giga(ceiling.flopsPerSecond)} (best product)`,
    `${(100 * share).toFixed(0)} %`,
    `≥ ${100 * UTILIZATION_TARGET} %`,
  ];
}

function timeRows({ comparisons, target }: TimeToPerplexity): Row[] {
  return comparisons.map(({ peerSeconds, perplexity, ours, ratio }) => [
    `(c) training seconds to held-out perplexity ${perplexity.toFixed(1)}`,
    ours ? `${ours.seconds.toFixed(1)} (reached ${ours.perplexity.toFixed(1)})` : 'not reached',
    `${peerSeconds.toFixed(1)} (nanoGPT's recipe)`,
    ratio === undefined ? '> 1' : ratio.toFixed(2),
    `≤ ${target}`,
  ]);
}

function tokenizerRows({ cold, warm, trainer, peerVersion }: TokenizerBenchResult): Row[] {
  const encoding = (kind: string, ours: number, { peer, ratio }: { peer: number; ratio: number }): Row => [
    `(d) encoding, ${kind}, MB/s`,
    ours.toFixed(1),
    `${peer.toFixed(1)} (@anush008/tokenizers ${peerVersion})`,
    ratio.toFixed(1),
    '',
  ];
  return [
    encoding('cold', Math.max(cold.ours, cold.oursWithWorkers), cold),
    encoding('warm', warm.ours, warm),
    ['(d) training the tokenizer, MB/s', trainer.toFixed(1), '', '', ''],
  ];
}

function editorRows({ activation, labelling, redraw }: EditorBench): Row[] {
  const milliseconds = (value: number): string => value.toFixed(1);
  const rows: Row[] = [
    [
      '(e) activation, ms of processor time',
      milliseconds(activation.ours),
      `${milliseconds(activation.peer)} (an extension that does nothing)`,
      activation.ratio.toFixed(1),
      '',
    ],
    [
      '(e) one more label among 500 in a text of 1 MB, ms',
      milliseconds(labelling.ours),
      `${milliseconds(labelling.peer)} (the first label of that text)`,
      labelling.ratio.toFixed(1),
      '',
    ],
  ];
  if (redraw !== undefined) {
    rows.push([
      '(e) redraw of a curve of 100,000 points, ms',
      milliseconds(redraw.ours),
      `${milliseconds(redraw.peer)} (of 1,000 points)`,
      redraw.ratio.toFixed(1),
      '',
    ]);
  }
  return rows;
}

function generationRows({ parameters, generation, prompt }: GenerationSpeed): Row[] {
  const millions = `${(parameters / 1e6).toFixed(1)} M parameters`;
  const parts = [
    ['generation', generation],
    ['prompt', prompt],
  ] as const;
  return parts.map(([what, { ours, peer, ratio }]) => [
    `(f) ${what}, ${millions}, tokens/s`,
    whole(ours),
    `${whole(peer)} (llama.cpp)`,
    ratio.toFixed(2),
    '≥ 1',
  ]);
}

function provenance(report: BenchReport): string {
  const { machine, training, timeToPerplexity, tookSeconds } = report;
  const { processor, cores, memoryGiB, threads, date, commit, versions } = machine;
  const blas = [...training, ...report.pytorch].find(({ peer }) => peer)?.peer?.blas;
  const software = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  if (blas) software.push(`PyTorch's matrix products by ${blas}`);
  const rates = timeToPerplexity?.rates
    .map(({ rate, perplexity }) => `${rate}: ${perplexity.toFixed(1)}`)
    .join(', ');
  const chosen = rates ? ` nanoGPT's perplexity by learning rate in its shortest run: ${rates}.` : '';
  return (
    `${date}, commit ${commit}, ${processor}, ${cores} processors, ${memoryGiB} GiB, ${threads} threads, float32. ` +
    `${software.join(', ')}.${chosen} \`npm run bench\` took ${Math.round(tookSeconds)} s.`
  );
}

const whole = (value: number): string => Math.round(value).toLocaleString('en');
const giga = (value: number): string => (value / 1e9).toFixed(1);

/** The document with the block between the marks replaced. */
export function replaceBlock(document: string, block: string, path: string): string {
  const [from, to] = [document.indexOf(BEGIN), document.indexOf(END)];
  if (from < 0 || to < from) {
    throw new InputError(
      `${path} has no place for the results.`,
      `Put the lines ${BEGIN} and ${END} where they belong.`,
    );
  }
  return `${document.slice(0, from + BEGIN.length)}\n${block}\n${document.slice(to)}`;
}
