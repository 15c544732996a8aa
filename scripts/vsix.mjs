/**
 * Writes a .vsix: a zip with the extension's files below `extension/`, a manifest and a list of content types.
 * `@vscode/vsce` would do it with 285 packages of 125 MB, most of them for signing in to the marketplace; what it
 * writes into a package is these two small files.
 */
import { createWriteStream } from 'node:fs';
import { rename } from 'node:fs/promises';
import { extname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import yazl from 'yazl';

/**
 * @typedef {{ path: string, source: string }} Packed a path inside the extension, with `/`, and the file it comes from
 * @typedef {{ name: string, displayName: string, description: string, version: string, publisher: string, icon: string,
 *   categories: string[], keywords: string[], engines: { vscode: string }, extensionKind: string[] }} Manifest
 */

/** Zip cannot say an earlier time; a fixed one makes equal inputs give equal packages. */
const mtime = new Date(1980, 0, 1, 12);

const contentTypes = new Map([
  ['.json', 'application/json'],
  ['.md', 'text/markdown'],
  ['.txt', 'text/plain'],
  ['.js', 'application/javascript'],
  ['.css', 'text/css'],
  ['.svg', 'image/svg+xml'],
  ['.png', 'image/png'],
  ['.vsixmanifest', 'text/xml'],
]);

/**
 * @param {string} file where the package is written, whole or not at all
 * @param {Manifest} manifest
 * @param {string} target platform, such as `linux-x64`
 * @param {Packed[]} packed
 */
export async function writeVsix(file, manifest, target, packed) {
  const zip = new yazl.ZipFile();
  zip.addBuffer(Buffer.from(vsixManifest(manifest, target, packed)), 'extension.vsixmanifest', { mtime });
  zip.addBuffer(Buffer.from(contentTypesXml(packed)), '[Content_Types].xml', { mtime });
  for (const { path, source } of packed) {
    zip.addFile(source, `extension/${path}`, { mtime, mode: 0o100644, compressionLevel: 9 });
  }
  zip.end();
  const temporary = `${file}.${process.pid}.tmp`;
  await pipeline(zip.outputStream, createWriteStream(temporary));
  await rename(temporary, file);
}

/**
 * The manifest that VS Code reads before it unpacks an extension.
 * @param {Manifest} manifest
 * @param {string} target
 * @param {Packed[]} packed
 */
export function vsixManifest(manifest, target, packed) {
  const has = (/** @type {string} */ path) => packed.some((one) => one.path === path);
  const assets = [
    ['Microsoft.VisualStudio.Code.Manifest', 'package.json'],
    ['Microsoft.VisualStudio.Services.Content.Details', 'README.md'],
    ['Microsoft.VisualStudio.Services.Content.Changelog', 'CHANGELOG.md'],
    ['Microsoft.VisualStudio.Services.Content.License', 'LICENSE'],
    ['Microsoft.VisualStudio.Services.Icons.Default', manifest.icon],
  ].filter(([, path]) => has(path));
  const properties = [
    ['Microsoft.VisualStudio.Code.Engine', manifest.engines.vscode],
    ['Microsoft.VisualStudio.Code.ExtensionKind', manifest.extensionKind.join(',')],
    ['Microsoft.VisualStudio.Code.ExtensionDependencies', ''],
    ['Microsoft.VisualStudio.Code.ExtensionPack', ''],
  ];
  const lines = [
    '<?xml version="1.0" encoding="utf-8"?>',
    '<PackageManifest Version="2.0.0" xmlns="http://schemas.microsoft.com/developer/vsx-schema/2011">',
    '<Metadata>',
    `<Identity Language="en-US" Id="${xml(manifest.name)}" Version="${xml(manifest.version)}" ` +
      `Publisher="${xml(manifest.publisher)}" TargetPlatform="${xml(target)}"/>`,
    `<DisplayName>${xml(manifest.displayName)}</DisplayName>`,
    `<Description xml:space="preserve">${xml(manifest.description)}</Description>`,
    `<Tags>${xml(manifest.keywords.join(','))}</Tags>`,
    `<Categories>${xml(manifest.categories.join(','))}</Categories>`,
    '<Properties>',
    ...properties.map(([id, value]) => `<Property Id="${id}" Value="${xml(value)}"/>`),
    '</Properties>',
    '<License>extension/LICENSE</License>',
    `<Icon>extension/${xml(manifest.icon)}</Icon>`,
    '</Metadata>',
    '<Installation><InstallationTarget Id="Microsoft.VisualStudio.Code"/></Installation>',
    '<Dependencies/>',
    '<Assets>',
    ...assets.map(
      ([type, path]) => `<Asset Type="${type}" Path="extension/${xml(path)}" Addressable="true"/>`,
    ),
    '</Assets>',
    '</PackageManifest>',
  ];
  return `${lines.join('\n')}\n`;
}

/** @param {Packed[]} packed */
function contentTypesXml(packed) {
  const extensions = new Set([...packed.map(({ path }) => extname(path).toLowerCase()), '.vsixmanifest']);
  const defaults = [...extensions]
    .filter((extension) => extension !== '')
    .sort()
    .map((extension) => {
      const type = contentTypes.get(extension) ?? 'application/octet-stream';
      return `<Default Extension="${xml(extension)}" ContentType="${type}"/>`;
    });
  return (
    '<?xml version="1.0" encoding="utf-8"?>\n' +
    `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">${defaults.join('')}</Types>\n`
  );
}

/** @param {string} text */
function xml(text) {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
