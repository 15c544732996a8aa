/** Names of lines at their ends: short ways from the end to the name, so that none is taken for a line that goes on. */
import { escapeHtml } from '../../src/charts/escape.ts';
import { spreadLabels } from '../../src/charts/labels.ts';
import { colourClass, coordinate } from '../../src/charts/markers.ts';
import { type Frame, LABEL_DISTANCE, type PictureLine, widthOf } from './frame.ts';

const LABEL_GAP = 17;

interface EndLabel {
  readonly label: string;
  readonly index: number;
  /** Of the line's last point that can be seen. */
  readonly x: number;
  readonly y: number;
  /** Where the label begins and ends. */
  readonly from: number;
  readonly to: number;
}

/** Beside each line's last point that can be seen; those that would stand one on the other, one below the other. */
export function drawLabels(lines: readonly PictureLine[], frame: Frame): string {
  const ends = lines.flatMap(({ label, index, marked }): EndLabel[] => {
    const last = marked.findLast((mark) => frame.holds(mark));
    if (label === undefined || last === undefined) return [];
    const from = frame.x(last.x) + LABEL_DISTANCE;
    return [{ label, index, x: frame.x(last.x), y: frame.y(last.y), from, to: from + widthOf(label) }];
  });
  return groupsBesideEachOther(ends)
    .flatMap((group) => {
      const heights = spreadLabels(
        group.map(({ y }) => y),
        LABEL_GAP,
        frame.top,
        frame.bottom - LABEL_GAP / 2,
      );
      const from = Math.max(...group.map((end) => end.from));
      return group.map((end, i) => drawLabel(end, from, heights[i]));
    })
    .join('');
}

function drawLabel({ label, index, x, y }: EndLabel, from: number, height: number): string {
  const at = coordinate(height);
  const isFar = Math.abs(height - y) > LABEL_GAP / 2 || from - x > 2 * LABEL_DISTANCE;
  const lead = `M${coordinate(x)} ${coordinate(y)}L${coordinate(from - 4)} ${at}`;
  return `${isFar ? `<path class="lead-to-label ${colourClass(index)}" d="${lead}"/>` : ''}<text class="label" x="${coordinate(from)}" y="${at}" dy="0.35em">${escapeHtml(label)}</text>`;
}

/** Labels that share some of their width with another, together. */
function groupsBesideEachOther(ends: readonly EndLabel[]): readonly (readonly EndLabel[])[] {
  const groups: EndLabel[][] = [];
  let until = Number.NEGATIVE_INFINITY;
  for (const end of [...ends].sort((a, b) => a.from - b.from)) {
    const group = end.from < until ? groups.at(-1) : undefined;
    if (group === undefined) groups.push([end]);
    else group.push(end);
    // Labels of a group stand where its last one does.
    until = Math.max(until, end.from + Math.max(...(groups.at(-1) ?? []).map(({ label }) => widthOf(label))));
  }
  return groups;
}
