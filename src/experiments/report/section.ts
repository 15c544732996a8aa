/** A section of the report. */
import type { Table } from '../../charts/table.ts';

export interface Section {
  readonly id: string;
  readonly title: string;
  readonly notes: readonly string[];
  readonly tables: readonly Table[];
  /** Long tables that the HTML folds away. */
  readonly folded: readonly Table[];
}
