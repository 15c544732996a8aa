/** Labels that name nothing among the files that are followed, and where what they named may be now. */
import type { LabelledFiles, ListedFile } from '../corpus/labels/labelled-files.ts';
import type { LostLabel } from '../corpus/labels/lost-labels.ts';
import type { FoundFile } from '../corpus/sources/found-file.ts';
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
    const files = followers.flatMap(filesOf);
    const listed = files.map(({ absolute, size }): ListedFile => ({ path: absolute, bytes: size }));
    await this.#labelled.look(entries, listed);
    const lost = await lostLabelsOf(experiment, { entries, labelsFile, files });
    this.#found = await this.#labelled.findAgain(lost, listed);
  }
}

const filesOf = ({ table }: CorpusFollower): FoundFile[] => table.ordered().map(({ file }) => file.found);
