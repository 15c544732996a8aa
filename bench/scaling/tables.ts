/** The tables of docs/scaling.md, each a block of its own: calculated, so that the document says what the program does today. */
import { jobsOf } from '../../src/cluster/slurm/job-graph.ts';
import { formatBytes, formatCount, formatEstimate, formatFlops } from '../../src/common/format.ts';
import {
  ASSUMED_FLOPS_PER_SECOND,
  LEAST_DEVICE_WIDTH,
} from '../../src/experiments/estimation/device-forecast.ts';
import { longestChain, scheduledSeconds, type Task } from '../../src/experiments/estimation/schedule.ts';
import { TEXT_SECONDS } from '../../src/experiments/estimation/text-seconds.ts';
import { predictDeviceBytes } from '../../src/experiments/estimation/training-memory.ts';
import type { ExperimentPlan, ModelName, WholeNetwork } from '../../src/methods/experiment-plan.ts';
import { modelSize } from '../../src/methods/stages/training.ts';
import { trainingFlopsPerToken, weightSpecifications } from '../../src/models/size.ts';
import { fingerprint, type Stage } from '../../src/pipeline/stage.ts';
import { type Case, presetCase } from './cases.ts';
import { type CaseGraph, caseGraph, caseTasks } from './graph.ts';
import { checkpointBytes, type StoreBytes, storeBytesOf } from './store-bytes.ts';
import { textRows } from './text.ts';

