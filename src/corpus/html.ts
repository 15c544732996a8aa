/** The readable text of an HTML page: no markup, scripts, images or link targets; headings as written. */
import { compile, type HtmlToTextOptions } from 'html-to-text';

const headings = ['h1', 'h2', 'h3', 'h4', 'h5', 'h6'];

const options: HtmlToTextOptions = {
  wordwrap: false,
  selectors: [
    { selector: 'a', options: { ignoreHref: true } },
    { selector: 'img', format: 'skip' },
    ...['script', 'style', 'template', 'noscript', 'svg', 'nav'].map((selector) => ({
      selector,
      format: 'skip',
    })),
    ...headings.map((selector) => ({ selector, options: { uppercase: false } })),
  ],
  limits: { maxInputLength: Number.MAX_SAFE_INTEGER },
};

export const htmlToPlainText: (html: string) => string = compile(options);
