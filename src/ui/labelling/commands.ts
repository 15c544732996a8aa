/** The labelling commands. */
import { extname } from 'node:path';
import { l10n, type Memento, Selection, Uri, window, workspace } from 'vscode';
import { InputError, ParlanceError } from '../../common/errors.ts';
import { clearLabel, type LabelTarget, removeEntries, setLabel } from '../../corpus/labels/label-edits.ts';
import { formatEntry, type Label, LabelsFileError, labelNames } from '../../corpus/labels/labels.ts';
import type { Milestones } from '../milestones.ts';
import { tellOf } from '../next-step.ts';
import { parseSubject } from '../sidebar/nodes.ts';
import type { LabelCommandName } from './command-names.ts';
import { domainsClaiming } from './domain-claims.ts';
import type { ExperimentFacts } from './experiment-facts.ts';
import { parseLink } from './marks/links.ts';
import { allDomains, pickDomain, pickGlob, pickLabel } from './picks.ts';
import { type LabelChoice, type LabelRequest, nameOf, type Requests } from './requests.ts';
import type { Review } from './review.ts';
import type { LabelStore } from './store/label-store.ts';
import type { LabelStores } from './store/label-stores.ts';
import { filesBelow } from './store/renames.ts';
import { nothingToUndo } from './store/undo-list.ts';
import { Elsewhere, tellExceptions } from './what-holds.ts';
import { doneText, labelOf } from './words.ts';

const messageMs = 5000;
const lastLabelKey = 'parlance.lastLabel';
const lastDomainKey = 'parlance.lastDomain';

export interface CommandParts {
  readonly stores: LabelStores;
  readonly requests: Requests;
  readonly facts: ExperimentFacts;
  readonly review: Review;
  readonly state: Memento;
  readonly milestones: Milestones;
}

/** Runs a command with what the editor hands to it; its error is shown, not thrown. */
export type RunLabelCommand = (name: LabelCommandName, args: readonly unknown[]) => Promise<void>;

export function labelCommands(parts: CommandParts): RunLabelCommand {
  const labelling = new Labelling(parts);
  const fixed = (label: Label) => (args: readonly unknown[]) => labelling.label(args, label);
  const table: Record<LabelCommandName, (args: readonly unknown[]) => Promise<unknown>> = {
    'parlance.label': (args) => labelling.label(args),
    'parlance.labelInDomain': fixed('in-domain'),
    'parlance.labelHeldOut': fixed('held-out'),
    'parlance.labelGeneric': fixed('generic'),
    'parlance.labelExcluded': fixed('excluded'),
    'parlance.labelAndNext': (args) => labelling.labelAndNext(args),
    'parlance.clearLabel': (args) => labelling.clear(args),
    'parlance.labelGlob': () => labelling.glob(),
    'parlance.undoLabel': () => labelling.undo(),
    'parlance.followRename': (args) => labelling.followRename(args),
    'parlance.nextUnlabelled': (args) => labelling.next(linkedFile(args) ?? fileOfExperiment(args)),
    'parlance.reviewSuggestions': () => parts.review.start(),
  };
  return (name, args) => explained(() => table[name](args), parts.stores);
}

class Labelling {
  readonly #parts: CommandParts;
  readonly #elsewhere: Elsewhere;

  constructor(parts: CommandParts) {
    this.#parts = parts;
    this.#elsewhere = new Elsewhere(parts.facts);
  }