export interface Table {
  /** Between `<!-- name:begin -->` and `<!-- name:end -->`. */
  readonly name: 'cost' | 'space' | 'base' | 'text' | 'paper';
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** All of them, one at a time, since those of many cases take a while. */
export function* tables(cases: readonly Case[]): Generator<Table> {
  yield costTable(cases);
  yield spaceTable(cases);
  yield baseTable();
  yield textTable();
  yield paperTable();
}

export function costTable(cases: readonly Case[]): Table {
  return {
    name: 'cost',
    head: [
      'experiment',
      'work',
      'two cores',
      'one device',
      'sixteen',
      'longest chain',
      'stages',
      'jobs sent to Slurm',
    ],
    rows: cases.map(costRow),
  };
}

export function spaceTable(cases: readonly Case[]): Table {
  return {
    name: 'space',
    head: [
      'experiment',
      'device: small',
      'large',
      'projected',
      'largest checkpoint',
      'store: text and tokens',
      'vectors and lists of windows',
      'checkpoints',
      'models',
    ],
    rows: cases.map(spaceRow),
  };
}

export function baseTable(): Table {
  return {
    name: 'base',
    head: ['stages of `base`', 'number', 'work', 'store'],
    rows: kindRows(presetCase('base')),
  };
}

export function textTable(): Table {
  return {
    name: 'text',
    head: ['text of `base`, on two cores', 'rate, measured', '200 billion tokens', '20 trillion tokens'],
    rows: textRows(),
  };
}

export function paperTable(): Table {
  return {
    name: 'paper',
    head: [
      'pretraining',
      'work a token',
      'A100-hours for 1B tokens, the paper',
      'rate that this implies',
      'A100-hours at the assumed rate',
      'Muon’s products beside it',
    ],
    rows: paperRows(),
  };
}

export function markdown({ head, rows }: Pick<Table, 'head' | 'rows'>): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, i) => (i === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n');
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

/** What training of size B, of width 128, reached on two cores: (b) of `npm run bench`, bench/README.md. */
const PROCESSOR_FLOPS_PER_SECOND = 91.4e9;

/** Narrow models leave a device idle: what is assumed of one says nothing of them, and jobs are a processor's. */
function costRow(one: Case): readonly string[] {
  const graph = caseGraph(one);
  const { small, large } = one.plan.models;
  const isWide = Math.min(small.width, large.width) >= LEAST_DEVICE_WIDTH;
  const tasks = caseTasks(graph, isWide ? ASSUMED_FLOPS_PER_SECOND : PROCESSOR_FLOPS_PER_SECOND);
  const work = sum([...graph.works.values()].map(({ expected }) => expected));
  const devices = () => [
    scheduledSeconds(tasks, 1),
    scheduledSeconds(tasks, 16),
    sum(longestChain(tasks).map(({ seconds }) => seconds)),
  ];
  return [
    one.name,
    formatFlops(work),
    formatEstimate(work / PROCESSOR_FLOPS_PER_SECOND),
    ...(isWide ? devices().map(formatEstimate) : ['–', '–', '–']),
    formatCount(tasks.length),
    formatCount(jobs(graph, tasks)),
  ];
}

/** Where no speed tells a stage's time, the cluster is asked for a minute. */
function jobs({ stages }: CaseGraph, tasks: readonly Task[]): number {
  const planned = stages.map(({ kind, label }, i) => ({
    fingerprint: tasks[i].id,
    kind,
    label,
    inputs: tasks[i].inputs,
    seconds: tasks[i].seconds || TEXT_SECONDS,
    bytes: 0,
  }));
  return jobsOf(planned).length;
}

function spaceRow(one: Case): readonly string[] {
  const { name, plan } = one;
  const graph = caseGraph(one);
  const bytesOf = storeBytesOf(plan, graph);
  const stored = (...kinds: readonly string[]): string =>
    formatBytes(storedBytes(graph.stages, bytesOf, kinds));
  const networks = ['small', 'large', 'projected'] as const;
  return [
    name,
    ...networks.map((network) => formatBytes(deviceBytes(plan, network))),
    formatBytes(Math.max(...networks.map((network) => checkpointBytes(plan, network)))),
    stored('corpus', 'tokens'),
    stored('window-vectors', 'clustering', 'importance-sample'),
    stored('pretrain-trunk'),
    stored('pretrain', 'fine-tune', 'choose-expert', 'choose-tuning', 'project'),
  ];
}

const known = new Map<string, number>();

/** Of the networks alone: experiments that differ in something else have the same. */
function deviceBytes(plan: ExperimentPlan, network: WholeNetwork): number {
  const { models, context, vocabulary, microBatchTokens = 0, pretraining, projection } = plan;
  const clusters = network === 'projected' ? projection.clusters : 0;
  const { batchTokens } = pretraining;
  const key = JSON.stringify({
    network,
    models,
    context,
    vocabulary,
    microBatchTokens,
    batchTokens,
    clusters,
  });
  const bytes = known.get(key) ?? predictDeviceBytes(plan, [network]);
  known.set(key, bytes);
  return bytes;
}

function storedBytes(stages: readonly Stage[], bytesOf: StoreBytes, kinds: readonly string[]): number {
  return sum(stages.filter(({ kind }) => kinds.includes(kind)).map(bytesOf));
}

function kindRows(one: Case): readonly (readonly string[])[] {
  const graph = caseGraph(one);
  const bytesOf = storeBytesOf(one.plan, graph);
  const row = (name: string, stages: readonly Stage[]): readonly string[] => {
    const work = sum(stages.map((stage) => graph.works.get(fingerprint(stage))?.expected ?? 0));
    const bytes = sum(stages.map(bytesOf));
    return [
      name,
      formatCount(stages.length),
      work === 0 ? '–' : formatFlops(work),
      bytes === 0 ? '–' : formatBytes(bytes),
    ];
  };
  const kinds = [...new Set(graph.stages.map(({ kind }) => kind))];
  return [
    ...kinds.map((kind) =>
      row(
        `\`${kind}\``,
        graph.stages.filter((stage) => stage.kind === kind),
      ),
    ),
    row('all', graph.stages),
  ];
}

/** Table 2 of the paper: hours of an A100 for a billion tokens. */
const PAPER_HOURS = { small: 2.2, large: 7.7 } as const;

function paperRows(): readonly (readonly string[])[] {
  const { plan } = presetCase('base');
  return (['small', 'large'] as const).map((model) => {
    const flops = 1e9 * trainingFlopsPerToken(modelSize(plan, model, plan.vocabulary));
    const hours = PAPER_HOURS[model];
    return [
      `the ${model} model`,
      formatFlops(flops / 1e9),
      `${hours}`,
      `${formatFlops(flops / hours / 3600)}/s`,
      `${Number((flops / ASSUMED_FLOPS_PER_SECOND / 3600).toPrecision(3))}`,
      `${((100 * muonFlops(plan, model)) / plan.pretraining.batchTokens / (flops / 1e9)).toFixed(1)} %`,
    ];
  });
}

/** Products of Newton-Schulz iterations, as src/training/optimizers/muon.ts has them: three in each. */
const MUON_ITERATIONS = 5;

/** Of one step, whatever its batch. The cost model leaves optimizers out. */
function muonFlops(plan: ExperimentPlan, model: ModelName): number {
  const matrices = weightSpecifications(modelSize(plan, model, plan.vocabulary)).filter(
    ({ role }) => role === 'matrix',
  );
  return sum(
    matrices.map(({ shape: [rows, columns] }) => {
      const [short, long] = [Math.min(rows, columns), Math.max(rows, columns)];
      return MUON_ITERATIONS * (4 * short * short * long + 2 * short ** 3);
    }),
  );
}
