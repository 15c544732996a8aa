/**
 * `npm run bench [-- a b c d e generation pytorch]`: seven measurements in one run on one machine, ours and the peer in turn, as one
 * Markdown table and one JSON file in bench/results. bench/README.md says what is measured and how.
 */
import { execFile } from 'node:child_process';
import { mkdir, readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Argument, Command, InvalidArgumentError } from 'commander';
import { writeFileAtomic } from '../src/common/files.ts';
import { loadEngine } from '../src/engines/names.ts';
import { OnnxRuntimeEngine } from '../src/engines/onnxruntime/engine.ts';
import { PYTHON_VARIABLE } from '../src/engines/pytorch/python-variable.ts';
import { benchEditor } from './editor.ts';
import { benchGeneration } from './generation.ts';
import { machineFacts } from './machine.ts';
import { findTorch, HOW_TO_GET_TORCH, type Python } from './peer.ts';
import { type BenchReport, markdown, replaceBlock } from './report.ts';
import { benchTokenizer } from './tokenizer.ts';
import { benchMatrixProducts } from './training/matrix-products.ts';
import { SIZES } from './training/sizes.ts';
import { benchTimeToPerplexity } from './training/time-to-perplexity.ts';
import { benchTrainingSpeed, type TrainingSpeed } from './training/training-speed.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const PARTS = ['a', 'b', 'c', 'd', 'e', 'generation', 'pytorch'];
const DOCUMENTS = ['README.md', 'bench/README.md'];

interface Options {
  readonly corpus?: string;
  readonly peerSeconds: readonly number[];
  readonly rates: readonly number[];
  readonly writeReadme?: true;
}

await new Command('bench')
  .addArgument(new Argument('[parts...]', 'which measurements').choices(PARTS))
  .option('--corpus <path>', 'text of (c): a folder, JSONL or text file; the sample when absent')
  .option('--peer-seconds <list>', "(c) lengths of the peer's runs, shortest first", numbers, [45, 90])
  .option('--rates <list>', '(c) learning rates that the peer tries', numbers, [1e-3, 2e-3, 4e-3])
  .option('--write-readme', 'put the table into README.md and bench/README.md')
  .action(async (parts: string[], options: Options) => {
    const report = await measure(new Set(parts.length > 0 ? parts : PARTS), options);
    const table = markdown(report);
    const { date, commit } = report.machine;
    const folder = join(root, 'bench', 'results');
    await mkdir(folder, { recursive: true });
    await writeFileAtomic(join(folder, `${date}-${commit}.json`), `${JSON.stringify(report, null, 2)}\n`);
    if (options.writeReadme) await writeDocuments(table);
    console.log(`\n${table}`);
  })
  .parseAsync();

async function measure(parts: ReadonlySet<string>, options: Options): Promise<BenchReport> {
  const began = performance.now();
  const engine = new OnnxRuntimeEngine({ threads: availableParallelism() });
  const python = await findTorch();
  const withoutTorch = python ? [] : ['a', 'c', 'pytorch'].filter((part) => parts.has(part));
  const skipped = withoutTorch.map((part) => `(${part}) ${HOW_TO_GET_TORCH}`);
  const training: TrainingSpeed[] = [];
  if (parts.has('b') || (parts.has('a') && python)) {
    for (const bench of SIZES) {
      say(`training speed, size ${bench.name}`);
      training.push(await benchTrainingSpeed(engine, bench, parts.has('a') ? python : undefined));
    }
  }
  if (parts.has('b')) say('matrix products');
  const ceiling = parts.has('b') ? await benchMatrixProducts(engine, python) : undefined;
  const timeToPerplexity =
    parts.has('c') && python
      ? await benchTimeToPerplexity(engine, python, {
          corpus: options.corpus ?? (await sampleCorpus()),
          peerSeconds: options.peerSeconds,
          rates: options.rates,
          say,
        })
      : undefined;
  if (parts.has('d')) say('tokenizer');
  const tokenizer = parts.has('d') ? await benchTokenizer() : undefined;
  if (parts.has('e')) say('the editor');
  const editor = parts.has('e') ? await benchEditor() : undefined;
  if (parts.has('generation')) say('generation');
  const generation = parts.has('generation') ? await benchGeneration(availableParallelism()) : [];
  const pytorch = parts.has('pytorch') && python ? await benchPyTorchEngine(python) : [];
  const machine = await machineFacts(engine, python);
  await engine.dispose();
  const tookSeconds = (performance.now() - began) / 1000;
  return {
    machine,
    training,
    ceiling,
    timeToPerplexity,
    tokenizer,
    editor,
    generation,
    pytorch,
    skipped,
    tookSeconds,
  };
}

/** Our engine on PyTorch against the same model written for PyTorch. */
async function benchPyTorchEngine(python: Python): Promise<TrainingSpeed[]> {
  process.env[PYTHON_VARIABLE] = python.interpreter;
  const engine = (await loadEngine('pytorch', availableParallelism())).engine();
  const speeds: TrainingSpeed[] = [];
  for (const bench of SIZES) {
    say(`training with the engine pytorch, size ${bench.name}`);
    speeds.push(await benchTrainingSpeed(engine, { ...bench, target: 1 }, python));
  }
  await engine.dispose();
  return speeds;
}

async function sampleCorpus(): Promise<string> {
  await promisify(execFile)(process.execPath, [join(root, 'samples', 'assemble.mjs')]);
  return join(root, 'samples', '.assembled', 'generic');
}

async function writeDocuments(table: string): Promise<void> {
  for (const name of DOCUMENTS) {
    const path = join(root, name);
    await writeFileAtomic(path, replaceBlock(await readFile(path, 'utf8'), table, name));
  }
}

/** Progress goes to standard error: standard output is the table. */
function say(message: string): void {
  console.error(`bench: ${message} …`);
}

function numbers(list: string): number[] {
  const values = list.split(',').map(Number);
  if (values.every((value) => value > 0)) return values.sort((a, b) => a - b);
  throw new InvalidArgumentError('Give numbers above 0, separated by commas.');
}
