/**
 * What is taken where nobody is asked: all text of the folder is the domain, but for text that is surely meant as generic.
 * The wizard's proposals guess more, because somebody looks at them.
 */
import { type Choices, domainNames, type FolderFacts, namedGeneric, proposedChoices } from './propose.ts';
import { withoutGeneric } from './proposed-file.ts';
import { type TextPlace, textOf, type WorkspaceFacts } from './workspace-facts.ts';

/** A folder of its own that is called so; in other folders the name may mean anything. */
export function surelyGeneric(facts: WorkspaceFacts): TextPlace | undefined {
  return namedGeneric(facts).find(({ path }) => !path.includes('/'));
}

/** All text of a folder beside the generic corpus, which may be none. */
export async function wholeDomain(
  root: string,
  generic: TextPlace | undefined,
  signal?: AbortSignal,
): Promise<TextPlace> {
  const source = withoutGeneric({ path: '.' }, generic);
  return { path: '.', ...(await textOf(root, [source], signal)) };
}

export async function unaskedChoices(folder: FolderFacts): Promise<Choices> {
  const { name, facts, bundled } = folder;
  const generic = surelyGeneric(facts) ?? bundled;
  const domains = domainNames([await wholeDomain(facts.root, generic)], name);
  return proposedChoices(folder, { generic, domains });
}
