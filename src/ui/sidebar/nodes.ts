/**
 * The rows of a tree as plain data, and what differs between two states of it. A view is refreshed only where something
 * differs, and rows keep their ids, so that nothing flickers and the selection stays.
 */
import { isDeepStrictEqual } from 'node:util';

/** What a row is about, for commands. */
export type Subject =
  | { readonly kind: 'experiment'; readonly file: string }
  | { readonly kind: 'run'; readonly storage: string; readonly run: string }
  | { readonly kind: 'model'; readonly title: string; readonly folder: string }
  | AbsentModel;

/** A model of which only what was measured came along. */
export interface AbsentModel {
  readonly kind: 'absent-model';
  readonly title: string;
  readonly storage: string;
  readonly method: string;
  /** Fingerprint of its evaluation. */
  readonly evaluation: string;
}

/** A subject that came as plain values, from a notification, a panel or a key binding. */
export function parseSubject(value: unknown): Subject | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  // By hand: this is needed at activation, and zod's tables are larger than all the rest of it.
  const { kind, file, storage, run, title, folder, method, evaluation }: Partial<Record<string, unknown>> = {
    ...value,
  };
  if (kind === 'experiment' && isText(file)) return { kind, file };
  if (kind === 'run' && isText(storage) && isText(run)) return { kind, storage, run };
  if (kind === 'model' && isText(title) && isText(folder)) return { kind, title, folder };
  if (kind === 'absent-model' && isText(title) && isText(storage) && isText(method) && isText(evaluation)) {
    return { kind, title, storage, method, evaluation };
  }
  return undefined;
}

const isText = (value: unknown): value is string => typeof value === 'string';

export interface TreeNode {
  /** Unique in its tree and the same as long as it means the same thing. */
  readonly id: string;
  readonly label: string;
  readonly description?: string;
  readonly tooltip?: string;
  /** A codicon and, besides its shape, a colour of the theme. */
  readonly icon?: { readonly name: string; readonly color?: string };
  /** Words that menus look for. */
  readonly context?: string;
  /** What a click does, with the plain values that it is given. */
  readonly command?: {
    readonly name: string;
    readonly title: string;
    readonly arguments: readonly (string | Subject)[];
  };
  /** Absolute path of the file that the row stands for; a click opens it. */
  readonly file?: string;
  /** What a screen reader says. */
  readonly spoken: string;
  readonly isOpen?: boolean;
  /** `on demand`: asked of the view when the row is opened. Absent: the row cannot be opened. */
  readonly children?: readonly TreeNode[] | 'on demand';
  /** Changes when children `on demand` may have changed. */
  readonly version?: string;
  readonly subject?: Subject;
}

/** Ids of the topmost rows that must be asked for again; `undefined` when the roots themselves are others. */
export function changedRows(
  before: readonly TreeNode[],
  after: readonly TreeNode[],
): readonly string[] | undefined {
  if (!haveSameIds(before, after)) return undefined;
  return after.flatMap((node, index) => changesBelow(before[index], node));
}

function changesBelow(before: TreeNode, after: TreeNode): readonly string[] {
  const [older, newer] = [childrenOf(before), childrenOf(after)];
  if (appearance(before) !== appearance(after) || !haveSameIds(older, newer)) return [after.id];
  return newer.flatMap((node, index) => changesBelow(older[index], node));
}

export function childrenOf({ children }: TreeNode): readonly TreeNode[] {
  return children === undefined || children === 'on demand' ? [] : children;
}

/**
 * A row that is open from the beginning. The editor opens rows only when they are new to it, so one that has nothing to
 * show yet is another row.
 */
export function openRow(node: TreeNode): TreeNode {
  const isEmpty = node.children !== 'on demand' && childrenOf(node).length === 0;
  return { ...node, id: isEmpty ? `${node.id}/empty` : node.id, isOpen: true };
}

/** A message as a row shows it: in one line, and files by their paths in the folder of the experiment file. */
export function inOneLine(message: string, experimentFile: string): string {
  const folder = experimentFile.replace(/[^\\/]*$/, '');
  return message.replaceAll(folder, '').replace(/\s*\n\s*/g, ' ');
}

/** Names longer than this leave no room in a row for what stands behind them. */
const LONGEST_NAME = 20;
const LONGEST_FILE_NAME = 26;

/** A name in a row, cut in the middle where it is long: what stands behind it is seen, and both its ends tell. */
export function shortName(name: string, longest = LONGEST_NAME): string {
  const characters = [...name];
  if (characters.length <= longest) return name;
  const end = Math.floor((longest - 1) / 2);
  return `${characters.slice(0, longest - 1 - end).join('')}…${characters.slice(-end).join('')}`;
}

/** Of a file's name more is shown: what stands behind it is only where it lies. */
export function shortFileName(name: string): string {
  return shortName(name, LONGEST_FILE_NAME);
}

/** The first row about a subject, from the top. */
export function rowAbout(nodes: readonly TreeNode[], subject: Subject): TreeNode | undefined {
  for (const node of nodes) {
    const found = isDeepStrictEqual(node.subject, subject) ? node : rowAbout(childrenOf(node), subject);
    if (found !== undefined) return found;
  }
  return undefined;
}

function haveSameIds(one: readonly TreeNode[], other: readonly TreeNode[]): boolean {
  return one.length === other.length && one.every(({ id }, index) => id === other[index].id);
}

/** All that a row shows; whether it can be opened is part of it, what it holds is not. */
function appearance(node: TreeNode): string {
  const opens =
    node.children === undefined
      ? 'leaf'
      : node.children === 'on demand'
        ? 'on demand'
        : node.children.length > 0;
  return JSON.stringify({ ...node, children: opens });
}
