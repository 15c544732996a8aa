/** A native tree over rows that are plain data (nodes.ts): one stable element a row, and only what differs is refreshed. */
import {
  type Disposable,
  EventEmitter,
  type MarkdownString,
  ThemeColor,
  ThemeIcon,
  type TreeDataProvider,
  TreeItem,
  TreeItemCollapsibleState,
  type TreeView,
  Uri,
  window,
} from 'vscode';
import { changedRows, childrenOf, rowAbout, type Subject, type TreeNode } from './nodes.ts';

/** What the editor hands to commands of a row. */
export class Row {
  #node: TreeNode;
  #parent: Row | undefined;

  constructor(node: TreeNode, parent: Row | undefined) {
    this.#node = node;
    this.#parent = parent;
  }

  /** The file that it stands for, or the file of its experiment; labelling and setting up look for it. */
  get resourceUri(): Uri | undefined {
    const { file, subject } = this.#node;
    const path = file ?? (subject?.kind === 'experiment' ? subject.file : undefined);
    return path === undefined ? undefined : Uri.file(path);
  }

  get node(): TreeNode {
    return this.#node;
  }

  get parent(): Row | undefined {
    return this.#parent;
  }

  get subject(): Subject | undefined {
    return this.#node.subject;
  }

  become(node: TreeNode, parent: Row | undefined): void {
    this.#node = node;
    this.#parent = parent;
  }
}

export interface RowSource {
  /** The rows of a node whose children are `on demand`. */
  children?(node: TreeNode): Promise<readonly TreeNode[]>;
  /** A tooltip that is only made when it is shown. */
  tooltip?(node: TreeNode): Promise<MarkdownString | string | undefined>;
}

interface RowTreeOptions {
  /** Whether several rows can be selected. */
  readonly several: boolean;
  /** What the figures at the beginning of rows are, beside the view's title. */
  readonly legend?: string;
}

export class RowTree implements TreeDataProvider<Row>, Disposable {
  readonly view: TreeView<Row>;
  readonly #changed = new EventEmitter<readonly Row[] | undefined>();
  readonly onDidChangeTreeData: TreeDataProvider<Row>['onDidChangeTreeData'];
  readonly #source: RowSource;
  readonly #rows = new Map<string, Row>();
  #roots: readonly TreeNode[] = [];

  constructor(viewId: string, source: RowSource, { several, legend }: RowTreeOptions) {
    this.#source = source;
    const changed = this.#changed.event;
    this.onDidChangeTreeData = (listener, self, disposables) =>
      changed(
        (rows) => listener.call(self, rows === undefined ? undefined : [...rows]),
        undefined,
        disposables,
      );
    this.view = window.createTreeView(viewId, {
      treeDataProvider: this,
      canSelectMany: several,
      showCollapseAll: true,
    });
    if (legend !== undefined) this.view.description = legend;
  }

  /** Shows other rows. */
  show(roots: readonly TreeNode[]): void {
    const changed = changedRows(this.#roots, roots);
    const former = new Set(this.#rows.keys());
    this.#roots = roots;
    this.#take(roots, undefined, former);
    for (const id of former) if (!this.#isLoaded(id)) this.#rows.delete(id);
    if (changed?.length === 0) return;
    this.#changed.fire(changed?.flatMap((id) => this.#rows.get(id) ?? []));
  }

  /** Asks for a row's children again. */
  refresh(id: string): void {
    const row = this.#rows.get(id);
    if (row !== undefined) this.#changed.fire([row]);
  }

  /** Shows and selects the first row about a subject, with what it lies in opened; nothing when there is none. */
  async reveal(subject: Subject): Promise<void> {
    const node = rowAbout(this.#roots, subject);
    const row = node && this.#rows.get(node.id);
    if (row !== undefined) await this.view.reveal(row, { select: true, focus: false });
  }

  /** A number on the view's icon; none for 0. */
  setBadge(value: number, tooltip: string): void {
    const before = this.view.badge;
    if ((before?.value ?? 0) === value) return;
    this.view.badge = value === 0 ? undefined : { value, tooltip };
  }

  async getChildren(row?: Row): Promise<Row[]> {
    const nodes = row === undefined ? this.#roots : await this.#childrenOf(row);
    return nodes.map((node) => this.#row(node, row));
  }

  getParent(row: Row): Row | undefined {
    return row.parent;
  }

  getTreeItem({ node }: Row): TreeItem {
    const item = new TreeItem(node.label, collapsibleState(node));
    item.id = node.id;
    item.description = node.description;
    item.contextValue = node.context;
    item.accessibilityInformation = { label: node.spoken };
    if (this.#source.tooltip === undefined) item.tooltip = node.tooltip;
    if (node.icon !== undefined) {
      const { name, color } = node.icon;
      item.iconPath = new ThemeIcon(name, color === undefined ? undefined : new ThemeColor(color));
    }
    if (node.file !== undefined) {
      item.resourceUri = Uri.file(node.file);
      item.iconPath ??= ThemeIcon.File;
      item.command = { command: 'vscode.open', title: node.label, arguments: [item.resourceUri] };
    }
    if (node.command !== undefined) {
      const { name, title, arguments: values } = node.command;
      item.command = { command: name, title, arguments: [...values] };
    }
    return item;
  }

  async resolveTreeItem(item: TreeItem, { node }: Row): Promise<TreeItem> {
    item.tooltip = (await this.#source.tooltip?.(node)) ?? node.tooltip ?? node.label;
    return item;
  }

  dispose(): void {
    this.view.dispose();
    this.#changed.dispose();
  }

  async #childrenOf({ node }: Row): Promise<readonly TreeNode[]> {
    if (node.children !== 'on demand') return childrenOf(node);
    return (await this.#source.children?.(node)) ?? [];
  }

  #take(nodes: readonly TreeNode[], parent: Row | undefined, former: Set<string>): void {
    for (const node of nodes) {
      former.delete(node.id);
      this.#take(childrenOf(node), this.#row(node, parent), former);
    }
  }

  #row(node: TreeNode, parent: Row | undefined): Row {
    const known = this.#rows.get(node.id);
    if (known !== undefined) {
      known.become(node, parent);
      return known;
    }
    const row = new Row(node, parent);
    this.#rows.set(node.id, row);
    return row;
  }

  /** Whether it came on demand, below a row that is still there. */
  #isLoaded(id: string): boolean {
    const parent = this.#rows.get(id)?.parent;
    return parent?.node.children === 'on demand' && this.#rows.get(parent.node.id) === parent;
  }
}

function collapsibleState({ children, isOpen }: TreeNode): TreeItemCollapsibleState {
  if (children === undefined || children.length === 0) return TreeItemCollapsibleState.None;
  return isOpen ? TreeItemCollapsibleState.Expanded : TreeItemCollapsibleState.Collapsed;
}