  /** Labels what is meant; asks for the label where none is given. True when something was labelled. */
  async label(args: readonly unknown[], given?: Label): Promise<boolean> {
    const requests = await this.#parts.requests.from(args, 'set');
    const [first] = requests;
    if (first.replaces !== undefined) {
      await this.#apply(first, { label: first.replaces.label, domain: first.replaces.domain });
      await this.#parts.review.labelled([first.uri]);
      return true;
    }
    const linked = parseLink(args[0])?.label;
    const label = given ?? linked ?? (await this.#pickLabel(requests));
    if (label === undefined) return false;
    if (label === 'clear') {
      await this.#clear(requests);
      return true;
    }
    const choices = new Map<LabelRequest, LabelChoice>();
    for (const request of requests) {
      const choice = await this.#choice(request, label, given === undefined);
      if (choice === undefined) return false;
      choices.set(request, choice);
    }
    for (const [request, choice] of choices) await this.#apply(request, choice);
    await this.#parts.review.labelled(requests.map(({ uri }) => uri));
    return true;
  }

  async labelAndNext(args: readonly unknown[]): Promise<void> {
    const label = labelNames.find((name) => isObject(args[0]) && args[0].label === name);
    const rest = label === undefined || parseLink(args[0]) !== undefined ? args : args.slice(1);
    const from = window.activeTextEditor?.document.uri;
    const wasReviewed = from !== undefined && this.#parts.review.isAt(from);
    if (!(await this.label(rest, label))) return;
    // A review has gone on by itself, unless the label was taken off.
    if (!wasReviewed || this.#parts.review.isAt(from)) await this.next(from);
  }

  async clear(args: readonly unknown[]): Promise<void> {
    const link = parseLink(args[0]);
    if (link?.entry !== undefined) return this.#remove(Uri.parse(link.file, true), link.entry);
    await this.#clear(await this.#parts.requests.from(args, 'clear'));
  }

  async glob(): Promise<void> {
    const uri = window.activeTextEditor?.document.uri;
    const open = uri && workspace.getWorkspaceFolder(uri);
    const folders = workspace.workspaceFolders ?? [];
    const folder = open ?? (folders.length === 1 ? folders[0] : await window.showWorkspaceFolderPick());
    if (folder === undefined) return;
    const store = this.#parts.stores.ofFolder(folder);
    await store.settled();
    if (store.problem !== undefined) throw store.problem;
    const glob = await pickGlob(folder.uri, `**/*${(uri && extname(uri.fsPath)) || '.md'}`);
    if (glob === undefined) return;
    const request = { store, uri: folder.uri, targets: [{ kind: 'glob', glob } satisfies LabelTarget] };
    const label = await this.#pickLabel([request]);
    if (label === 'clear') await this.#clear([request]);
    const choice =
      label === undefined || label === 'clear' ? undefined : await this.#choice(request, label, true);
    if (choice !== undefined) await this.#apply(request, choice);
  }

  /** Of a quick fix: what was renamed outside of the editor takes its labels along. */
  async followRename(args: readonly unknown[]): Promise<void> {
    const link = parseLink(args[0]);
    if (link?.rename === undefined) return;
    const store = await this.#parts.stores.required(Uri.parse(link.file, true));
    const { from, to } = link.rename;
    await store.followRenames([{ from, to, ...(await filesBelow(store.uriOf(to))) }]);
  }

  async undo(): Promise<void> {
    const store = this.#parts.stores.lastChanged();
    if (store === undefined) throw nothingToUndo();
    const { added, removed } = await store.undo();
    const entry = removed[0] ?? added[0];
    const name = entry.path ?? entry.glob ?? '';
    const what = removed.length > 0 ? labelOf(removed[0], l10n.t) : l10n.t('no label');
    done(l10n.t('Undone. {0}: {1}', name, what));
  }

  /** Opens the next file that no entry names, after a file, around the end. */
  async next(after: Uri | undefined): Promise<void> {
    const { review } = this.#parts;
    const from = after ?? window.activeTextEditor?.document.uri;
    if (from !== undefined && review.isAt(from)) return review.next();
    const found = await review.nextUnlabelled(from);
    if (found === undefined) done(l10n.t('Every file of the experiment has a label.'));
    else await window.showTextDocument(Uri.file(found), { preview: true });
  }

  async #pickLabel(requests: readonly LabelRequest[]): Promise<Label | 'clear' | undefined> {
    const [first] = requests;
    if (first.store.problem !== undefined) throw first.store.problem;
    const last = this.#parts.state.get<string>(lastLabelKey);
    const count = requests.reduce((sum, { targets }) => sum + targets.length, 0);
    const name = count === 1 ? nameOf(first) : l10n.t('{0} and {1} more', nameOf(first), count - 1);
    return pickLabel(
      name,
      labelNames.find((label) => label === last),
      true,
    );
  }

  /**
   * For which domain: the one that reads the text. Asked where several do, or none, unless one key is meant to do and it
   * was answered before.
   */
  async #choice(
    { uri, store, targets }: LabelRequest,
    label: Label,
    asks: boolean,
  ): Promise<LabelChoice | undefined> {
    void this.#parts.state.update(lastLabelKey, label);
    if (label === 'generic' || label === 'excluded') return { label, domain: undefined };
    const all = await this.#parts.facts.domains(uri);
    if (all.length < 2) return { label, domain: undefined };
    const claiming = domainsClaiming(all, store.folder.uri.fsPath, targets);
    if (claiming.length === 1) return { label, domain: claiming[0] };
    const domains = claiming.length > 0 ? claiming : all.map(({ name }) => name);
    const last = this.#parts.state.get<string>(lastDomainKey);
    if (!asks && last !== undefined && (last === allDomains || domains.includes(last))) {
      return { label, domain: last === allDomains ? undefined : last };
    }
    const choice = await pickDomain(label, domains, last);
    if (choice !== undefined) void this.#parts.state.update(lastDomainKey, choice.domain ?? allDomains);
    return choice;
  }

