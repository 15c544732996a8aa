/** One shape a label wherever it is shown: in lists and trees a codicon, in the gutter the same shape (media/labels). */
import type { Label } from '../corpus/labels/labels.ts';

export const LABEL_ICONS: Readonly<Record<Label, string>> = {
  'in-domain': 'circle-filled',
  'held-out': 'lock',
  generic: 'globe',
  excluded: 'circle-slash',
};
