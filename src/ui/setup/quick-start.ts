/**
 * `Quick Start`: a small experiment on this folder's text without a question, and its run: from scratch and pretrained on
 * look-alike text, one budget, one seed, all in-domain text. What it wrote can be changed by the wizard.
 */
import { commands, l10n, Uri, workspace } from 'vscode';
import { InputError } from '../../common/errors.ts';
import type { ExperimentFile } from '../../experiments/experiment-file.ts';
import {
  domainNames,
  domainPlaces,
  likelyDomain,
  likelyGeneric,
  proposedBudgets,
} from '../../experiments/proposal.ts';
import { experimentFileOf } from '../../experiments/proposed-file.ts';
import {
  FEWEST_DOCUMENTS,
  type TextPlace,
  type WorkspaceFacts,
  workspaceFacts,
} from '../../experiments/workspace-facts.ts';
import { experimentFileName } from '../experiments.ts';
import type { Services } from '../services.ts';
import { bundledGeneric } from './bundled-generic.ts';
import { noTextError, writeExperiment } from './create-experiment.ts';
import { chooseFolder } from './folders.ts';
import { withProgress } from './machine-check.ts';

const METHODS = ['slm-nopt', 'slm-is'];
const PRETRAINING_TOKENS = 65_536;

export async function quickStart({ context }: Services, of: unknown): Promise<void> {
  const folder = await chooseFolder(of);
  if (folder === undefined) return;
  const file = Uri.joinPath(folder.uri, experimentFileName);
  const isThere = await workspace.fs.stat(file).then(
    () => true,
    () => false,
  );
  if (!isThere) {
    const found = await withProgress(l10n.t('Looking at {0}', folder.name), async (signal) => {
      const facts = await workspaceFacts(folder.uri.fsPath, signal);
      return { facts, bundled: await bundledGeneric(context.extensionUri, folder.uri) };
    });
    if (found === undefined) return;
    const { facts, bundled } = found;
    if (facts.files === 0) throw noTextError(folder.uri);
    const generic = likelyGeneric(facts) ?? bundled?.place;
    if (generic === undefined) {
      throw new InputError(
        l10n.t('There is no generic text to pretrain on.'),
        l10n.t('Say where it is with "Parlance: Create Experiment…".'),
      );
    }
    const experiment = quickExperiment(folder.name, facts, generic);
    if (generic === bundled?.place) await bundled.copy();
    await writeExperiment(file, experiment, false);
  }
  await commands.executeCommand('parlance.run', file);
}

function quickExperiment(name: string, facts: WorkspaceFacts, generic: TextPlace): ExperimentFile {
  const domain = likelyDomain(domainPlaces(facts, generic));
  if (domain === undefined || domain.isTooFew) {
    throw new InputError(
      l10n.t('There are fewer than {0} documents besides generic text.', FEWEST_DOCUMENTS),
      l10n.t(
        'Put more files of your text into the folder, or say where they are with "Parlance: Create Experiment…".',
      ),
    );
  }
  const proposed = experimentFileOf({
    name,
    generic,
    domains: domainNames([domain], name),
    preset: 'tiny',
    ...proposedBudgets('tiny'),
    methods: METHODS,
    pretrainingTokens: [PRETRAINING_TOKENS],
    domainTokens: ['all'],
    seeds: [1],
  });
  // No longer on the domain than on generic text, but for one pass over it at least.
  return {
    ...proposed,
    specialization: { ...proposed.specialization, maximumTokens: PRETRAINING_TOKENS },
  };
}