  async #apply(request: LabelRequest, { label, domain }: LabelChoice): Promise<void> {
    const { store, targets } = request;
    await store.change((entries) => setLabel(entries, targets, label, domain));
    this.#parts.milestones.reach('labelled');
    const what = labelOf({ label, domain }, l10n.t);
    done(doneText(what, targets.length, nameOf(request), l10n.t));
    tellExceptions(request);
    await this.#elsewhere.tell(request, label);
  }

  /** Of a quick fix: an entry that names nothing, or whose passage is lost. */
  async #remove(labelsFile: Uri, key: string): Promise<void> {
    const store = await this.#parts.stores.required(labelsFile);
    if (store.problem !== undefined) throw store.problem;
    const entry = store.index.entries.find((one) => formatEntry(one) === key);
    if (entry === undefined)
      throw new InputError('This entry is no longer in labels.json.', 'Look at the file once more.');
    await store.change((entries) => removeEntries(entries, [entry]));
    done(doneText(l10n.t('label removed'), 1, entry.path ?? entry.glob ?? '', l10n.t));
  }

  async #clear(requests: readonly LabelRequest[]): Promise<void> {
    for (const request of requests) {
      const { store, targets } = request;
      if (store.problem !== undefined) throw store.problem;
      const { removed } = clearLabel(store.index.entries, targets);
      if (removed.length === 0) throw nothingToClear(request);
      await store.change((entries) => clearLabel(entries, targets));
      done(doneText(l10n.t('label removed'), targets.length, nameOf(request), l10n.t));
    }
  }
}

function nothingToClear(request: LabelRequest): InputError {
  const [target] = request.targets;
  const holding = target.kind === 'file' ? request.store.index.holding(target.path) : [];
  const name = nameOf(request);
  if (holding.length === 0) return new InputError(`${name} has no label to remove.`, 'Nothing was changed.');
  return new InputError(
    `${name} has no label of its own: it is ${holding[0].label} by the pattern ${holding[0].glob}.`,
    'Give the file another label, or remove the pattern in labels.json.',
  );
}

function linkedFile([first]: readonly unknown[]): Uri | undefined {
  const link = parseLink(first);
  return link && Uri.parse(link.file, true);
}

/** Where to go on in an experiment that a row stands for: from the file that is open, if it lies there. */
function fileOfExperiment([first]: readonly unknown[]): Uri | undefined {
  const subject = parseSubject(first);
  if (subject?.kind !== 'experiment') return undefined;
  const file = Uri.file(subject.file);
  const open = window.activeTextEditor?.document.uri;
  const isThere = open && workspace.getWorkspaceFolder(open) === workspace.getWorkspaceFolder(file);
  return isThere ? open : file;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function done(text: string): void {
  window.setStatusBarMessage(`$(tag) ${text}`, messageMs);
}

/** Runs a command and shows its error in the words of the command line; of a broken labels file, with a way to it. */
async function explained(command: () => Promise<unknown>, stores: LabelStores): Promise<void> {
  try {
    await command();
  } catch (error) {
    if (!(error instanceof ParlanceError)) throw error;
    const broken = stores
      .all()
      .find(({ problem }) => problem === error || problem?.message === error.message);
    if (broken === undefined) return tellOf(error);
    const open = l10n.t('Open labels.json');
    const answer = await window.showErrorMessage(`${error.message} ${error.hint}`, open);
    if (answer === open) await openAtMistake(broken);
  }
}

async function openAtMistake({ file, problem }: LabelStore): Promise<void> {
  const line = problem instanceof LabelsFileError ? problem.line - 1 : 0;
  const editor = await window.showTextDocument(file);
  const { range } = editor.document.lineAt(Math.min(line, editor.document.lineCount - 1));
  editor.selection = new Selection(range.start, range.end);
  editor.revealRange(range);
}
