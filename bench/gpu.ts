/**
 * `npm run bench:gpu`: what a graphics processor does with our training steps: its ceilings (a matrix product, a copy),
 * tokens and model FLOP a second of the small and the large model, where the time goes, on each engine that is asked for; and
 * the same models in PyTorch, eager and compiled, where it has a device. One Markdown table, one JSON file in bench/results.
 */
import { mkdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command, InvalidArgumentError } from 'commander';
import { z } from 'zod';
import { writeFileAtomic } from '../src/common/files.ts';
import type { ModelSize } from '../src/common/model-size.ts';
import type { Engine, OperationTime } from '../src/engines/engine.ts';
import { ENGINE_NAMES, type EngineName, loadEngine } from '../src/engines/names.ts';
import { findEngine } from '../src/experiments/estimation/engine-choice.ts';
import { add, input, matmul, reduceSum, slice } from '../src/graph/build.ts';
import type { Tensor } from '../src/graph/tensor.ts';
import { trainingFlopsPerToken } from '../src/models/size.ts';
import { commit } from './machine.ts';
import { findTorch, runPeer } from './peer.ts';
import { OurTraining } from './training/our-training.ts';

interface GpuSize {
  readonly size: ModelSize;
  readonly rows: number;
  readonly microBatchTokens: number;
}

/** `small` and `large` have the paper's widths and depth; SwiGLU's three matrices take the place of its two. */
const SIZES: Readonly<Record<string, GpuSize>> = {
  tiny: {
    size: { layers: 1, width: 32, heads: 2, feedForward: 64, context: 16, vocabulary: 64 },
    rows: 2,
    microBatchTokens: 32,
  },
  small: {
    size: { layers: 7, width: 1024, heads: 8, feedForward: 2752, context: 1024, vocabulary: 32_768 },
    rows: 8,
    microBatchTokens: 4096,
  },
  large: {
    size: { layers: 7, width: 2816, heads: 22, feedForward: 7552, context: 1024, vocabulary: 32_768 },
    rows: 4,
    microBatchTokens: 2048,
  },
};

/** Products in a row in one graph, so that the call and the read-back of its result weigh little. */
const CHAIN = 8;
const KERNELS_SHOWN = 8;

interface Options {
  readonly engines: readonly EngineName[];
  readonly sizes: readonly string[];
  readonly steps: number;
  readonly product: number;
}

const peerSchema = z.object({
  version: z.string(),
  device: z.string().nullable(),
  precisions: z.record(
    z.string(),
    z.object({
      productFlopsPerSecond: z.number(),
      copyBytesPerSecond: z.number(),
      tokensPerSecond: z.record(z.string(), z.number()),
    }),
  ),
});

interface EngineReport {
  readonly engine: EngineName;
  readonly device: string;
  readonly productFlopsPerSecond: number;
  readonly copyBytesPerSecond: number;
  readonly training: readonly {
    readonly name: string;
    readonly tokensPerSecond: number;
    readonly flopsPerSecond: number;
    readonly kernels: readonly OperationTime[];
  }[];
}

interface Report {
  readonly date: string;
  readonly commit: string;
  readonly engines: readonly EngineReport[];
  readonly pytorch: z.infer<typeof peerSchema> | undefined;
}

await new Command('bench:gpu')
  .option('--engines <list>', `of ${ENGINE_NAMES.join(', ')}`, parseEngines, [
    'onnxruntime:webgpu',
    'pytorch',
    'pytorch:tf32',
    'pytorch:bfloat16',
  ])
  .option('--sizes <list>', `of ${Object.keys(SIZES).join(', ')}`, parseSizes, ['small', 'large'])
  .option('--steps <n>', 'measured steps', Number, 10)
  .option('--product <n>', 'rows and columns of the matrix product', Number, 4096)
  .action(async (options: Options) => {
    const report = await measure(options);
    const folder = fileURLToPath(new URL('results', import.meta.url));
    await mkdir(folder, { recursive: true });
    const file = join(folder, `gpu-${report.date}-${report.commit}.json`);
    await writeFileAtomic(file, `${JSON.stringify(report, undefined, 2)}\n`);
    process.stdout.write(`${markdown(report)}\n`);
    process.exit(0);
  })
  .parseAsync();

function parseEngines(text: string): EngineName[] {
  return text.split(',').map((name) => {
    const engine = ENGINE_NAMES.find((one) => one === name);
    if (engine !== undefined) return engine;
    throw new InvalidArgumentError(`Choose of ${ENGINE_NAMES.join(', ')}.`);
  });
}

function parseSizes(text: string): string[] {
  const names = text.split(',');
  if (names.every((name) => name in SIZES)) return names;
  throw new InvalidArgumentError(`Choose of ${Object.keys(SIZES).join(', ')}.`);
}

async function measure(options: Options): Promise<Report> {
  const { sizes, steps, product } = options;
  const engines: EngineReport[] = [];
  for (const name of options.engines) {
    const { available, detail } = await findEngine(name, availableParallelism());
    if (available) engines.push(await measureEngine(name, detail, options));
    else console.error(`bench: ${name} cannot be used: ${detail}`);
  }
  const python = await findTorch();
  const asked = sizes.map((one) => ({ name: one, rows: SIZES[one].rows, ...SIZES[one].size }));
  const request = JSON.stringify({ sizes: asked, product, copyBytes: copyBytesOf(product), steps });
  return {
    date: new Date().toISOString().slice(0, 10),
    commit: await commit(),
    engines,
    pytorch: python && (await runPeer(python, 'gpu.py', [request], peerSchema)),
  };
}

function copyBytesOf(product: number): number {
  return 16 * product * product;
}

