/**
 * The HTML of a panel: nothing but what loads its script and styles. The policy forbids everything else; `data:` images
 * are what an export to PNG is drawn from. Pure, so that tests open the very page that the editor shows.
 */
import { escapeHtml } from '../../charts/escape.ts';

export interface PageAddresses {
  readonly script: string;
  readonly style: string;
  /** The source of styles in the policy, as the editor names it. */
  readonly policySource: string;
  readonly nonce: string;
  /** Absolute path of the experiment file: what the panel's kept state belongs to. */
  readonly experiment: string;
  readonly title: string;
}

export function panelPolicy({ policySource, nonce }: Pick<PageAddresses, 'policySource' | 'nonce'>): string {
  return `default-src 'none'; script-src 'nonce-${nonce}'; style-src ${policySource} 'nonce-${nonce}'; img-src data:; base-uri 'none'; form-action 'none'`;
}

export function panelHtml(addresses: PageAddresses): string {
  const { script, style, nonce, experiment, title } = addresses;
  return `<!doctype html>
<html lang="en" data-experiment="${escapeHtml(experiment)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escapeHtml(panelPolicy(addresses))}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<link rel="stylesheet" href="${escapeHtml(style)}">
</head>
<body>
<script nonce="${escapeHtml(nonce)}" src="${escapeHtml(script)}"></script>
</body>
</html>
`;
}
