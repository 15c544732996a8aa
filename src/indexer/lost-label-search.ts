/** Labels that name nothing among the files that are followed, and where what they named may be now. */
import type { LabelledFiles, ListedFile } from '../corpus/labels/labelled-files.ts';
import type { LostLabel } from '../corpus/labels/lost-labels.ts';
import type { CorpusFollower } from '../corpus/watching/corpus-follower.ts';
import type { Experiment } from '../experiments/config/experiment.ts';
import { lostLabelsOf } from '../experiments/execution/lost-labels.ts';
import type { LabelsWatch } from './labels-watch.ts';

export class LostLabelSearch {
  readonly #labels: LabelsWatch;
  readonly #labelled: LabelledFiles;
  #found: readonly LostLabel[] = [];

  constructor(labels: LabelsWatch, labelled: LabelledFiles) {
    this.#labels = labels;
    this.#labelled = labelled;
  }

  /** What the last look found. */
  get found(): readonly LostLabel[] {
    return this.#found;
  }

  async look(experiment: Experiment, followers: readonly CorpusFollower[]): Promise<void> {
    const { entries, file: labelsFile } = this.#labels;
    const listed = followers.flatMap(filesOf);
    const files = listed.map(({ path }) => path);
    await this.#labelled.look(entries, listed);
    const lost = await lostLabelsOf(experiment, { entries, labelsFile, files });
    this.#found = await this.#labelled.findAgain(lost, listed);
  }
}

const filesOf = ({ table }: CorpusFollower): ListedFile[] =>
  table.ordered().map(({ file: { found } }) => ({ path: found.absolute, bytes: found.size }));
