/**
 * The Experiments tree as rows: experiment, its methods (each row is the newest run of a method; older attempts are
 * folded under it), and the stages of a run. States are told by shape and words; colour only adds to them. Pure.
 */
import { formatLocalTime } from '../../common/format.ts';
import { PERPLEXITY_EXPLAINED } from '../../common/measures.ts';
import type { Translate } from '../../common/translate.ts';
import type { RunView, StageView } from '../../experiments/runs/run-view.ts';
import { methodInWords } from '../../methods/titles.ts';
import {
  actionsOf,
  detailWords,
  isLiving,
  leadWords,
  methodWords,
  progressWords,
  runWords,
} from '../run-words.ts';
import { childrenOf, inOneLine, openRow, shortName, type TreeNode } from './nodes.ts';

/** An experiment of the workspace as far as the tree needs it. */
export interface ExperimentRows {
  /** Absolute path of parlance.json. */
  readonly file: string;
  readonly folderName: string;
  /** Its name and methods, or why its file cannot be used; that may be an error, which has a name too. */
  readonly content:
    | { readonly name: string; readonly methods: readonly string[] }
    | { readonly message: string; readonly hint: string; readonly isMissing: boolean };
  /** The newest first. */
  readonly runs: readonly RunView[];
}

type Icon = NonNullable<TreeNode['icon']>;

const PHASE_ICONS: Readonly<Record<RunView['phase'], Icon>> = {
  queued: { name: 'watch' },
  preparing: { name: 'loading~spin' },
  running: { name: 'sync~spin' },
  pausing: { name: 'debug-pause' },
  paused: { name: 'debug-pause' },
  stopping: { name: 'debug-stop' },
  finished: { name: 'pass', color: 'testing.iconPassed' },
  failed: { name: 'error', color: 'testing.iconFailed' },
  interrupted: { name: 'stop-circle' },
  cancelled: { name: 'circle-slash' },
  lost: { name: 'debug-disconnect', color: 'testing.iconFailed' },
};

const STAGE_ICONS: Readonly<Record<StageView['state'], Icon>> = {
  planned: { name: 'circle-outline' },
  started: { name: 'sync~spin' },
  progress: { name: 'sync~spin' },
  waiting: { name: 'watch' },
  reused: { name: 'history' },
  finished: { name: 'check', color: 'testing.iconPassed' },
  failed: { name: 'error', color: 'testing.iconFailed' },
  interrupted: { name: 'stop-circle' },
  quarantined: { name: 'warning', color: 'list.warningForeground' },
};

/** The roots; none when every experiment can be used and nothing has been run, so that the welcome shows. */
export function experimentRows(experiments: readonly ExperimentRows[], t: Translate): readonly TreeNode[] {
  const isEmpty = experiments.every(({ content, runs }) => 'methods' in content && runs.length === 0);
  return isEmpty ? [] : experiments.map((experiment) => experimentRow(experiment, t));
}

function experimentRow({ file, folderName, content, runs }: ExperimentRows, t: Translate): TreeNode {
  const id = `experiment:${file}`;
  const groups = byMethods(runs, 'methods' in content ? content.methods : []);
  const children = groups.map((group) => methodRow(group, t));
  if (!('methods' in content)) {
    const label = content.isMissing
      ? t('{0}: parlance.json is missing', shortName(folderName))
      : t('{0}: parlance.json cannot be used', shortName(folderName));
    return {
      id,
      label,
      description: inOneLine(content.message, file),
      tooltip: `${content.message}\n${content.hint}`,
      icon: { name: 'error', color: 'list.errorForeground' },
      context: 'broken',
      ...(content.isMissing ? {} : { file }),
      spoken: `${label}. ${content.message} ${content.hint}`,
      isOpen: true,
      ...(children.length === 0 ? {} : { children }),
    };
  }
  const living = runs.filter(isLiving).length;
  const finished = content.methods.filter((method) =>
    runs.some(({ methods, phase }) => phase === 'finished' && methods.includes(method)),
  );
  const description = [
    ...(living === 0 ? [] : [t('{0} active', living)]),
    t('{0} of {1} methods finished', finished.length, content.methods.length),
  ].join(' · ');
  return openRow({
    id,
    label: shortName(content.name),
    description,
    tooltip: `${content.name}\n${file}`,
    icon: { name: 'beaker' },
    context: 'experiment',
    spoken: t('Experiment {0}: {1}', content.name, description),
    children,
    subject: { kind: 'experiment', file },
  });
}

