/**
 * `parlance init`: what the editor's *Create Experiment…* does, in a terminal. It looks at a folder, asks questions with
 * proposed answers, and writes parlance.json at the end and not before.
 */
import { stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InputError, InterruptedError } from '../common/errors.ts';
import { requireWritable, writeUserFile } from '../common/files.ts';
import { inEnglish } from '../common/translate.ts';
import { readUserTextIfThere } from '../common/user-text.ts';
import type { ExperimentFile } from '../experiments/config/experiment-file.ts';
import type { PresetName } from '../experiments/config/presets.ts';
import { shellCommand } from '../experiments/config/run-command.ts';
import { experimentFolder, type JsonOption } from '../experiments/config/settings.ts';
import { presetMemory } from '../experiments/estimation/machine.ts';
import {
  type BundledGeneric,
  bundledGeneric,
  chosenBundle,
  sampleWorkspace,
} from '../experiments/proposal/bundled-generic.ts';
import { isAnswer, type Offer, type Step, walk } from '../experiments/proposal/dialogue.ts';
import { choicesOf } from '../experiments/proposal/given-choices.ts';
import { findModels } from '../experiments/proposal/model-folders.ts';
import type { ModelSources } from '../experiments/proposal/model-question.ts';
import { type Choices, choiceWarnings, type FolderFacts } from '../experiments/proposal/propose.ts';
import {
  changedExperiment,
  experimentFileOf,
  experimentIn,
  experimentText,
} from '../experiments/proposal/proposed-file.ts';
import { type MachineMemory, Wizard } from '../experiments/proposal/questions.ts';
import { unaskedChoices } from '../experiments/proposal/unasked.ts';
import { FEWEST_DOCUMENTS, workspaceFacts } from '../experiments/proposal/workspace-facts.ts';
import { writeJson } from './display/json.ts';
import { dialogueHere, type TerminalDialogue } from './terminal-dialogue.ts';

export interface InitOptions extends JsonOption {
  /** Another address of the hub. */
  readonly hub?: string;
  readonly yes?: boolean;
  readonly force?: boolean;
}

export async function init(path: string, options: InitOptions): Promise<void> {
  const folder = experimentFolder(path);
  const file = join(folder, 'parlance.json');
  if (options.yes) return takeProposals(file, options);
  if (options.json || !process.stdin.isTTY) {
    throw new InputError(
      'parlance init asks questions, and nobody is there to answer them.',
      'Give --yes to take the proposed answers, or run it in a terminal.',
    );
  }
  const dialogue = dialogueHere();
  try {
    const machine = machineMemory();
    await converse(file, dialogue, { ...options, machine });
  } finally {
    dialogue.close();
  }
}

async function takeProposals(file: string, options: InitOptions): Promise<void> {
  const before = await readUserTextIfThere(file);
  if (before !== undefined && !options.force) {
    throw new InputError(
      `${file} is there, and it is not touched.`,
      'Edit it, run parlance init in a terminal to change it, or give --force to replace it.',
    );
  }
  const { facts, bundled } = await lookAt(dirname(file));
  const choices = await unaskedChoices(facts);
  if (choices.domains.length === 0 || choices.domains.some(({ place }) => place.isTooFew)) {
    throw new InputError(
      `${dirname(file)} has fewer than ${FEWEST_DOCUMENTS} documents besides generic text.`,
      'Put more files of your text into the folder, or say in a terminal, without --yes, where they are.',
    );
  }
  const decided = { experiment: experimentFileOf(choices), choices, bundled };
  await write(file, before, decided);
  const warnings = choiceWarnings(choices);
  if (options.json) {
    const copied = chosenBundle(choices, bundled)?.place.path;
    writeJson({
      type: 'experiment',
      file,
      experiment: decided.experiment,
      warnings,
      ...(copied && { copied }),
    });
    return;
  }
  for (const warning of warnings) process.stderr.write(`warning: ${warning}\n`);
  process.stdout.write(`${experimentText(decided.experiment)}\n${writtenText(file, decided)}\n`);
}

interface Conversation extends Pick<InitOptions, 'force' | 'hub'> {
  readonly machine?: MachineMemory;
}