async function measureEngine(
  name: EngineName,
  device: string,
  { sizes, steps, product }: Options,
): Promise<EngineReport> {
  const engine = (await loadEngine(name, availableParallelism())).engine();
  const ceilings = {
    productFlopsPerSecond: await productRate(engine, product, steps),
    copyBytesPerSecond: await copyRate(engine, copyBytesOf(product) / 4, steps),
  };
  const training = [];
  for (const one of sizes) training.push({ name: one, ...(await train(engine, SIZES[one], steps)) });
  await engine.dispose();
  return { engine: name, device, ...ceilings, training };
}

async function train(engine: Engine, one: GpuSize, steps: number) {
  const ours = await OurTraining.start(engine, one, 'adamw');
  await ours.steps(3);
  const seconds = median(await ours.steps(steps));
  await ours.dispose();
  const profiled = await OurTraining.start(engine, one, 'adamw', true);
  await profiled.steps(2);
  const tokensPerSecond = (one.rows * one.size.context) / seconds;
  return {
    tokensPerSecond,
    flopsPerSecond: tokensPerSecond * trainingFlopsPerToken(one.size),
    kernels: await profiled.dispose(),
  };
}

async function productRate(engine: Engine, n: number, repetitions: number): Promise<number> {
  const b = input('b', [n, n], 'state');
  let chain: Tensor = input('a', [n, n], 'state');
  for (let i = 0; i < CHAIN; i++) chain = matmul(chain, b, { scale: 1 / Math.sqrt(n) });
  const noise = { shape: [n, n], data: Float32Array.from({ length: n * n }, () => Math.random() - 0.5) };
  const seconds = await secondsOf(engine, chain, { a: noise, b: noise }, repetitions);
  return (CHAIN * 2 * n ** 3) / seconds;
}

async function copyRate(engine: Engine, length: number, repetitions: number): Promise<number> {
  const copied = add(input('x', [length], 'state'), 1);
  const x = { shape: [length], data: new Float32Array(length) };
  const seconds = await secondsOf(engine, copied, { x }, repetitions);
  return (2 * 4 * length) / seconds;
}

/** Median seconds in which `value` replaces the first state tensor; reading one number waits for the device. */
async function secondsOf(
  engine: Engine,
  value: Tensor,
  initial: Parameters<Engine['createState']>[0],
  repetitions: number,
): Promise<number> {
  const [name] = Object.keys(initial);
  const done = reduceSum(slice(value, 0, 0, 1));
  const executable = await engine.compile({ name: 'ceiling', updates: { [name]: value }, metrics: { done } });
  const state = engine.createState(initial);
  const seconds: number[] = [];
  for (let i = 0; i < repetitions + 3; i++) {
    const began = performance.now();
    await executable.step(state, {});
    if (i >= 3) seconds.push((performance.now() - began) / 1000);
  }
  await executable.dispose();
  state.dispose();
  return median(seconds);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}

function markdown({ date, commit: at, engines, pytorch }: Report): string {
  const peers = Object.entries(pytorch?.precisions ?? {});
  const names = engines.at(0)?.training.map(({ name }) => name) ?? [];
  const row = (
    what: string,
    ours: (engine: EngineReport) => string,
    theirs: (peer: (typeof peers)[number][1]) => string,
  ): string[] => [what, ...engines.map(ours), ...peers.map(([, own]) => theirs(own))];
  const ofSize = (engine: EngineReport, name: string) => engine.training.find((one) => one.name === name);
  const rows = [
    ['Measure', ...engines.map(({ engine }) => engine), ...peers.map(([name]) => `peer, ${name}`)],
    ['---', ...engines.map(() => '---:'), ...peers.map(() => '---:')],
    row('matrix product, GFLOP/s', productOf, productOf),
    row('copy, GB/s', copyOf, copyOf),
    ...names.flatMap((name) => [
      row(
        `${name} model, tokens/s`,
        (engine) => ofSize(engine, name)?.tokensPerSecond.toFixed(0) ?? '',
        ({ tokensPerSecond }) => tokensPerSecond[name]?.toFixed(0) ?? '',
      ),
      row(
        `${name} model, GFLOP/s`,
        (engine) => giga(ofSize(engine, name)?.flopsPerSecond ?? 0),
        ({ tokensPerSecond }) => giga((tokensPerSecond[name] ?? 0) * trainingFlopsPerToken(SIZES[name].size)),
      ),
    ]),
  ];
  const table = rows.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
  const devices = engines.map(({ engine, device }) => `${engine} is ${device}`).join('; ');
  const peer = pytorch
    ? ` The peer is PyTorch ${pytorch.version} on ${pytorch.device ?? 'no device'}, the model as it is written for it.`
    : '';
  return [table, ...engines.flatMap(kernelShares), `${date}, commit ${at}. ${devices}.${peer}`].join('\n\n');
}

function productOf({ productFlopsPerSecond }: { readonly productFlopsPerSecond: number }): string {
  return giga(productFlopsPerSecond);
}

function copyOf({ copyBytesPerSecond }: { readonly copyBytesPerSecond: number }): string {
  return giga(copyBytesPerSecond);
}

function kernelShares({ engine, training }: EngineReport): string[] {
  return training.map(({ name, kernels }) => {
    const total = kernels.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
    const shares = kernels.slice(0, KERNELS_SHOWN).map(({ operation, milliseconds, calls }) => {
      return `${operation} ${((100 * milliseconds) / total).toFixed(0)} % in ${calls} calls`;
    });
    return `Time in the profile of ${engine}, ${name}: ${shares.join(', ')}.`;
  });
}

function giga(value: number): string {
  return (value / 1e9).toLocaleString('en', { maximumSignificantDigits: 4 });
}
