/** The text of a new parlance.json: the least that an experiment must say. Everything else has a default. */
export function experimentTemplate(folderName: string): string {
  const experiment = {
    name: folderName,
    generic: { sources: [{ path: '../generic' }] },
    domains: [{ name: folderName, sources: [{ path: '.' }] }],
  };
  return `${JSON.stringify(experiment, null, 2)}\n`;
}
