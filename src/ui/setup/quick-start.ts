/**
 * `Quick Start`: a small experiment on this folder's text without a question, and its run: from scratch and pretrained on
 * look-alike text, one seed, all in-domain text, with budgets by the speed of this machine (quick-budgets.ts). What it
 * wrote can be changed by the wizard.
 */
import { commands, l10n, Uri, type WorkspaceFolder, window, workspace } from 'vscode';
import * as z from 'zod';
import { ParlanceError } from '../../common/errors.ts';
import { formatEstimate } from '../../common/format.ts';
import type { ExperimentFile } from '../../experiments/config/experiment-file.ts';
import { bundledGeneric, sampleWorkspace } from '../../experiments/proposal/bundled-generic.ts';
import {
  domainNames,
  possibleMethods,
  proposedBudgets,
  trainingTokens,
} from '../../experiments/proposal/propose.ts';
import { experimentFileOf } from '../../experiments/proposal/proposed-file.ts';
import { isQuick, type QuickBudgets, quickBudgets } from '../../experiments/proposal/quick-budgets.ts';
import { surelyGeneric, wholeDomain } from '../../experiments/proposal/unasked.ts';
import {
  FEWEST_DOCUMENTS,
  type TextPlace,
  workspaceFacts,
} from '../../experiments/proposal/workspace-facts.ts';
import { experimentFileName } from '../experiments.ts';
import { noText, notTrusted, tooFewDocuments } from '../missing.ts';
import type { Services } from '../services.ts';
import { chooseFolder } from './folders.ts';
import { withProgress } from './machine-check.ts';
import { writeNewExperiment } from './wizard/create-experiment.ts';
import { type DraftRequest, planDraft } from './wizard/draft.ts';

const PRESET = 'tiny';
const METHODS = ['slm-nopt', 'slm-is'];
/** Of a machine whose speed could not be measured. */
const SLOW_TOKENS_PER_SECOND = 5000;

export async function quickStart(services: Services, of: unknown): Promise<void> {
  const folder = await chooseFolder(of);
  if (folder === undefined) return;
  // A link of the walkthrough asks for no more than that the command exists.
  if (!workspace.isTrusted) {
    throw notTrusted(l10n.t('Experiments do not run in a folder that you have not trusted.'));
  }
  const file = Uri.joinPath(folder.uri, experimentFileName);
  const isThere = await workspace.fs.stat(file).then(
    () => true,
    () => false,
  );
  if (!isThere && !(await writeQuickExperiment(services, folder, file))) return;
  if ((await commands.executeCommand('parlance.run', file)) !== true) return;
  // The verdict is shown there as soon as there is one, and refined while the runs go on.
  await commands.executeCommand('parlance.openTradeoffs', file);
}

/** False when the user stopped it. */
async function writeQuickExperiment(
  services: Services,
  folder: WorkspaceFolder,
  file: Uri,
): Promise<boolean> {
  const { context } = services;
  const made = await withProgress(
    l10n.t('Looking at {0} and at this machine', folder.name),
    async (signal) => {
      const facts = await workspaceFacts(folder.uri.fsPath, signal);
      if (facts.files === 0) throw noText(folder.uri.fsPath);
      const own = surelyGeneric(facts);
      const bundled =
        own === undefined
          ? await bundledGeneric(sampleWorkspace(context.extensionUri.fsPath), folder.uri.fsPath)
          : undefined;
      const generic = own ?? bundled?.place;
      const domain = await wholeDomain(folder.uri.fsPath, generic, signal);
      if (domain.isTooFew) throw tooFewDocuments(FEWEST_DOCUMENTS);
      const draft = quickExperiment(folder.name, domain, generic);
      const request = { experiment: draft, folder: folder.uri, bundled, signal };
      const speed =
        (await speedOf(services, { ...request, measure: false })) ??
        (await speedOf(services, { ...request, measure: true }));
      if (signal.aborted) return undefined;
      const budgets = quickBudgets({
        tokensPerSecond: speed ?? SLOW_TOKENS_PER_SECOND,
        domainTokens: trainingTokens(domain, PRESET),
      });
      return { experiment: withBudgets(draft, budgets), budgets, bundled };
    },
  );
  if (made === undefined) return false;
  await made.bundled?.copy();
  await writeNewExperiment(file, made.experiment);
  if (!isQuick(made.budgets)) tellOfTime(made.budgets);
  return true;
}

const calibrationSchema = z.object({
  type: z.literal('plan'),
  calibrations: z.array(z.object({ model: z.string(), trainingTokensPerSecond: z.number() })),
});

/** Tokens a second of training the small model; `undefined` where it is not known, or cannot be measured. */
async function speedOf(services: Services, request: DraftRequest): Promise<number | undefined> {
  const lines = await planDraft(services, request).catch((error: unknown) => {
    // A run tells better what is wrong with the text.
    if (error instanceof ParlanceError) return [];
    throw error;
  });
  const plans = lines.flatMap((line) => calibrationSchema.safeParse(line).data ?? []);
  const small = plans.flatMap(({ calibrations }) => calibrations.filter(({ model }) => model === 'small'));
  return small.at(0)?.trainingTokensPerSecond;
}

function tellOfTime({ firstSeconds }: QuickBudgets): void {
  void window.showInformationMessage(
    l10n.t(
      'The first answer takes about {0} here (predicted), because all text of the folder is read once at least. For a sooner one cancel the runs, and choose less text with “Parlance: Create Experiment…”.',
      formatEstimate(firstSeconds),
    ),
  );
}

/** Without generic text there is nothing to compare with, but a model all the same. */
function quickExperiment(name: string, domain: TextPlace, generic: TextPlace | undefined): ExperimentFile {
  return experimentFileOf({
    name,
    ...(generic && { generic }),
    domains: domainNames([domain], name),
    preset: PRESET,
    ...proposedBudgets(PRESET, { generic }),
    methods: generic === undefined ? possibleMethods({}) : METHODS,
    domainTokens: ['all'],
    seeds: [1],
  });
}

function withBudgets(
  { pretraining: _proposed, ...experiment }: ExperimentFile,
  { pretrainingTokens, maximumTokens }: QuickBudgets,
): ExperimentFile {
  return {
    ...experiment,
    ...(experiment.generic && { pretraining: { tokens: [...pretrainingTokens] } }),
    specialization: { ...experiment.specialization, maximumTokens },
  };
}
