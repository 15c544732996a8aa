/** Options that commands share, and what their values may be. */
import { resolve } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { parseAmount, parseCount } from '../budget/planner/amounts.ts';
import { ENGINE_REQUESTS } from '../engines/names.ts';
import { PYTHON_VARIABLE } from '../engines/pytorch/python-variable.ts';
import { PRESET_NAMES } from '../experiments/config/presets.ts';

/** A command on an experiment file, with the options that all commands have. */
export function withExperiment(parlance: Command, name: string, description: string): Command {
  return withCommonOptions(parlance.command(name).description(description)).argument(
    '[path]',
    'experiment file, or the folder of its parlance.json',
    '.',
  );
}

/** A command that fetches from the hub. */
export function withHub(command: Command): Command {
  return command
    .option('--hub <url>', 'another address of the hub, such as a mirror’s')
    .option('--yes', 'do not ask')
    .option('--json', 'JSON on standard output, one object a line');
}

export function withCommonOptions(command: Command): Command {
  return command
    .option(
      '--storage <folder>',
      'where artifacts and runs are kept (default: .parlance/storage beside the file)',
    )
    .option('--json', 'JSON on standard output, one object a line');
}

export function preset(): Option {
  return new Option('--preset <name>', 'sizes and budgets where the file is silent').choices(PRESET_NAMES);
}

export function engine(): Option {
  return new Option('--engine <name>', 'what computes (default: auto, the fastest that works here)').choices(
    ENGINE_REQUESTS,
  );
}

/** The option's value goes to every process that may start PyTorch, so it is kept where they inherit it. */
export function python(): Option {
  return new Option(
    '--python <path>',
    'the Python that has PyTorch (default: the active environment’s, then python3)',
  ).argParser((text) => {
    // A name alone is looked for on the PATH; a path must hold from any folder, since it is repeated in commands.
    const path = /[\\/]/.test(text) ? resolve(text) : text;
    process.env[PYTHON_VARIABLE] = path;
    return path;
  });
}

/** An option whose text is read by `parse`, which gives `undefined` for what it cannot read. */
export function parsed(flags: string, description: string, parse: (text: string) => unknown): Option {
  return new Option(flags, description).argParser((text) => {
    const value = parse(text);
    if (value !== undefined) return value;
    throw new InvalidArgumentError(`Expected ${description}.`);
  });
}

export function parsePositive(text: string): number | undefined {
  const count = parseCount(text);
  return count !== undefined && count >= 1 ? count : undefined;
}

/** Operations a second. */
export function parseRate(text: string): number | undefined {
  const amount = parseAmount(text.replace(/\/s$/, ''));
  return amount?.unit === 'FLOPs' && amount.value > 0 ? amount.value : undefined;
}

export function parsePort(text: string): number | undefined {
  const value = Number(text);
  return text.trim() !== '' && Number.isInteger(value) && value >= 0 && value <= 65_535 ? value : undefined;
}

export function parseShare(text: string): number | undefined {
  const value = Number(text);
  return value > 0 && value <= 1 ? value : undefined;
}

export function parsePenalty(text: string): number | undefined {
  const value = Number(text);
  return value >= 1 && value <= 10 ? value : undefined;
}

export function parseTemperature(text: string): number | undefined {
  const value = Number(text);
  return text.trim() !== '' && value >= 0 && value <= 10 ? value : undefined;
}

export function parseSeed(text: string): number | undefined {
  const value = Number(text);
  return text.trim() !== '' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

export function threads(): Option {
  return new Option('--threads <number>', 'processor threads (default: all, at most 16)').argParser(
    (text) => {
      const count = Number(text);
      if (Number.isInteger(count) && count >= 1 && count <= 256) return count;
      throw new InvalidArgumentError('It must be a whole number from 1 to 256.');
    },
  );
}
