/**
 * `npm run bench:engines`: one small experiment, every kind of method, through the command line on each engine that works here;
 * WebGPU on the software device of Debian's chromium where there is no graphics processor. Writes the perplexities
 * as a Markdown table, and into docs/engines.md with `--write`.
 */
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import * as z from 'zod';
import { writeFileAtomic } from '../src/common/files.ts';
import type { EngineName } from '../src/engines/names.ts';
import { findEngine } from '../src/experiments/estimation/engine-choice.ts';
import { softwareDeviceEnvironment, softwareDeviceMissing } from '../test/support/swiftshader.ts';
import { commit } from './machine.ts';

const execute = promisify(execFile);
const root = fileURLToPath(new URL('..', import.meta.url));
const SAMPLE = join(root, 'samples', '.assembled', 'npm-docs');
const DOCUMENT = join(root, 'docs', 'engines.md');
const [BEGIN, END] = ['<!-- engines:begin -->', '<!-- engines:end -->'];

/** A software renderer takes hours for all of the commands. */
const LARGEST_DOMAIN_FILE = 1500;

const experiment = {
  name: 'engines',
  generic: { sources: [{ path: 'generic' }] },
  domains: [{ name: 'docs', sources: [{ path: 'domain' }] }],
  methods: ['slm-nopt', 'slm', 'llm', 'llm-lora', 'slm-d', 'slm-is', 'slm-mix', 'slm-pn'],
  seeds: [1],
  tokenizer: { vocabulary: 300 },
  context: 32,
  models: {
    small: { layers: 1, width: 16, heads: 2, feedForward: 32 },
    large: { layers: 1, width: 32, heads: 2, feedForward: 64 },
  },
  pretraining: { tokens: [8192], batchTokens: 512 },
  specialization: { domainTokens: [2048], batchTokens: 512, maximumEpochs: 2, patience: 2048 },
  selection: { clusters: 4 },
  mixture: { experts: 2 },
  projection: { clusters: 3, slabs: 2, expertSize: 3, groups: 4 },
};

const measurement = z.object({
  type: z.literal('measurement'),
  measurement: z.object({
    method: z.string(),
    domainTokens: z.union([z.number(), z.string()]).optional(),
    perplexity: z.number(),
  }),
});

interface Outcome {
  readonly engine: EngineName;
  readonly device: string;
  readonly seconds: number;
  /** By method and in-domain tokens. */
  readonly perplexities: ReadonlyMap<string, number>;
}

async function outcomeOn(engine: EngineName, device: string, env: NodeJS.ProcessEnv): Promise<Outcome> {
  const folder = await mkdtemp(join(tmpdir(), 'parlance-engines-'));
  try {
    await cp(join(SAMPLE, 'commands'), join(folder, 'domain'), {
      recursive: true,
      filter: async (path) => {
        const entry = await stat(path);
        return entry.isDirectory() || entry.size < LARGEST_DOMAIN_FILE;
      },
    });
    for (const part of ['using-npm', 'configuring-npm']) {
      await cp(join(SAMPLE, part), join(folder, 'generic'), { recursive: true });
    }
    await writeFile(join(folder, 'parlance.json'), JSON.stringify(experiment));
    const began = performance.now();
    const args = ['--import', 'tsx', 'src/cli.ts', 'run', folder, '--engine', engine, '--json'];
    const { stdout } = await execute(process.execPath, args, { cwd: root, env, maxBuffer: 1 << 28 });
    const lines = stdout.split('\n').filter((line) => line !== '');
    const measured = lines.flatMap((line) => measurement.safeParse(JSON.parse(line)).data ?? []);
    return {
      engine,
      device,
      seconds: (performance.now() - began) / 1000,
      perplexities: new Map(
        measured.map(({ measurement: { method, domainTokens, perplexity } }) => [
          domainTokens === undefined ? method : `${method}, ${domainTokens}`,
          perplexity,
        ]),
      ),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function outcomes(): Promise<Outcome[]> {
  const all = [await outcomeOn('onnxruntime:cpu', 'processor', process.env)];
  const webgpu = await findEngine('onnxruntime:webgpu', 2);
  if (webgpu.adapter !== undefined) {
    all.push(await outcomeOn('onnxruntime:webgpu', webgpu.adapter.name, process.env));
  } else if (softwareDeviceMissing() === undefined) {
    all.push(await outcomeOn('onnxruntime:webgpu', 'SwiftShader', softwareDeviceEnvironment()));
  }
  for (const engine of ['tensorflow', 'pytorch'] as const) {
    const { available, detail } = await findEngine(engine, 2);
    if (available) all.push(await outcomeOn(engine, detail, process.env));
  }
  return all;
}

function table([reference, ...others]: readonly Outcome[], at: string): string {
  const cells = (perplexity: number | undefined, expected: number): string[] => [
    perplexity?.toFixed(4) ?? '',
    perplexity === undefined ? '' : Math.abs(perplexity / expected - 1).toExponential(1),
  ];
  const head = [
    'Held-out perplexity',
    `${reference.engine}`,
    ...others.flatMap(({ engine }) => [engine, 'differs by']),
  ];
  const rows = [...reference.perplexities].map(([name, expected]) => [
    name,
    expected.toFixed(4),
    ...others.flatMap(({ perplexities }) => cells(perplexities.get(name), expected)),
  ]);
  const lines = [head, head.map((_, i) => (i === 0 ? '---' : '---:')), ...rows];
  const devices = [reference, ...others].map(
    ({ engine, device, seconds }) => `${engine} on ${device} in ${seconds.toFixed(0)} s`,
  );
  return `${lines.map((row) => `| ${row.join(' | ')} |`).join('\n')}\n\n${at}: ${devices.join('; ')}.`;
}

const text = table(await outcomes(), `${new Date().toISOString().slice(0, 10)}, commit ${await commit()}`);
process.stdout.write(`${text}\n`);
if (process.argv.includes('--write')) {
  const page = await readFile(DOCUMENT, 'utf8');
  const [before, after] = [page.split(BEGIN)[0], page.split(END)[1]];
  await writeFileAtomic(DOCUMENT, `${before}${BEGIN}\n${text}\n${END}${after}`);
}
