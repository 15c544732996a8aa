/** `Plan for Budgets…`: asks the budgets one by one, and shows what the planner says of the stored results. */
import { l10n, Uri, workspace } from 'vscode';
import { ParlanceError } from '../../common/errors.ts';
import { isAnswer, type Step, walk } from '../../experiments/proposal/dialogue.ts';
import { askCommandLine } from '../command-line.ts';
import { type OpenExperiment, refuseNested } from '../experiments.ts';
import { nothingMeasured, notTrusted } from '../missing.ts';
import type { Services } from '../services.ts';
import type { AnswerDocuments } from './documents.ts';
import { chooseFolder } from './folders.ts';
import { withProgress } from './machine-check.ts';
import { planReport } from './plan-report.ts';
import { budgetArguments, budgetQuestions } from './wizard/budgets.ts';
import { quickInput } from './wizard/steps.ts';

/** Answers of last time, kept for the workspace. */
const MEMENTO = 'parlance.plan.budgets';

export async function planForBudgets(
  services: Services,
  documents: AnswerDocuments,
  of: unknown,
): Promise<void> {
  const experiment = await experimentOf(services, of);
  if (experiment === undefined) return;
  if (experiment.content instanceof ParlanceError) throw experiment.content;
  if (!workspace.isTrusted) {
    throw notTrusted(l10n.t('Plans are made by a background process, and this folder is not trusted.'));
  }
  if (!(await hasMeasured(services, experiment.storage))) throw nothingMeasured();
  const { workspaceState, extensionUri } = services.context;
  const { plan } = experiment.content;
  const first = ['', '', '', '', String(plan.domains.length)];
  const answers = [...workspaceState.get<readonly string[]>(MEMENTO, first)];
  const prompts = [
    l10n.t('Pretraining: what may the generic work cost, once for all domains?'),
    l10n.t('Specialization: what may each domain cost?'),
    l10n.t('Inference: how large may the final model be?'),
    l10n.t('In-domain text: how many tokens do you have to train on?'),
    l10n.t('Domains: how many will share the generic work?'),
  ];
  const steps = budgetQuestions.map(({ example, isReadable }, i): Step => {
    const question = `${prompts[i]} ${l10n.t('For example {0}; empty: no limit.', example)}`;
    const check = (text: string): string | undefined =>
      text.trim() === '' || isReadable(text) ? undefined : l10n.t('Write it like {0}.', example);
    return async (place) => {
      const answer = await quickInput.askText(place, question, answers.at(i) ?? '', check);
      if (!isAnswer(answer)) return answer;
      answers[i] = answer.text;
      return 'next';
    };
  });
  if (!(await walk(l10n.t('Plan for Budgets'), () => steps))) return;
  await workspaceState.update(MEMENTO, answers);
  const { file, storage } = experiment;
  const args = ['plan', file, '--storage', storage, ...budgetArguments(answers)];
  const lines = await withProgress(l10n.t('Reading what was measured'), (signal) =>
    askCommandLine({ extensionUri, args, signal }),
  );
  const report = planReport(lines);
  if (report === undefined) {
    throw new ParlanceError(
      l10n.t('The planner gave no answer.'),
      l10n.t('Run the experiment, then plan again.'),
    );
  }
  await documents.show(l10n.t('Plan for {0}', experiment.content.name), report);
}

/** Whether any run of the storage has measured anything, as soon as its runs are known. */
function hasMeasured({ hosts }: Services, storage: string): Promise<boolean> {
  return new Promise((resolve) => {
    const watch = hosts.watch(storage, (runs) => {
      watch.dispose();
      resolve(runs.some(({ measurements }) => measurements.length > 0));
    });
  });
}

async function experimentOf(services: Services, of: unknown): Promise<OpenExperiment | undefined> {
  if (of === undefined) return services.experiments.choose();
  if (of instanceof Uri) refuseNested(of);
  const folder = await chooseFolder(of);
  return folder && services.experiments.of(folder.uri);
}
