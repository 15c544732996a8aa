/** The labelling commands by name: registered at activation, executed by what is loaded with the first. */
export const labelCommandNames = [
  'parlance.label',
  'parlance.labelInDomain',
  'parlance.labelHeldOut',
  'parlance.labelGeneric',
  'parlance.labelExcluded',
  'parlance.labelAndNext',
  'parlance.clearLabel',
  'parlance.labelGlob',
  'parlance.undoLabel',
  'parlance.followRename',
  'parlance.nextUnlabelled',
  'parlance.reviewSuggestions',
] as const;

export type LabelCommandName = (typeof labelCommandNames)[number];
