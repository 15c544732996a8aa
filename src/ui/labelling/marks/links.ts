/** What lenses, hovers, quick fixes and trees hand to the commands, and its check: links carry plain JSON. */
import { MarkdownString, Uri } from 'vscode';
import * as z from 'zod';
import { labelNames } from '../../../corpus/labels/labels.ts';

const linkSchema = z.strictObject({
  /** The address of the file. */
  file: z.string().min(1),
  /** The key of one of its labelled passages. */
  passage: z.string().optional(),
  label: z.enum(labelNames).optional(),
  /** An entry that is to go; `file` is the labels file then. */
  entry: z.string().optional(),
  /** What was renamed outside of the editor; `file` is the labels file then. */
  rename: z.strictObject({ from: z.string().min(1), to: z.string().min(1) }).optional(),
  /** The selection gets the label of the passage, which is lost. */
  instead: z.literal('selection').optional(),
});

export type LabelLink = z.infer<typeof linkSchema>;

/** The commands that hovers may link to. */
export const linkedCommands = ['parlance.label', 'parlance.clearLabel', 'parlance.nextUnlabelled'] as const;

export function parseLink(value: unknown): LabelLink | undefined {
  const parsed = linkSchema.safeParse(value);
  return parsed.success ? parsed.data : undefined;
}

/** Plain lines, and links to our own commands and no others; text of files is escaped. */
export function hoverText(
  lines: readonly string[],
  links: readonly { readonly title: string; readonly command: string; readonly link: LabelLink }[],
): MarkdownString {
  const text = new MarkdownString('', true);
  text.isTrusted = { enabledCommands: linkedCommands };
  lines.forEach((line, index) => {
    if (index === 0) text.appendMarkdown('**');
    text.appendText(line);
    text.appendMarkdown(index === 0 ? '**\n\n' : '\n\n');
  });
  const anchors = links.map(
    ({ title, command, link }) =>
      `[${title}](${Uri.parse(`command:${command}?${encodeURIComponent(JSON.stringify([link]))}`)})`,
  );
  text.appendMarkdown(anchors.join(' · '));
  return text;
}
