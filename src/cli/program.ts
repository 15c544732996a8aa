/**
 * The commands and their options. What a command needs is loaded when it is called, so that `--help` answers at once.
 */
import { Command, CommanderError, Option } from 'commander';
import { parseAmount, parseCount, parseInferenceLimit } from '../budget/planner/amounts.ts';
import { version } from '../common/version.ts';
import { EXPORT_FORMATS, WEIGHT_TYPES } from '../experiments/export/formats.ts';
import { failureOf, failureText } from './failure.ts';
import { exitCodeOf, stopWithoutReader } from './interruption.ts';
import {
  engine,
  parsed,
  parsePenalty,
  parsePort,
  parsePositive,
  parseRate,
  parseSeed,
  parseShare,
  parseTemperature,
  preset,
  python,
  threads,
  withCommonOptions,
  withExperiment,
  withHub,
} from './options.ts';

const MODEL_FOLDER = 'a folder with a model: a saved one, an artifact, or one in Hugging Face’s Llama layout';

/** Runs a command line and returns the exit code; errors are told on standard error. */
export async function main(args: readonly string[]): Promise<number> {
  stopWithoutReader();
  try {
    await program().parseAsync(args, { from: 'user' });
    return exitCodeOf(0);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (args.includes('--json')) {
      process.stdout.write(`${JSON.stringify({ type: 'error', ...failureOf(error) })}\n`);
    }
    process.stderr.write(failureText(error, process.env.PARLANCE_DEBUG === '1'));
    return exitCodeOf(failureOf(error).exitCode);
  }
}