/** Asks, and writes what was answered. Throws `InterruptedError` when the user stops. */
export async function converse(
  file: string,
  dialogue: TerminalDialogue,
  { force, hub, machine }: Conversation,
): Promise<void> {
  const before = await readUserTextIfThere(file);
  const given = before === undefined || force ? undefined : experimentOf(file, before);
  if (given !== undefined && !(await dialogue.isAgreed(`${file} is there. Change it?`))) {
    dialogue.tell('It stays as it is.');
    return;
  }
  const { facts, bundled } = await lookAt(dirname(file));
  const models = { found: await findModels(dirname(file)), fetch: fetchFrom(hub, dialogue) };
  const answers = given === undefined ? {} : await choicesOf(given, facts.facts, { looksOutside: true });
  const wizard = new Wizard({ ...facts, models, ...(machine && { machine }) }, answers, dialogue, inEnglish);
  const experiment = (): ExperimentFile =>
    given === undefined ? experimentFileOf(wizard.choices) : changedExperiment(given, wizard.choices);
  const replaced = given === undefined ? 'Replace' : 'Change';
  const last = lastStep(dialogue, before === undefined ? 'Write' : replaced, () => [
    experimentText(experiment()),
    ...choiceWarnings(wizard.choices).map((warning) => `warning: ${warning}`),
  ]);
  if (!(await walk('Create Experiment', () => [...wizard.steps, last]))) {
    throw new InterruptedError('Stopped; nothing was written.', 'Run the same command again to begin anew.');
  }
  const decided = { experiment: experiment(), choices: wizard.choices, bundled };
  await write(file, before, decided);
  dialogue.tell(`\n${writtenText(file, decided)}`);
}

/** As `parlance model` does, with its questions in the same conversation. */
function fetchFrom(hub: string | undefined, dialogue: TerminalDialogue): ModelSources['fetch'] {
  return async (id) => {
    const { fetchCheckpoint } = await import('./model.ts');
    return fetchCheckpoint(id, { hub }, (question) => dialogue.isAgreed(question));
  };
}

/** Throws `InputError` when the file has mistakes. */
function experimentOf(file: string, text: string): ExperimentFile {
  const given = experimentIn(text);
  if (given !== undefined) return given;
  throw new InputError(
    `${file} has mistakes.`,
    'Correct them (parlance plan names them), or give --force to replace the file by a new one.',
  );
}

interface Looked {
  readonly facts: FolderFacts;
  readonly bundled: BundledGeneric | undefined;
}

async function lookAt(folder: string): Promise<Looked> {
  const isFolder = await stat(folder).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
  if (!isFolder) {
    throw new InputError(
      `There is no folder ${folder}.`,
      'Make it and put your text into it, or name another folder.',
    );
  }
  const facts = await workspaceFacts(folder);
  if (facts.files === 0) {
    throw new InputError(
      `${folder} has no text files.`,
      'Put your text into it (Markdown, text, HTML, code, JSONL or Parquet files), or name another folder.',
    );
  }
  const bundled = await bundledGeneric(sampleWorkspace(installation()), folder);
  return { facts: { name: basename(folder), facts, ...(bundled && { bundled: bundled.place }) }, bundled };
}

/** Shows what would be written. An existing file is not what Enter replaces. */
function lastStep(
  dialogue: TerminalDialogue,
  verb: 'Write' | 'Replace' | 'Change',
  shown: () => readonly string[],
): Step {
  const write: Offer = { label: `${verb} parlance.json` };
  const leave: Offer = { label: 'Stop; nothing is written' };
  return async (place) => {
    dialogue.tell(`\n${shown().join('\n')}`);
    const answer = await dialogue.pickOne(place, {
      placeholder: 'Nothing is written before you say so.',
      items: [write, leave],
      active: verb === 'Replace' ? undefined : write,
    });
    if (!isAnswer(answer)) return answer;
    return answer === write ? 'next' : 'cancel';
  };
}

interface Decided extends Pick<Looked, 'bundled'> {
  readonly experiment: ExperimentFile;
  readonly choices: Choices;
}

/** `before`: the text that was found, so that nothing is overwritten that came meanwhile. */
async function write(
  file: string,
  before: string | undefined,
  { experiment, choices, bundled }: Decided,
): Promise<void> {
  if ((await readUserTextIfThere(file)) !== before) {
    throw new InputError(
      `${file} was changed meanwhile, and it is not touched.`,
      'Run the same command again to begin with what it says now.',
    );
  }
  await chosenBundle(choices, bundled)?.copy();
  await requireWritable(dirname(file));
  await writeUserFile(file, experimentText(experiment));
}

function writtenText(file: string, { choices, bundled }: Decided): string {
  const copied = chosenBundle(choices, bundled)?.place.path;
  const command = (name: string): string => shellCommand(['parlance', name, file]);
  return [
    `${file} is written.`,
    ...(copied === undefined ? [] : [`The text that comes with Parlance is in ${copied}/.`]),
    '',
    'Next:',
    `  ${command('plan')}`,
    '      says what a run would compute, and how long it takes',
    `  ${command('run')}`,
    '      runs it, and says which method is best',
  ].join('\n');
}

/** Where this program was installed, bundled or as sources. */
function installation(): string {
  const isSource = import.meta.url.endsWith('.ts');
  return fileURLToPath(new URL(isSource ? '../..' : '..', import.meta.url));
}

function machineMemory(): MachineMemory {
  const residentBytes = process.memoryUsage.rss();
  const of = (name: PresetName) => presetMemory(name, residentBytes);
  return {
    presets: {
      tiny: of('tiny'),
      small: of('small'),
      paper: of('paper'),
      laptop: of('laptop'),
      base: of('base'),
    },
    freeBytes: process.availableMemory(),
  };
}