/** Runs of the same methods together, in the order of the experiment's methods; others behind them, the newest first. */
function byMethods(runs: readonly RunView[], order: readonly string[]): readonly (readonly RunView[])[] {
  const groups = new Map<string, RunView[]>();
  for (const run of [...runs].sort((a, b) => (a.created < b.created ? 1 : -1))) {
    const key = [...run.methods].sort().join(' ');
    groups.set(key, [...(groups.get(key) ?? []), run]);
  }
  const placeOf = ([{ methods }]: readonly RunView[]): number => {
    const place = methods.length === 1 ? order.indexOf(methods[0]) : -1;
    return place < 0 ? order.length : place;
  };
  return [...groups.values()].sort((a, b) => placeOf(a) - placeOf(b));
}

/** The newest run of a method; its row keeps its id as the newest changes, so that it stays open and selected. */
function methodRow([newest, ...older]: readonly RunView[], t: Translate): TreeNode {
  const id = `method:${newest.storage}:${[...newest.methods].sort().join(' ')}`;
  const row = runRow(newest, id, methodWords(newest, t), t);
  if (older.length === 0) return row;
  const label = t('Earlier attempts');
  const earlier: TreeNode = {
    id: `${id}/earlier`,
    label,
    description: String(older.length),
    icon: { name: 'history' },
    spoken: t('{0} earlier attempts', older.length),
    children: older.map((run) => runRow(run, `run:${run.storage}:${run.id}`, begun(run), t)),
  };
  return { ...row, children: [...childrenOf(row), earlier] };
}

function runRow(run: RunView, id: string, label: string, t: Translate): TreeNode {
  const words = runWords(run, t);
  const actions = actionsOf(run);
  const subject = { kind: 'run', storage: run.storage, run: run.id } as const;
  const children = [...resumeRow(run, id, t), ...run.stages.map((stage) => stageRow(stage, id, t))];
  return {
    id,
    label: [...leadWords(run, t), label].join(' · '),
    description: detailWords(run, t),
    tooltip: runTooltip(run, t),
    icon: PHASE_ICONS[run.phase],
    context: ['run', ...actions].join(' '),
    spoken: t('Run of {0}: {1}', methodWords(run, t), words),
    subject,
    ...(children.length === 0 ? {} : { children }),
  };
}

/** The next step of a run that broke off, as a row: an icon that shows on hovering is easily missed. */
function resumeRow(run: RunView, id: string, t: Translate): TreeNode[] {
  if (run.phase !== 'failed' && run.phase !== 'lost') return [];
  const label = t('Resume');
  const subject = { kind: 'run', storage: run.storage, run: run.id } as const;
  return [
    {
      id: `${id}/resume`,
      label,
      description: run.hint === '' ? t('goes on from the last checkpoint') : run.hint,
      icon: { name: 'debug-continue' },
      command: { name: 'parlance.resume', title: label, arguments: [subject] },
      spoken: t('Resume the run of {0}', methodWords(run, t)),
      subject,
    },
  ];
}

function runTooltip(run: RunView, t: Translate): string {
  return [
    `${run.title} · ${run.methods.map((id) => methodInWords(id)).join(', ')}`,
    t('Begun {0}', begun(run)),
    ...(run.recordedOn === undefined ? [] : [t('Recorded on another machine: {0}', run.recordedOn)]),
    t('Seeds {0}', run.seeds.join(', ')),
    runWords(run, t),
    // Why it waits has been said.
    run.phase === 'queued' ? '' : run.message,
    run.hint,
    ...(run.pid === undefined ? [] : [t('Process {0}', run.pid)]),
    ...(run.measurements.length === 0 ? [] : [t(PERPLEXITY_EXPLAINED)]),
  ]
    .filter((line) => line !== '')
    .join('\n');
}

function stageRow(stage: StageView, runId: string, t: Translate): TreeNode {
  const { label, state, message } = stage;
  const moves = state === 'progress' || state === 'started';
  const [share, ...left] = moves ? progressWords(stage, t) : [];
  const description = [
    ...(moves ? left : [stageWords(state, t)]),
    ...(message === '' || state === 'finished' || state === 'reused' ? [] : [message]),
  ].join(' · ');
  return {
    id: `${runId}/stage:${stage.fingerprint}`,
    // Stages have long names: how far it is stands before.
    label: share === undefined ? label : `${share} · ${label}`,
    description,
    tooltip: [label, stageWords(state, t), message].filter((line) => line !== '').join('\n'),
    icon: STAGE_ICONS[state],
    context: 'stage',
    spoken: [`${label}: ${stageWords(state, t)}`, share ?? '', description]
      .filter((part) => part !== '')
      .join(', '),
  };
}

function stageWords(state: StageView['state'], t: Translate): string {
  const words: Readonly<Record<StageView['state'], string>> = {
    planned: t('not begun'),
    started: t('running'),
    progress: t('running'),
    waiting: t('waits for another process that computes the same'),
    reused: t('made earlier, used again'),
    finished: t('finished'),
    failed: t('failed'),
    interrupted: t('stopped'),
    quarantined: t('was damaged, is computed anew'),
  };
  return words[state];
}

function begun({ created }: RunView): string {
  return formatLocalTime(created);
}