function program(): Command {
  const parlance = new Command('parlance')
    .description('Find out which small, specialised language model is best for your text and your budgets.')
    .version(version)
    .showHelpAfterError()
    .exitOverride();
  const init = 'make an experiment for a folder of your text: asks, with proposed answers (--yes takes them)';
  withHub(parlance.command('init').description(`${init}, and writes parlance.json`))
    .argument('[folder]', 'the folder', '.')
    .option('--force', 'begin anew where there is a parlance.json, and replace it')
    .action(async (folder, options) => (await import('./init.ts')).init(folder, options));
  withExperiment(
    parlance,
    'run',
    'run an experiment, or go on with it; prints a table and the report’s place',
  )
    .addOption(preset())
    .addOption(threads())
    .addOption(engine())
    .addOption(python())
    .addOption(
      new Option('--on <where>', 'compute stages as jobs of a cluster (docs/cluster.md)').choices(['slurm']),
    )
    .option(
      '--ignore-lost-labels',
      'run although labels that keep text out of training name nothing any more',
    )
    .action(async (path, options) => (await import('./run.ts')).run(path, options));
  withExperiment(
    parlance,
    'plan',
    'say what a run would compute, its time and memory; with budgets, which method to use under them',
  )
    .addOption(preset())
    .addOption(threads())
    .addOption(engine())
    .addOption(python())
    .addOption(
      parsed('--pretraining <amount>', 'generic cost, paid once: 2PFLOP, 2e15, 90s, 20min, 2h', parseAmount),
    )
    .addOption(parsed('--specialization <amount>', 'cost for each domain, in the same units', parseAmount))
    .addOption(
      parsed(
        '--inference <amount>',
        'size of the final model: 1.3M parameters, or 500kFLOP a token',
        parseInferenceLimit,
      ),
    )
    .addOption(parsed('--domain-tokens <n>', 'in-domain training tokens: 50k, 1.2M', parseCount))
    .addOption(parsed('--domains <N>', 'number of domains that share the generic work', parsePositive))
    .option('--no-generic', 'the generic corpus is not at hand when the domain arrives')
    .option(
      '--no-measure',
      'train no step: the time comes from what was measured earlier on this machine, or is not told',
    )
    .addOption(
      parsed(
        '--device-rate <amount>',
        'operations a second of a graphics processor, such as 20TFLOP: says what one and sixteen would take',
        parseRate,
      ),
    )
    .action(async (path, options) => (await import('./plan.ts')).plan(path, options));
  withExperiment(parlance, 'status', 'list the runs and how they stand').action(async (path, options) =>
    (await import('./status.ts')).status(path, options),
  );
  withExperiment(parlance, 'report', 'write the report of the newest run again').action(
    async (path, options) => (await import('./report.ts')).report(path, options),
  );
  withExperiment(parlance, 'corpus', 'show what the corpora hold and what was left out').action(
    async (path, options) => (await import('./corpus.ts')).corpus(path, options),
  );
  withExperiment(
    parlance,
    'models',
    'list the models of an experiment, the one to use first, with their folders',
  ).action(async (path, options) => (await import('./models.ts')).models(path, options));
  parlance
    .command('stage')
    .description('compute stages of a run that was planned elsewhere, as a job of a cluster does')
    .argument('<fingerprint...>', 'stages that the storage has a plan of')
    .requiredOption('--storage <folder>', 'the storage that the run was planned in')
    .addOption(threads())
    .option('--events <file>', 'a file that what happens is appended to, a JSON object a line')
    .action(async (fingerprints, options) => (await import('./stage.ts')).stage(fingerprints, options));
  parlance
    .command('complete')
    .description('continue a text with a model that a run made')
    .argument('<text>', 'the beginning; empty for a new text')
    .requiredOption('--model <folder>', 'a saved model, or a model’s artifact')
    .addOption(parsed('--tokens <n>', 'the most tokens that are written', parsePositive).default(64))
    .addOption(
      parsed(
        '--temperature <t>',
        'a temperature of the draw, from 0 (always the likeliest token) to 10',
        parseTemperature,
      ).default(0.8),
    )
    .addOption(
      parsed('--top-k <n>', 'a number of likeliest tokens to draw from; 0: all', parseSeed).default(0),
    )
    .addOption(
      parsed(
        '--top-p <p>',
        'a probability above 0 that the likeliest tokens to draw from reach together; 1: all',
        parseShare,
      ).default(1),
    )
    .addOption(
      parsed(
        '--repetition-penalty <r>',
        'a penalty from 1 (none) to 10 for tokens that stand in the text already',
        parsePenalty,
      ).default(1),
    )
    .addOption(
      new Option('--stop <text>', 'a text that ends the writing and is no part of it; may be repeated')
        .default([])
        .argParser((text, before: readonly string[]) => (text === '' ? before : [...before, text])),
    )
    .addOption(parsed('--seed <n>', 'a seed of the draw, a whole number from 0', parseSeed).default(1))
    .addOption(threads())
    .option('--json', 'JSON on standard output, one object a line')
    .action(async (text, options) => (await import('./complete.ts')).complete(text, options));
  withCommonOptions(
    parlance.command('export').description('write a model in the format of another program, with its card'),
  )
    .argument(
      '[model]',
      'a saved model, or a model’s artifact (default: the one that the experiment’s answer names)',
    )
    .addOption(
      new Option('--format <name>', 'hf: transformers, gguf: llama.cpp, onnx: transformers.js')
        .choices(EXPORT_FORMATS)
        .makeOptionMandatory(),
    )
    .addOption(
      new Option(
        '--type <name>',
        'how the weights are kept (default: f32; f16 in hf and gguf, q8_0 in gguf)',
      ).choices(WEIGHT_TYPES),
    )
    .requiredOption('--to <folder>', 'the folder that is made; an empty one may be there')
    .option('--licence <text>', 'what may be done with the model, as the card says it')
    .option('--experiment <path>', 'experiment file, or the folder of its parlance.json', '.')
    .action(async (model, options) => (await import('./export.ts')).exportTo(model, options));
  parlance
    .command('eval')
    .description('measure how well a model expects texts: perplexity and bits per byte')
    .argument(
      '<model>',
      'a folder with a model: a saved one, an artifact, or one in Hugging Face’s Llama layout',
    )
    .argument('<text...>', 'files or folders, read and cleaned as a corpus is; - for standard input')
    .addOption(threads())
    .option('--json', 'JSON on standard output, one object a line')
    .action(async (model, texts, options) => (await import('./eval.ts')).evaluate(model, texts, options));
  parlance
    .command('serve')
    .description('serve a model to other programs of this machine, under OpenAI’s /v1/completions')
    .argument('<model>', MODEL_FOLDER)
    .addOption(
      parsed('--port <n>', 'a port to listen on, from 0 (any that is free) to 65535', parsePort).default(
        8080,
      ),
    )
    .option('--host <name>', 'a loopback address or name to listen on', '127.0.0.1')
    .option('--token <token>', 'what clients send as their key (default: a random one, printed at the start)')
    .option('--no-token', 'let every program of this machine ask')
    .addOption(threads())
    .option('--json', 'JSON on standard output, one object a line')
    .action(async (model, options) => (await import('./serve.ts')).serve(model, options));
  withCommonOptions(parlance.command('why').description('show what an artifact was made from'))
    .argument('<fingerprint>', 'the first digits of a fingerprint, as a report shows it')
    .action(async (prefix, options) => (await import('./why.ts')).why(prefix, options));
  withHub(
    parlance
      .command('model')
      .description('fetch a checkpoint of the Llama layout from the Hugging Face hub, after asking')
      .argument('<id>', 'its name on the hub: <owner>/<name>')
      .argument(
        '[folder]',
        'where it is put (default: a folder of its name in the state folder of this user)',
      ),
  ).action(async (id, folder, options) => (await import('./model.ts')).model(id, folder, options));
  withHub(
    parlance
      .command('encoder')
      .description('fetch a sentence encoder for clustering from the Hugging Face hub, after asking')
      .argument('[folder]', 'where it is kept', '.parlance/encoders')
      .option('--model <name>', 'its name on the hub (default: the MiniLM that CRISP uses)'),
  ).action(async (folder, options) => (await import('./encoder.ts')).encoder(folder, options));
  parlance
    .command('tensorflow')
    .description(
      'make the engine tensorflow ready: fetch TensorFlow.js, after asking, or take a folder that has it',
    )
    .option('--from <folder>', 'a folder with TensorFlow.js in its node_modules; nothing is downloaded')
    .option('--yes', 'do not ask')
    .option('--json', 'JSON on standard output, one object a line')
    .action(async (options) => (await import('./tensorflow.ts')).tensorflow(options));
  withCommonOptions(
    parlance
      .command('machine')
      .description('check this machine: processor, memory, disk, engines, and what is missing'),
  )
    .argument('[path]', 'the workspace whose storage is looked at', '.')
    .addOption(threads())
    .addOption(python())
    .option('--measure', 'train a few steps of each preset’s models on each engine that works, for the speed')
    .action(async (path, options) => (await import('./machine.ts')).machine(path, options));
  withExperiment(parlance, 'clean', 'show what the storage holds, or make room')
    .option('--unreferenced', 'remove what no run refers to')
    .option('--work', 'remove unfinished work')
    .option('--quarantine', 'remove what was moved aside as damaged')
    .option(
      '--all',
      'remove all that is not in use; records of runs stay, but for superfluous ones of killed runs',
    )
    .option('--dry-run', 'only say what would go')
    .option('--yes', 'do not ask')
    .action(async (path, options) => (await import('./clean.ts')).clean(path, options));
  return parlance;
}
