/**
 * Charts as files. The browser's side makes the whole content, the extension asks where it goes. An exported drawing
 * holds its own styles with the colours that the reader sees, so that it looks the same in any other program.
 */
import type { Table } from '../src/charts/table.ts';
import { tableCsv } from './csv.ts';
import { tell } from './editor.ts';

/** Of a picture, so that it is sharp in print. */
const PIXELS_PER_UNIT = 2;
/** Around a picture. */
const MARGIN = 16;
const NAMESPACE = 'http://www.w3.org/2000/svg';
const STYLED = [
  'fill',
  'fill-opacity',
  'stroke',
  'stroke-width',
  'stroke-opacity',
  'stroke-dasharray',
  'stroke-linecap',
  'stroke-linejoin',
  'opacity',
  'font-size',
  'font-weight',
  'text-decoration-line',
] as const;

export function exportSvg(name: string, svg: SVGSVGElement): void {
  tell({ type: 'export', name, format: 'svg', data: standaloneSvg(svg) });
}

export async function exportPng(name: string, svg: SVGSVGElement): Promise<void> {
  const width = svg.viewBox.baseVal.width + 2 * MARGIN;
  const height = svg.viewBox.baseVal.height + 2 * MARGIN;
  const picture = new Image(width, height);
  picture.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(standaloneSvg(svg))}`;
  await picture.decode();
  const canvas = document.createElement('canvas');
  canvas.width = width * PIXELS_PER_UNIT;
  canvas.height = height * PIXELS_PER_UNIT;
  canvas.getContext('2d')?.drawImage(picture, 0, 0, canvas.width, canvas.height);
  const data = canvas.toDataURL('image/png').replace('data:image/png;base64,', '');
  tell({ type: 'export', name, format: 'png', data });
}

export function exportCsv(name: string, table: Table): void {
  tell({ type: 'export', name, format: 'csv', data: tableCsv(table) });
}

/** A copy with each element's visible style as attributes, on the editor's background. */
function standaloneSvg(svg: SVGSVGElement): string {
  const copy = svg.cloneNode(true);
  if (!(copy instanceof SVGSVGElement)) return '';
  const originals = svg.querySelectorAll('*');
  for (const [index, element] of [...copy.querySelectorAll('*')].entries()) {
    for (const name of ['class', 'tabindex', 'role', 'data-point', 'data-key']) element.removeAttribute(name);
    if (element.matches('path, circle, text, rect, g')) takeStyle(element, originals[index]);
  }
  const width = svg.viewBox.baseVal.width + 2 * MARGIN;
  const height = svg.viewBox.baseVal.height + 2 * MARGIN;
  copy.setAttribute('viewBox', `${-MARGIN} ${-MARGIN} ${width} ${height}`);
  for (const [name, value] of Object.entries({ xmlns: NAMESPACE, width: `${width}`, height: `${height}` })) {
    copy.setAttribute(name, value);
  }
  copy.removeAttribute('class');
  copy.setAttribute('font-family', 'system-ui, sans-serif');
  const paper = document.createElementNS(NAMESPACE, 'rect');
  paper.setAttribute('x', `${-MARGIN}`);
  paper.setAttribute('y', `${-MARGIN}`);
  paper.setAttribute('width', `${width}`);
  paper.setAttribute('height', `${height}`);
  paper.setAttribute('fill', getComputedStyle(document.body).backgroundColor);
  copy.prepend(paper);
  return `<?xml version="1.0" encoding="UTF-8"?>\n${new XMLSerializer().serializeToString(copy)}\n`;
}

function takeStyle(target: Element, source: Element): void {
  const style = getComputedStyle(source);
  for (const name of STYLED) {
    const attribute = name === 'text-decoration-line' ? 'text-decoration' : name;
    target.setAttribute(attribute, style.getPropertyValue(name));
  }
}
