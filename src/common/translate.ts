/** As `l10n.t` of the editor: the message in the user's language, with `{0}`, `{1}`, … filled in. Modules without an editor take it as an argument. */
export type Translate = (message: string, ...values: (string | number)[]) => string;

/** The message as it is written. */
export const inEnglish: Translate = (message, ...values) =>
  message.replaceAll(/\{(\d+)\}/g, (_, place) => String(values[Number(place)]));
