/** `parlance why`: the tree of what an artifact was made from. */
import { formatFlops, formatSeconds } from '../common/format.ts';
import { type JsonOption, type StorageOption, storageOf } from '../experiments/config/settings.ts';
import { why as explain, type Provenance } from '../pipeline/explain.ts';
import { ArtifactStore } from '../pipeline/store.ts';
import { writeJson } from './display/json.ts';

export async function why(prefix: string, options: StorageOption & JsonOption): Promise<void> {
  const provenance = await explain(new ArtifactStore(storageOf('.', options)), prefix);
  if (options.json) writeJson({ type: 'provenance', provenance });
  else process.stdout.write(`${treeLines(provenance).join('\n')}\n`);
}

/** One line an artifact; what is shown in full once is only named where it stands again. */
export function treeLines(root: Provenance): string[] {
  const shown = new Set<string>();
  const visit = (node: Provenance, role: string, indent: string, branch: string): string[] => {
    const name = `${indent}${branch}${role === '' ? '' : `${role}: `}${shortened(node.fingerprint)}`;
    if (node.state === 'gone') return [`${name}  cleaned away`];
    if (shown.has(node.fingerprint)) return [`${name}  ${node.label} (as above)`];
    shown.add(node.fingerprint);
    const { label, booking, cost } = node;
    const work = cost.flops > 0 ? `, ${formatFlops(cost.flops)}` : '';
    const lines = [`${name}  ${label} (${booking}, ${formatSeconds(cost.seconds)}${work})`];
    const below = indent + (branch === '' ? '' : branch === '└─ ' ? '   ' : '│  ');
    const inputs = Object.entries(node.inputs);
    inputs.forEach(([inputRole, input], i) => {
      lines.push(...visit(input, inputRole, below, i === inputs.length - 1 ? '└─ ' : '├─ '));
    });
    return lines;
  };
  return visit(root, '', '', '');
}

function shortened(fingerprint: string): string {
  return fingerprint.slice(0, 12);
}
